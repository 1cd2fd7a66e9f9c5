"""How texts become sentences: one a line, at blanks, or by a segmenter that is given paragraphs."""

from collections.abc import Sequence
from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.sentence import Sentence
from tagger.text.paragraphs import Paragraph, lines_of
from tagger.text.raw import segment_lines, split_lines
from tagger.text.segmenters import ANYHOW, Cutting, RulesSegmenter, cut_text, cut_texts

RULES = RulesSegmenter()
LINES, BLANKS = Cutting(by="lines"), Cutting(by="blanks")
WRAPPED, UNWRAPPED = Cutting(wrapped=True), Cutting(wrapped=False)
JOINED = Cutting(paragraphs=False)
ALL = [ANYHOW, LINES, BLANKS, WRAPPED, UNWRAPPED, JOINED, Cutting(wrapped=True, paragraphs=False)]
PROSE = (
    "We had planned to repaint the boat before the summer, but the shed was cold and the paint "
    "would not dry. So it lay there until May with one green side and one white one, and whoever "
    "came by had to say something about it. In the end we liked it that way and left it alone."
)
PIECES = (
    ["Yes.", "no", "Mr.", "don't", "(ah!)", "3.5", "北。", "é", "word", "x" * 30, "\n\n"]
    + [*["\n"] * 4, " ", " ", "\t", "\r\n", "\u00a0", "\u2028", "\ufeff", "\0", "\u0301", "👍🏽"]
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
wrapped_texts = st.tuples(texts, st.integers(40, 80)).map(
    lambda drawn: f"{drawn[0]}\n" + "\n".join(wrap(PROSE, drawn[1]))
)
cuttings = st.sampled_from(ALL)


class Recorder(RulesSegmenter):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[list[Paragraph]] = []

    def segment(self, paragraphs: Sequence[Paragraph]) -> list[list[Sentence]]:
        self.asked.append([*paragraphs])
        return super().segment(paragraphs)

    def tokenize(self, lines: Sequence[Paragraph]) -> list[Sentence]:
        self.asked.append([*lines])
        return super().tokenize(lines)


def cut(text: str, cutting: Cutting = ANYHOW) -> list[str]:
    """The sentences, tokens with blanks between."""
    return [" ".join(sentence.forms) for sentence in cut_text(text, RULES, cutting)]


def test_rules_cut_each_paragraph_and_tokenize_each_line() -> None:
    paragraphs = [Paragraph("One. Two.", 3), Paragraph(" ", 13), Paragraph("Don't.", 15)]
    one, two, three = RULES.segment(paragraphs)
    assert [sentence.forms for sentence in one] == [("One", "."), ("Two", ".")]
    assert [sentence.start for sentence in one] == [3, 8]
    assert two == []
    assert three[0].offsets == ((15, 17), (17, 20), (20, 21))
    first, empty, _ = RULES.tokenize(paragraphs)
    assert first.forms == ("One", ".", "Two", ".")
    assert (empty.forms, empty.text, empty.start) == ((), " ", 13)
    assert (RULES.segment([]), RULES.tokenize([])) == ([], [])


def test_a_segmenter_finds_sentences_and_their_tokens() -> None:
    assert cut("He left. Don't!\nNo\n\n  \nMr. X") == ["He left .", "Do n't !", "No", "Mr. X"]


def test_a_line_is_a_sentence_whose_tokens_a_segmenter_finds() -> None:
    text = "He left. Don't!\n\n \nNo"
    assert cut(text, LINES) == ["He left . Do n't !", "", "", "No"]
    assert [s.text for s in cut_text(text, RULES, LINES)] == text.split("\n")


def test_a_line_is_a_sentence_whose_tokens_stand_between_blanks() -> None:
    text = "He left. Don't!\n\n \nNo"
    assert cut(text, BLANKS) == ["He left. Don't!", "", "", "No"]
    assert cut_text(text, RULES, BLANKS, 7) == list(split_lines(text, 7))


def test_blanks_need_no_segmenter() -> None:
    recorder = Recorder()
    cut_texts(["a b\nc", ""], recorder, BLANKS)
    assert recorder.asked == []


def test_a_line_break_is_a_blank_in_wrapped_text_alone() -> None:
    text = "It was\nlate. We\nleft.\n\nNo\none"
    assert cut(text, WRAPPED) == ["It was late .", "We left .", "No one"]
    assert cut(text, UNWRAPPED) == cut(text) == ["It was", "late .", "We", "left .", "No", "one"]
    assert [s.text for s in cut_text(text, RULES, WRAPPED)] == [
        "It was\nlate.",
        "We\nleft.",
        "No\none",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n"])
@pytest.mark.parametrize("width", [40, 55, 72, 80])
def test_wrapped_text_is_found_out_from_the_text(width: int, before: str, end: str) -> None:
    text = before + end.join([*wrap(PROSE, width), "", *wrap(PROSE, width), ""])
    found = cut_text(text, RULES)
    assert found == cut_text(text, RULES, WRAPPED)
    assert [sentence.forms[-1] for sentence in found] == ["."] * 6
    assert len(cut_text(text, RULES, UNWRAPPED)) > 6


def test_each_of_several_texts_is_judged_by_itself() -> None:
    wrapped, lines = "\n".join(wrap(PROSE, 60)), "It was\nlate. We\nleft."
    first, second, third = cut_texts([wrapped, lines, PROSE], RULES)
    assert [s.forms for s in first] == [s.forms for s in third]
    assert len(first) == 3
    assert [s.text for s in second] == ["It was", "late.", "We", "left."]


def test_lines_that_are_known_not_to_be_wrapped_are_left_apart() -> None:
    lines = wrap(PROSE, 60)
    recorder = Recorder()
    cut_text("\n".join(lines), recorder, UNWRAPPED)
    assert recorder.asked == [list(lines_of("\n".join(lines)))]
    assert cut_text("\n".join(lines), RULES, UNWRAPPED) == list(segment_lines("\n".join(lines)))


@pytest.mark.parametrize("wrapped", [True, False, None])
def test_blank_lines_are_blanks_too_where_there_are_no_paragraphs(wrapped: bool | None) -> None:
    text = "\nIt was\n\n \nlate. We\n\nleft\n"
    (first, second) = cut_text(text, RULES, Cutting(wrapped=wrapped, paragraphs=False), 5)
    assert (first.text, first.start) == ("It was\n\n \nlate.", 6)
    assert (second.text, second.start) == ("We\n\nleft", 22)
    assert second.offsets == ((22, 24), (26, 30))


@pytest.mark.parametrize(
    ("cutting", "joins"),
    [
        (ANYHOW, False),
        (WRAPPED, True),
        (UNWRAPPED, False),
        (JOINED, True),
        (Cutting(wrapped=False, paragraphs=False), True),
        (Cutting(by="lines", wrapped=True), False),
        (Cutting(by="blanks", paragraphs=False), False),
    ],
)
def test_lines_are_known_to_be_joined_by_segmenters_alone(cutting: Cutting, joins: bool) -> None:
    assert cutting.joins_lines == joins


@pytest.mark.parametrize("by", [LINES, BLANKS])
def test_one_line_is_one_sentence_whatever_is_said_of_wrapped_text(by: Cutting) -> None:
    text = "\n".join([*wrap(PROSE, 60), "", "No."])
    expected = cut_text(text, RULES, by)
    assert len(expected) == text.count("\n") + 1
    for wrapped in (True, False, None):
        assert (
            cut_text(text, RULES, Cutting(by=by.by, wrapped=wrapped, paragraphs=False)) == expected
        )


def test_a_segmenter_is_asked_once_for_all_texts() -> None:
    recorder = Recorder()
    cut_texts(["a\nb", "", "c"], recorder, start=4)
    cut_texts(["a\nb", "", "c"], recorder, LINES)
    assert recorder.asked == [[("a", 4), ("b", 6), ("c", 4)], [("a", 0), ("b", 2), ("c", 0)]]


@pytest.mark.parametrize("cutting", ALL)
def test_empty_texts_have_no_sentence(cutting: Cutting) -> None:
    assert cut_texts([], RULES, cutting) == []
    assert cut_text("", RULES, cutting) == cut_text("\ufeff", RULES, cutting) == []
    first, second, third = cut_texts(["", "one", ""], RULES, cutting)
    assert (first, third) == ([], [])
    assert [sentence.forms for sentence in second] == [("one",)]


@pytest.mark.parametrize("cutting", [c for c in ALL if c.by == "segmenter"])
def test_a_text_of_white_space_has_no_sentence(cutting: Cutting) -> None:
    assert cut_text(" \n\t\r\n\n\u00a0\n", RULES, cutting) == []


@given(texts | wrapped_texts, cuttings, st.integers(0, 2) | st.just(10**9))
def test_places_are_those_in_the_whole_text(text: str, cutting: Cutting, start: int) -> None:
    place = start
    for sentence in cut_text(text, RULES, cutting, start):
        assert sentence.offsets is not None
        assert sentence.text is not None
        begin = sentence.start - start
        assert sentence.text == text[begin : begin + len(sentence.text)]
        for form, (first, end) in zip(sentence.forms, sentence.offsets, strict=True):
            assert place <= first < end
            assert form == text[first - start : end - start]
            place = end


@given(texts | wrapped_texts, cuttings)
def test_every_character_but_white_space_is_in_a_token(text: str, cutting: Cutting) -> None:
    found = "".join(form for s in cut_text(text, RULES, cutting) for form in s.forms)
    assert "".join(found.split()) == "".join(text.removeprefix("\ufeff").split())


@given(st.lists(texts | wrapped_texts, max_size=5), cuttings, st.integers(0, 9))
def test_several_texts_give_what_each_gives_alone(
    texts: list[str], cutting: Cutting, start: int
) -> None:
    alone = [cut_text(text, RULES, cutting, start) for text in texts]
    assert cut_texts(texts, RULES, cutting, start) == alone


@given(texts, texts, st.sampled_from([LINES, BLANKS, UNWRAPPED]))
def test_a_part_that_begins_with_a_line_gives_what_it_gives_in_the_whole(
    first: str, second: str, cutting: Cutting
) -> None:
    first = f"{first}\n"
    parts = cut_text(first, RULES, cutting) + cut_text(second, RULES, cutting, len(first))
    assert cut_text(first + second, RULES, cutting) == parts

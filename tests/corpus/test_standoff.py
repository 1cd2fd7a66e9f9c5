"""A text and spans by characters become sentences whose tags say the same spans."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.standoff import MOST_LAYERS, GivenTokens, sentences_from_spans
from tagger.errors import CorpusError
from tagger.output.offsets import located
from tagger.output.spans import located_spans
from tagger.sentence import Sentence, place_of
from tagger.text.raw import segment_lines

TEXT = "Anna lives in New York. She likes it."


def read(
    text: str,
    *spans: tuple[int, int, str],
    tokens: GivenTokens | None = None,
    column: str | None = "ner",
    layers: int = 1,
) -> list[Sentence]:
    return sentences_from_spans(
        text, spans, path="a.jsonl", line=7, tokens=tokens, column=column, layers=layers
    )


def spans_of(sentences: list[Sentence]) -> list[tuple[int, int, str]]:
    """All spans of all columns by characters, as the outputs find them."""
    names = {name for sentence in sentences for name in sentence.columns}
    return sorted(
        (span.start, span.end, span.label)
        for sentence in sentences
        for name in names
        for span in located_spans(sentence, name)
    )


def words(*forms: str, text: str = TEXT) -> GivenTokens:
    """The forms as tokens of the text, one behind the other."""
    offsets: list[tuple[int, int]] = []
    for form in forms:
        start = text.index(form, offsets[-1][1] if offsets else 0)
        offsets.append((start, start + len(form)))
    return GivenTokens(offsets)


def test_a_text_is_cut_into_sentences_as_predict_cuts_it() -> None:
    first, second = read(TEXT, (0, 4, "PER"), (14, 22, "LOC"))
    assert first.forms == ("Anna", "lives", "in", "New", "York", ".")
    assert first.columns == {"ner": ("B-PER", "O", "O", "B-LOC", "I-LOC", "O")}
    assert second.forms == ("She", "likes", "it", ".")
    assert (second.start, second.text) == (24, "She likes it.")
    assert second.offsets == ((24, 27), (28, 33), (34, 36), (36, 37))


def test_a_text_without_spans_says_that_there_are_none() -> None:
    assert [s.columns["ner"] for s in read(TEXT)] == [("O",) * 6, ("O",) * 4]
    assert [s.columns for s in read(TEXT, column=None)] == [{}, {}]


def test_a_token_is_cut_where_a_span_begins_or_ends_inside_it() -> None:
    (sentence,) = read("pro-Russian rebels", (4, 11, "MISC"))
    assert sentence.forms == ("pro-", "Russian", "rebels")
    assert sentence.columns["ner"] == ("O", "B-MISC", "O")
    (sentence,) = read("Annas", (0, 4, "PER"), (2, 5, "X"))
    assert sentence.forms == ("An", "na", "s")
    assert sentence.columns == {"ner": ("B-PER", "I-PER", "O"), "ner2": ("O", "B-X", "I-X")}


def test_white_space_at_the_ends_of_a_span_is_not_in_it() -> None:
    assert spans_of(read(TEXT, (4, 10, "X"), (13, 24, "LOC"))) == [(5, 10, "X"), (14, 23, "LOC")]


def test_sentences_are_joined_where_a_span_reaches_across() -> None:
    text = "We saw Who? Me.\nHe left.\nYes."
    assert len(read(text)) == 4
    first, second, third = read(text, (7, 15, "WORK"))
    assert first.forms == ("We", "saw", "Who", "?", "Me", ".")
    assert first.columns["ner"] == ("O", "O", "B-WORK", "I-WORK", "I-WORK", "I-WORK")
    assert (second.text, third.text) == ("He left.", "Yes.")
    (joined,) = read(text, (7, 28, "WORK"))
    assert joined.text == text
    assert len(joined) == 11


def test_of_spans_that_overlap_the_longer_stands_first() -> None:
    text = "University of New York City"
    spans = (14, 22, "LOC"), (0, 22, "ORG"), (14, 27, "LOC"), (18, 22, "X"), (18, 22, "Y")
    (sentence,) = read(text, *spans)
    assert sentence.columns == {
        "ner": ("B-ORG", "I-ORG", "I-ORG", "I-ORG", "O"),
        "ner2": ("O", "O", "B-LOC", "I-LOC", "I-LOC"),
        "ner3": ("O", "O", "B-LOC", "I-LOC", "O"),
        "ner4": ("O", "O", "O", "B-X", "O"),
        "ner5": ("O", "O", "O", "B-Y", "O"),
    }
    (sentence,) = read("a b c", (2, 5, "X"), (0, 3, "Y"))
    assert sentence.columns == {"ner": ("B-Y", "I-Y", "O"), "ner2": ("O", "B-X", "I-X")}


def test_the_same_span_twice_counts_once() -> None:
    (sentence,) = read("Anna", (0, 4, "PER"), (0, 4, "PER"))
    assert sentence.columns == {"ner": ("B-PER",)}


def test_all_sentences_of_a_text_have_the_same_columns() -> None:
    sentences = read(TEXT, (14, 22, "LOC"), (14, 17, "X"))
    assert [list(s.columns) for s in sentences] == [["ner", "ner2"]] * 2
    assert [list(s.columns) for s in read(TEXT, layers=3)] == [["ner", "ner2", "ner3"]] * 2


def test_given_tokens_are_used_as_they_are() -> None:
    tokens = words("Anna lives", "in", "New", "York.", "She", "likes it.")
    first, second = read(TEXT, (0, 10, "X"), (14, 23, "LOC"), tokens=tokens)
    assert first.forms == ("Anna lives", "in", "New", "York.")
    assert first.columns["ner"] == ("B-X", "O", "B-LOC", "I-LOC")
    assert second.forms == ("She", "likes it.")


def test_given_sentences_win_over_rules() -> None:
    tokens = words(*TEXT.split())
    assert len(read(TEXT, tokens=tokens)) == 2
    given = GivenTokens(tokens.offsets, sentences=(0, 5, 24))
    assert [s.text for s in read(TEXT, tokens=given)] == [
        "Anna",
        "lives in New York.",
        "She likes it.",
    ]
    across = words("Anna", "lives", "in", "New", "York. She", "likes", "it.")
    assert [s.text for s in read(TEXT, tokens=across)] == [TEXT[:27], TEXT[28:]]


def test_given_tags_stand_beside_those_of_spans() -> None:
    tags = {"upos": ["PROPN", "VERB", "ADP", "PROPN", "PROPN", "PRON", "VERB", "PRON"]}
    first, second = read(TEXT, tokens=GivenTokens(words(*TEXT.split()).offsets, None, tags))
    assert first.columns["upos"] == ("PROPN", "VERB", "ADP", "PROPN", "PROPN")
    assert second.columns == {"upos": ("PRON", "VERB", "PRON"), "ner": ("O", "O", "O")}


def test_a_column_without_a_tag_in_a_sentence_is_not_there() -> None:
    tags = {"upos": ["X"] * 5 + ["_"] * 3}
    first, second = read(TEXT, tokens=GivenTokens(words(*TEXT.split()).offsets, None, tags))
    assert list(first.columns) == ["upos", "ner"]
    assert list(second.columns) == ["ner"]


def test_an_empty_token_is_in_the_span_around_it_only() -> None:
    given = GivenTokens([(0, 1), (1, 1), (2, 3)])
    (sentence,) = read("a b", (0, 3, "X"), tokens=given)
    assert sentence.forms == ("a", "", "b")
    assert sentence.columns["ner"] == ("B-X", "I-X", "I-X")
    (sentence,) = read("a b", (0, 1, "X"), tokens=given)
    assert sentence.columns["ner"] == ("B-X", "O", "O")


def test_a_span_against_the_given_tokens_is_an_error_with_both() -> None:
    for span in ((0, 2, "PER"), (2, 10, "PER"), (1, 3, "PER")):
        with pytest.raises(CorpusError) as error:
            read(TEXT, span, tokens=words(*TEXT.split()))
        said = repr(TEXT[span[0] : span[1]])
        assert str(error.value) == (
            f"a.jsonl:7:1: expected the PER span {said} at {span[0]}-{span[1]} to begin and end "
            "with a token, found the token 'Anna' at 0-4 (take the tokens out to have it cut)"
        )


def test_white_space_around_given_tokens_may_be_in_a_span() -> None:
    (sentence, _) = read(TEXT, (4, 11, "X"), tokens=words(*TEXT.split()))
    assert sentence.columns["ner"] == ("O", "B-X", "O", "O", "O")


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        ((0, 38, "X"), "expected a span within the text's 37 characters, found 0-38"),
        ((-1, 3, "X"), "expected a span within the text's 37 characters, found -1-3"),
        ((3, 3, "X"), "expected a span within the text's 37 characters, found 3-3"),
        ((4, 3, "X"), "expected a span within the text's 37 characters, found 4-3"),
        ((4, 5, "X"), "expected a span that covers a word, found only white space at 4-5"),
        ((0, 4, " "), "expected a label on one line for the span 0-4, found ' '"),
        ((0, 4, "A\tB"), "expected a label on one line for the span 0-4, found 'A\\tB'"),
    ],
)
def test_a_span_that_cannot_be_is_an_error(span: tuple[int, int, str], problem: str) -> None:
    with pytest.raises(CorpusError) as error:
        read(TEXT, span)
    assert str(error.value) == f"a.jsonl:7:1: {problem}"


@pytest.mark.parametrize(
    ("offsets", "problem"),
    [
        ([(0, 1), (2, 3)], "leave out nothing, found 'b' in none"),
        ([(0, 2)], "leave out nothing, found ' c' in none"),
        ([(0, 2), (1, 2), (3, 4)], "in order within 4 characters, found 1-2"),
        ([(0, 2), (3, 5)], "in order within 4 characters, found 3-5"),
        ([(2, 0), (3, 4)], "in order within 4 characters, found 2-0"),
    ],
)
def test_tokens_that_lose_or_repeat_text_are_an_error(
    offsets: list[tuple[int, int]], problem: str
) -> None:
    with pytest.raises(CorpusError) as error:
        read("ab c", tokens=GivenTokens(offsets))
    assert str(error.value) == f"a.jsonl:7:1: expected tokens {'that ' * ('out' in problem)}" + (
        problem
    )


def test_no_number_of_labels_at_one_place_takes_the_machine_down() -> None:
    spans = [(0, 4, f"L{i}") for i in range(MOST_LAYERS)]
    (sentence,) = read("Anna", *spans)
    assert len(sentence.columns) == MOST_LAYERS
    with pytest.raises(CorpusError, match="at most 32 spans over one place"):
        read("Anna", *spans, (0, 4, "PER"))


def test_a_byte_order_mark_counts_but_is_no_word() -> None:
    (sentence,) = read("\ufeffAnna", (0, 5, "PER"))
    assert (sentence.forms, sentence.offsets) == (("Anna",), ((1, 5),))
    assert sentence.columns["ner"] == ("B-PER",)
    with pytest.raises(CorpusError, match="only white space"):
        read("\ufeffAnna", (0, 1, "PER"))


def test_a_sentence_says_where_it_was_and_keeps_its_offsets() -> None:
    _, second = read(TEXT)
    assert place_of(second, 2, "ner") == ("a.jsonl", 7, 1)
    assert located(second) is second


texts = st.text(st.sampled_from("aB. ?!\n\u3000字é,-'\ufeff😀1"), max_size=30)


@st.composite
def annotated(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]]]:
    text = draw(texts)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = [
        (start, end, draw(st.sampled_from(["PER", "LOC"])))
        for start, end in map(sorted, draw(st.lists(places, max_size=5)))
        if text[start:end].strip().strip("\ufeff")
    ]
    return text, spans


@given(annotated())
@settings(deadline=None, max_examples=60)
def test_every_span_and_every_word_is_there_again(
    document: tuple[str, list[tuple[int, int, str]]],
) -> None:
    text, spans = document
    sentences = read(text, *spans)
    trimmed = set()
    for start, end, label in spans:
        start = max(start, text.startswith("\ufeff"))
        covered = text[start:end]
        start += len(covered) - len(covered.lstrip())
        trimmed.add((start, start + len(covered.strip()), label))
    assert spans_of(sentences) == sorted(trimmed)
    for sentence in sentences:
        assert sentence.forms == tuple(text[a:b] for a, b in sentence.offsets or ())
        assert sentence.text == text[sentence.start :][: len(sentence.text or "")]
    forms = "".join(form for sentence in sentences for form in sentence.forms)
    assert forms == "".join(text.removeprefix("\ufeff").split())


@given(texts)
@settings(deadline=None, max_examples=60)
def test_without_spans_it_is_what_predict_would_tag(text: str) -> None:
    mine = [(s.forms, s.offsets, s.text, s.start) for s in read(text)]
    assert mine == [(s.forms, s.offsets, s.text, s.start) for s in segment_lines(text)]

"""Where paragraphs begin and end, in hard-wrapped text and in other text."""

import io
from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.text import paragraphs as module
from tagger.text.paragraphs import (
    BYTE_ORDER_MARK,
    MOST_LINES,
    Paragraph,
    by_paragraph,
    group_lines,
    lines_of,
    wrapped_at,
    wrapped_paragraphs,
)

PROSE = (
    "The ferry to the island leaves twice a day, and when the wind is strong it does not leave at "
    "all. People who live there keep a week of bread in the freezer and never promise to be "
    "anywhere at a fixed hour. Visitors find this charming until the first time they miss a train "
    "because of it. Then they sit in the small waiting room by the pier, read the old notices on "
    "the wall and learn that patience is mostly a matter of having nothing else to do.",
    "My grandmother mended clocks in the room above the bakery. She worked with the window open "
    "even in winter since the heat of the ovens came up through the floor, and the smell of rye "
    "settled in every coat that hung behind her door. When a clock had been repaired she let it "
    "run for seven days on a shelf beside the others before she called its owner, and on the "
    "eighth day she was always a little sorry to see it go.",
    "A map is a promise that somebody has been there before you. The older ones were drawn by "
    "people who walked the coast with a notebook, and you can tell where they were tired, because "
    "the bays become smooth and the villages lose their names. We trust the newer ones more than "
    "we should. They show every path in the forest, though nobody has looked for years whether the "
    "bridge at the end of it is still standing.",
)  # fmt: skip
SENTENCES = [f"{sentence.rstrip('.')}." for text in PROSE for sentence in text.split(". ")]
LINES = ["", "a", "a.", " ", "\t\r", "é ü", "b\r", "— c!”", "\u00a0", "\u2028", "𝔘."]
line_lists = st.lists(st.sampled_from(LINES), max_size=25)
texts = st.tuples(line_lists.map("\n".join), st.sampled_from(["", "\n", "\n\n"])).map("".join)


def forms(text: str, *, at_blank_lines: bool = True) -> list[str]:
    return [p.text for p in wrapped_paragraphs(text, at_blank_lines=at_blank_lines)]


def pieces_of(text: str, size: int, at_blank_lines: bool = True) -> list[str]:
    stream = io.BytesIO(text.encode())
    pieces = by_paragraph(stream, size, at_blank_lines=at_blank_lines)
    return [b"".join(lines).decode() for lines in pieces]


def paragraphs_of_pieces(pieces: list[str], at_blank_lines: bool = True) -> list[Paragraph]:
    found: list[Paragraph] = []
    start = 0
    for piece in pieces:
        found += wrapped_paragraphs(piece, start, at_blank_lines=at_blank_lines)
        start += len(piece)
    return found


def test_each_line_is_where_it_begins() -> None:
    assert list(lines_of("one\n\n two \r\n", 7)) == [("one", 7), ("", 11), (" two \r", 12)]
    assert list(lines_of("one")) == list(lines_of("one\n")) == [("one", 0)]
    assert list(lines_of("")) == []


def test_a_byte_order_mark_counts_at_the_very_beginning_alone() -> None:
    text = f"{BYTE_ORDER_MARK}a\n{BYTE_ORDER_MARK}b"
    assert list(lines_of(text)) == [("a", 1), (f"{BYTE_ORDER_MARK}b", 3)]
    assert list(lines_of(text, 5)) == [(f"{BYTE_ORDER_MARK}a", 5), (f"{BYTE_ORDER_MARK}b", 8)]
    assert list(wrapped_paragraphs(text)) == [(f"a\n{BYTE_ORDER_MARK}b", 1)]
    assert list(lines_of(BYTE_ORDER_MARK)) == list(wrapped_paragraphs(BYTE_ORDER_MARK)) == []


@given(st.text(max_size=60) | texts, st.integers(0, 10**9))
def test_lines_rebuild_the_text(text: str, start: int) -> None:
    lines = list(lines_of(text, start))
    skipped = start == 0 and text.startswith(BYTE_ORDER_MARK)
    assert "\n".join(line for line, _ in lines) == text[skipped:].removesuffix("\n")
    assert all(text[at - start :].startswith(line) for line, at in lines)


@given(st.text(max_size=60) | texts, st.booleans(), st.booleans())
def test_a_wrapped_paragraph_is_the_text_where_it_begins(
    text: str, has_mark: bool, at_blank_lines: bool
) -> None:
    text = BYTE_ORDER_MARK * has_mark + text
    for start in (0, 1, 10**9):
        place = start
        for form, at in wrapped_paragraphs(text, start, at_blank_lines=at_blank_lines):
            assert form.strip()
            assert form == text[at - start : at - start + len(form)] == form.rstrip()
            assert not text[place - start : at - start].strip().strip(BYTE_ORDER_MARK)
            place = at + len(form)
        assert not text[place - start :].strip().strip(BYTE_ORDER_MARK)


@pytest.mark.parametrize("blank", ["", " ", "\t", "\r", " \t\r", "\u00a0", "\u2028"])
def test_a_blank_line_parts_paragraphs(blank: str) -> None:
    text = f"{blank}\none\n two \n{blank}\n{blank}\nthree\n{blank}\n"
    assert forms(text) == ["one\n two", "three"]
    first = len(blank) + 1
    assert [p.start for p in wrapped_paragraphs(text, 5)] == [5 + first, 5 + first + 10 + 2 * first]
    assert list(group_lines(text.split("\n")[:-1])) == [1, 3, 1, 2]


@pytest.mark.parametrize("separator", ["\r", "\v", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_other_line_separators_part_nothing(separator: str) -> None:
    text = f"one{separator}{separator}two"
    assert forms(text) == [text]


def test_blank_lines_may_be_blanks_like_any_other() -> None:
    assert list(wrapped_paragraphs("\none\n\n \ntwo\n\n", at_blank_lines=False)) == [
        ("\none\n\n \ntwo", 0)
    ]
    assert list(group_lines(["one", "", " ", "two", ""], at_blank_lines=False)) == [5]


@pytest.mark.parametrize("text", ["", "\n", " \n\t\r\n\u00a0", "\n" * (3 * MOST_LINES)])
@pytest.mark.parametrize("at_blank_lines", [True, False])
def test_white_space_is_no_paragraph(text: str, at_blank_lines: bool) -> None:
    assert forms(text, at_blank_lines=at_blank_lines) == []


@pytest.mark.parametrize("at_blank_lines", [True, False])
@pytest.mark.parametrize("end", [".", "!", "?”", "…", "。", "؟", ".)", ". \r"])
def test_a_long_paragraph_ends_with_the_next_sentence(at_blank_lines: bool, end: str) -> None:
    lines = ["a."] * (MOST_LINES - 1) + ["a", "b,", f"c{end}"] + ["d"] * 5
    assert list(group_lines(lines, at_blank_lines=at_blank_lines)) == [MOST_LINES + 2, 5]


def test_a_long_paragraph_may_end_with_the_line_that_makes_it_long() -> None:
    assert list(group_lines(["a."] * (2 * MOST_LINES + 1))) == [MOST_LINES, MOST_LINES, 1]


def test_a_paragraph_without_a_sentence_end_ends_at_twice_as_many_lines() -> None:
    lines = ["a"] * (2 * MOST_LINES) + ["b."] * 3
    assert list(group_lines(lines)) == [2 * MOST_LINES, 3]


def test_only_the_length_cuts_where_blank_lines_do_not() -> None:
    lines = ["a", ""] * (MOST_LINES // 2) + ["", "b.", "c"]
    assert list(group_lines(lines, at_blank_lines=False)) == [MOST_LINES + 2, 1]
    text = "\n".join(lines)
    first, second = wrapped_paragraphs(text, 9, at_blank_lines=False)
    assert (first.start, first.text) == (9, text[:-2])
    assert second == ("c", 9 + len(text) - 1)


def test_a_cut_depends_on_no_line_before_the_paragraph() -> None:
    long = ["a"] * (MOST_LINES + 3) + ["b.", "c"]
    alone = list(group_lines(long))
    assert list(group_lines(["x", "y", "", *long])) == [3, *alone]


@given(line_lists, st.booleans(), st.integers(1, 6))
def test_groups_have_all_lines_and_a_bound(
    lines: list[str], at_blank_lines: bool, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_LINES", most)
        sizes = list(group_lines(lines, at_blank_lines=at_blank_lines))
    assert sum(sizes) == len(lines)
    assert all(0 < size <= 2 * most for size in sizes)


@given(texts, st.integers(-1, 40), st.booleans(), st.sampled_from([2, 3, MOST_LINES]))
def test_pieces_give_all_bytes_back_in_order(
    text: str, size: int, at_blank_lines: bool, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_LINES", most)
        pieces = pieces_of(text, size, at_blank_lines)
    assert "".join(pieces) == text
    assert all(len(piece.encode()) >= max(size, 1) for piece in pieces[:-1])


@given(st.lists(st.sampled_from([b"a\n", b"\n", b"\xff.\n", b"\xc3\n", b" \0\n", b"\xe2\x82"])))
def test_bytes_that_are_no_text_come_back_too(lines: list[bytes]) -> None:
    data = b"".join(lines)
    assert b"".join(line for piece in by_paragraph(io.BytesIO(data), 3) for line in piece) == data


@given(texts, st.integers(-1, 40), st.booleans(), st.sampled_from([2, 3, MOST_LINES]))
def test_pieces_have_the_paragraphs_of_the_whole(
    text: str, size: int, at_blank_lines: bool, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_LINES", most)
        whole = list(wrapped_paragraphs(text, at_blank_lines=at_blank_lines))
        pieces = pieces_of(text, size, at_blank_lines)
        assert paragraphs_of_pieces(pieces, at_blank_lines) == whole


@pytest.mark.parametrize("at_blank_lines", [True, False])
@pytest.mark.parametrize(
    "text", ["a.\nb.\nc.", "\na.\nb.\nc", " \t\r\na\nb.\nc.\nd", "\n\n\na.\nb"]
)
def test_pieces_have_the_paragraphs_of_the_whole_behind_a_byte_order_mark(
    monkeypatch: pytest.MonkeyPatch, text: str, at_blank_lines: bool
) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 2)
    text = f"{BYTE_ORDER_MARK}{text}"
    pieces = pieces_of(text, 0, at_blank_lines)
    whole = list(wrapped_paragraphs(text, at_blank_lines=at_blank_lines))
    assert paragraphs_of_pieces(pieces, at_blank_lines) == whole


def test_a_piece_ends_with_the_first_paragraph_that_fills_it() -> None:
    text = "a\nb\n\nc\n\n\nd\n"
    assert pieces_of(text, 0) == ["a\nb\n\n", "c\n\n", "\n", "d\n"]
    assert pieces_of(text, 5) == ["a\nb\n\n", "c\n\n\nd\n"]
    assert pieces_of(text, 6) == ["a\nb\n\nc\n\n", "\nd\n"]
    assert pieces_of(text, 1, at_blank_lines=False) == [text]
    assert pieces_of("", 1) == []


def test_no_line_is_read_before_it_is_needed() -> None:
    stream = io.BytesIO(b"a\n\nb\n\nc\n")
    next(by_paragraph(stream, 1))
    assert stream.read() == b"b\n\nc\n"


@pytest.mark.parametrize("width", range(40, 101))
@pytest.mark.parametrize("end", ["", " ", "\r"])
def test_prose_wrapped_at_any_width_is_recognised(end: str, width: int) -> None:
    lines = [line + end for text in PROSE for line in (*wrap(text, width), "")]
    longest = max(len(line.strip()) for line in lines)
    assert wrapped_at(lines) == longest
    assert width - 2 <= longest <= width


@pytest.mark.parametrize("width", range(45, 101, 5))
@pytest.mark.parametrize("text", PROSE, ids=["first", "second", "third"])
def test_a_single_wrapped_paragraph_is_recognised(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert wrapped_at(lines) == wrapped_at(["", *lines, "", ""]) == max(map(len, lines))


@pytest.mark.parametrize("width", [60, 72, 78])
def test_indented_paragraphs_without_blank_lines_are_recognised(width: int) -> None:
    lines = [line for text in PROSE for line in wrap(text, width, initial_indent="  ")]
    assert wrapped_at(lines) is not None


def test_mail_with_short_lines_is_recognised() -> None:
    body = [line for text in PROSE for line in (*wrap(text, 66), "")]
    lines = ["Hi Ines,", "", *body, "See you!", "", "Tom", "Tel. 555 0100"]
    assert wrapped_at(lines) == 66


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["", " ", "\t"],
        [PROSE[0][:80]],
        ["", PROSE[0][:80], ""],
        wrap(PROSE[0], 100)[:4],
        [*PROSE],
        [line for text in PROSE for line in (text, "")],
        [line for text in PROSE for line in wrap(text, 160)],
        [*SENTENCES],
        [sentence[:90] for sentence in SENTENCES],
        ["A short one.", "And another, not much longer.", "No.", "He left.", "It was cold."] * 5,
        sorted({word for text in PROSE for word in text.split()}),
        [PROSE[0][:n] for n in (31, 118, 74, 90, 12, 66, 101, 45, 83, 27, 110, 58)],
        [line for n in (48, 130, 74, 99) for line in (PROSE[1][:n], "")],
        [f"The value of row {i:03} in this table is {i * 37 % 1000:03}." for i in range(20)],
        [f'    "key_{i:03}": compute_the_value(of={i:03}, rounded=True);' for i in range(20)],
        [f"    result.append(transform(element, number_{i:03}))" for i in range(20)],
        ["x" * 200, *["y" * 200] * 10],
        ["word" * 20, *wrap(PROSE[0], 40)[:10]],
    ],
    ids=(
        "empty blank white one one-between-blanks three-followed paragraphs paragraphs-apart "
        "long-lines sentences cut-sentences short-sentences words tweets tweets-apart table "
        "dictionary code endless one-long"
    ).split(),
)
def test_text_that_is_not_wrapped_is_not_taken_for_it(lines: list[str]) -> None:
    assert wrapped_at(lines) is None
    assert wrapped_at([f"{line}\r" for line in lines]) is None


def test_three_full_lines_are_too_few_and_four_are_enough() -> None:
    lines = wrap(PROSE[0], 60)
    assert wrapped_at(lines[:4]) is None
    assert wrapped_at(lines[:5]) == max(map(len, lines[:5]))


@pytest.mark.parametrize(("width", "found"), [(39, None), (40, 40), (132, 132), (133, None)])
def test_lines_of_prose_have_a_least_and_a_most_width(width: int, found: int | None) -> None:
    word = "x" * (width // 2)
    assert wrapped_at([f"{word} {word}"[:width].ljust(width, "y")] * 6) == found


def test_lines_that_people_broke_before_they_had_to_are_recognised() -> None:
    lines: list[str] = []
    for text in PROSE:
        rest = text
        while rest:
            line = wrap(rest, (72, 67, 70, 66)[len(lines) % 4])[0]
            lines.append(line)
            rest = rest[len(line) :].lstrip()
        lines.append("")
    assert wrapped_at(lines) is not None
    assert wrapped_at([line.capitalize() for line in lines]) is None  # verse, headlines


def test_one_long_line_in_fifty_does_no_harm() -> None:
    lines = [line for text in PROSE * 5 for line in (*wrap(text, 70), "")]
    assert len(lines) > 100
    assert wrapped_at([*lines[:60], "https://example.org/" + "x" * 200, *lines[60:]]) == 70

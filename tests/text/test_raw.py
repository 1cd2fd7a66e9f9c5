"""Text line by line: sentences, tokens, offsets."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.sentence import Sentence
from tagger.text.paragraphs import lines_of
from tagger.text.raw import segment_lines, split_lines
from tagger.text.segmenters import RulesSegmenter

Lines = Callable[[str], Iterator[Sentence]]


def tokenize_lines(text: str, start: int = 0) -> Iterator[Sentence]:
    return iter(RulesSegmenter().tokenize([*lines_of(text, start)]))


def read(data: bytes) -> list[Sentence]:
    return list(segment_lines(data.decode()))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_offsets_point_into_the_whole_decoded_stream(text: str) -> None:
    sentences = read(text.encode())
    for sentence in sentences:
        assert sentence.offsets is not None
        assert sentence.forms == tuple(text[begin:end] for begin, end in sentence.offsets)
        assert sentence.text == text[sentence.start : sentence.offsets[-1][1]]
        assert "\n" not in sentence.text
    expected = "".join(text.removeprefix("\ufeff").split())
    assert "".join(form for sentence in sentences for form in sentence.forms) == expected


def test_a_line_break_ends_a_sentence_and_blank_lines_give_none() -> None:
    assert [s.forms for s in read(b"one\n\n \t\ntwo\nthree")] == [("one",), ("two",), ("three",)]


def test_a_carriage_return_is_white_space_and_counts() -> None:
    sentences = read(b"one\r\ntwo\r\nthree\rfour")
    assert [s.forms for s in sentences] == [("one",), ("two",), ("three", "four")]
    assert [s.start for s in sentences] == [0, 5, 10]


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_other_line_separators_end_no_line(separator: str) -> None:
    assert [s.forms for s in read(f"one{separator}two\n".encode())] == [("one", "two")]


def test_a_byte_order_mark_is_in_no_token_and_counts_as_one_character() -> None:
    (first, second) = read(b"\xef\xbb\xbfHello\nyou\n")
    assert (first.forms, first.offsets, first.start) == (("Hello",), ((1, 6),), 1)
    assert (second.forms, second.offsets) == (("you",), ((7, 10),))


def test_a_byte_order_mark_further_on_belongs_to_its_word() -> None:
    assert [s.forms for s in read(b"a\n\xef\xbb\xbfb\n")] == [("a",), ("\ufeffb",)]


def test_control_characters_are_kept() -> None:
    assert [s.forms for s in read(b"a\0b \0 c\x01\n")] == [("a\0b", "\0", "c\x01")]


def test_an_empty_stream_has_no_sentence() -> None:
    assert read(b"") == read(b"\n") == read(b"\xef\xbb\xbf") == []


def test_a_part_of_a_text_counts_from_where_it_begins() -> None:
    whole = "\ufeffone two\n\nthree. Four\n"
    first, second = whole[:10], whole[10:]
    parts = [*segment_lines(first), *segment_lines(second, len(first))]
    assert parts == list(segment_lines(whole))


@pytest.mark.parametrize("lines", [tokenize_lines, split_lines])
def test_one_line_is_one_sentence_though_it_be_empty(lines: Lines) -> None:
    text = "Yes. No! \n\n \nthree"
    sentences = list(lines(text))
    assert [len(s.forms) > 0 for s in sentences] == [True, False, False, True]
    assert [s.text for s in sentences] == text.split("\n")
    assert [s.start for s in sentences] == [0, 10, 11, 13]
    assert len(list(lines("one\n"))) == 1


def test_tokens_by_rules_or_by_blanks() -> None:
    assert next(tokenize_lines("don't. Stop.")).forms == ("do", "n't", ".", "Stop", ".")
    found = next(split_lines(" don't.\t\tSt\u00a0op. \r", 5))
    assert found.forms == ("don't.", "St\u00a0op.")
    assert found.offsets == ((6, 12), (14, 20))


def test_reading_raw_text_loads_no_other_package() -> None:
    program = (
        "import sys; import tagger.text.raw;"
        "print([n for n in ('torch', 'numpy', 'onnxruntime') if n in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

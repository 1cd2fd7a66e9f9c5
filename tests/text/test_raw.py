"""Streams of raw text: lines, offsets, bytes that are not text."""

import io
import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.errors import CorpusError
from tagger.sentence import Sentence
from tagger.text.raw import read_raw


def read(data: bytes) -> list[Sentence]:
    return list(read_raw(io.BytesIO(data), "news.txt"))


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


def test_a_byte_that_is_not_utf8_is_named_with_line_and_column() -> None:
    with pytest.raises(CorpusError) as caught:
        read("fine\nZoë né ".encode() + b"\xe9t\xe9\n")
    assert str(caught.value) == (
        "news.txt:2:8: expected UTF-8, found the byte 0xe9 "
        "(another encoding? try `iconv -f LATIN1 -t UTF-8`)"
    )


def test_a_character_cut_off_by_the_end_of_the_stream_is_an_error() -> None:
    with pytest.raises(CorpusError, match=r"news\.txt:1:3: .* 0xe2"):
        read(b"a \xe2\x82")


def test_sentences_before_a_bad_line_are_given_first() -> None:
    stream = read_raw(io.BytesIO(b"good\nb\xffd\n"), "news.txt")
    assert next(stream).forms == ("good",)
    with pytest.raises(CorpusError):
        next(stream)


class Endless(io.BytesIO):
    """What `yes` writes."""

    def __next__(self) -> bytes:
        return b"y\n"


def test_an_endless_stream_is_read_as_it_comes() -> None:
    sentences: Iterator[Sentence] = read_raw(Endless(), "-")
    last = next(itertools.islice(sentences, 999, None))
    assert (last.forms, last.offsets) == (("y",), ((1998, 1999),))


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

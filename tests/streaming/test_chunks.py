"""Bytes cut into chunks: nothing lost, places right, no sentence cut in two."""

import io
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.corpus.lines import BLANKS, Cut, by_block, by_line
from tagger.errors import CorpusError
from tagger.streaming.chunks import Chunk, read_chunks
from tagger.streaming.kinds import Undecodable

SIZES = [1, 2, 7, 10**6]
CUTS = pytest.mark.parametrize("cut", [by_line, by_block], ids=["line", "block"])
INPUTS = {
    "plain": "a\nbb\n\nccc ccc ccc\nd\n\ne\n",
    "CRLF": "a\tO\r\nb\tO\r\n\r\nc\tO\r\n\r\n",
    "blank lines of blanks": "a\n \t\nb\nb\n\t\r\nc\n",
    "several blank lines": "\n\na\n\n\n\nb\nb\n\n\n",
    "no final newline": "a\n\nb\nc",
    "byte order mark": "\ufeffa\n\nb\n",
    "a CR is no line end": "a\rb\n\n\r\nc\r\r\n",
    "beyond ASCII": "né 字 😀\u2028x\u0085y\n\n字\n",
    "only blank lines": "\n \n\n",
    "nothing": "",
}
texts = st.text(st.sampled_from("ab \t\r\n\ufeff字😀\u2028"), max_size=40)


def chunks_of(
    content: bytes, cut: Cut, size: int, undecodable: Undecodable = Undecodable.STRICT
) -> Iterator[Chunk]:
    stream = io.BufferedReader(io.BytesIO(content))
    return read_chunks(stream, "a.txt", cut=cut, size=size, undecodable=undecodable)


def check(text: str, cut: Cut, size: int) -> list[Chunk]:
    """The chunks, which together are the text and each of which knows its place."""
    chunks = list(chunks_of(text.encode(), cut, size))
    assert "".join(chunk.text for chunk in chunks) == text
    for chunk in chunks:
        assert chunk.text
        assert text.startswith(chunk.text, chunk.start)
        assert chunk.line == text.count("\n", 0, chunk.start) + 1
    for chunk in chunks[:-1]:
        assert chunk.text.endswith("\n")
        assert len(chunk.text.encode()) >= size
    return chunks


@pytest.mark.parametrize("size", SIZES)
@CUTS
@pytest.mark.parametrize("text", INPUTS.values(), ids=INPUTS)
def test_chunks_are_the_input_and_know_their_place(text: str, cut: Cut, size: int) -> None:
    check(text, cut, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", INPUTS.values(), ids=INPUTS)
def test_a_sentence_in_columns_is_never_cut(text: str, size: int) -> None:
    for chunk in check(text, by_block, size)[:-1]:
        assert not chunk.text.split("\n")[-2].strip(BLANKS), "a chunk ends with a blank line"


@CUTS
@given(texts, st.integers(1, 12))
def test_any_text_in_chunks_of_any_size_is_itself(cut: Cut, text: str, size: int) -> None:
    check(text, cut, size)


def test_a_size_of_one_is_a_line_at_a_time_and_a_blank_one_too() -> None:
    chunks = check("a\n\n\nb\n", by_line, 1)
    assert [chunk.text for chunk in chunks] == ["a\n", "\n", "\n", "b\n"]


def test_a_size_of_one_is_a_block_at_a_time() -> None:
    chunks = check("a\nb\n\n\nc\n\nd", by_block, 1)
    assert [chunk.text for chunk in chunks] == ["a\nb\n\n", "\n", "c\n\n", "d"]


def test_a_chunk_is_hardly_longer_than_its_size_asks() -> None:
    for cut, longest in ((by_line, 5), (by_block, 10)):
        sizes = [len(chunk.text) for chunk in check("abc\n\n" * 50, cut, 4)]
        assert max(sizes) <= longest
        assert len(sizes) >= 5 * 50 / longest


class Slow(io.RawIOBase):
    """Gives one line a call, and counts the calls."""

    def __init__(self, *lines: bytes) -> None:
        self.lines = list(lines)
        self.calls = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        self.calls += 1
        line = self.lines.pop(0) if self.lines else b""
        buffer[: len(line)] = line
        return len(line)


@pytest.mark.parametrize("cut", [by_line, by_block], ids=["line", "block"])
def test_with_a_size_of_one_nothing_is_read_before_the_last_chunk_is_taken(cut: Cut) -> None:
    slow = Slow(b"\n", b"\n", b"\n")
    for number, _ in enumerate(cut(io.BufferedReader(slow), 1), 1):
        assert slow.calls == number


BROKEN = b"good\n\nfine too\nna\xefve\nlater\n"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("cut", "column", "before"), [(by_line, 3, "good\n\nfine too\n"), (by_block, 1, "good\n\n")]
)
def test_strictly_whole_lines_or_blocks_come_before_the_error_with_its_place(
    cut: Cut, column: int, before: str, size: int
) -> None:
    chunks = chunks_of(BROKEN, cut, size)
    found = ""
    place = re.escape(f"a.txt:4:{column}: expected UTF-8, found the byte 0xef")
    with pytest.raises(CorpusError, match=f"^{place}"):
        for chunk in chunks:
            assert chunk.line == found.count("\n") + 1
            assert chunk.start == len(found)
            found += chunk.text
    assert found == before


def test_the_column_of_an_error_counts_characters() -> None:
    with pytest.raises(CorpusError, match=r"^a\.txt:1:5: "):
        list(chunks_of("字é😀 ".encode() + b"\xff\n", by_line, 1))


def test_a_character_cut_short_by_the_end_is_an_error_too() -> None:
    with pytest.raises(CorpusError, match=r"^a\.txt:2:2: .*0xe5"):
        list(chunks_of(b"a\nb" + "字".encode()[:2], by_line, 100))


@pytest.mark.parametrize("size", SIZES)
@CUTS
def test_replaced_bytes_become_one_sign_each_and_places_count_it(cut: Cut, size: int) -> None:
    chunks = list(chunks_of(BROKEN, cut, size, Undecodable.REPLACE))
    text = "".join(chunk.text for chunk in chunks)
    assert text == BROKEN.decode(errors="replace")
    assert all(b.start == a.start + len(a.text) for a, b in pairwise(chunks))


@given(st.binary(max_size=40), st.sampled_from(SIZES))
@CUTS
def test_kept_bytes_come_back_whatever_they_are(cut: Cut, content: bytes, size: int) -> None:
    chunks = list(chunks_of(content, cut, size, Undecodable.KEEP))
    joined = "".join(chunk.text for chunk in chunks)
    assert joined.encode("utf-8", "surrogateescape") == content

"""What a file of word vectors is, found out by its first lines."""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from tagger.corpus.lines import open_corpus
from tagger.corpus.vectors.binary import binary_rows
from tagger.corpus.vectors.rows import KNOWN, LONGEST_LINE, Row
from tagger.corpus.vectors.text import count_numbers, read_lines, text_rows
from tagger.errors import VectorsError, shortened

HEAD_BYTES = 1 << 16  # that tell text from numbers of 32 bits
_header = re.compile(rb"(?P<count>\d{1,12})[ \t]+(?P<size>[1-9]\d{0,5})\s*").fullmatch
_has_control = re.compile(rb"[\x00-\x08\x0e-\x1f]").search


class VectorLayout(NamedTuple):
    """Numbers per word, and the number of words where a header says it; or the binary format."""

    size: int
    num_words: int | None = None
    is_binary: bool = False

    def rows(self, stream: BinaryIO, path: str) -> Iterator[Row]:
        """The rows of a file that is at its beginning."""
        if self.is_binary and self.num_words is not None:
            return binary_rows(stream, path, self.size, self.num_words)
        return text_rows(stream, path, self.size, self.num_words)


def layout_of(path: str) -> VectorLayout:
    """How the file is to be read; raises VectorsError where it is none of word vectors."""
    with open_corpus(path) as stream:
        _, first = next(read_lines(stream, path), (1, b""))
        if not first:
            raise VectorsError(f"{path}: expected word vectors, found an empty file")
        header = _header(first)
        if header is None:
            return _without_header(first, path)
        size, count = int(header["size"]), int(header["count"])
        if count == 0:
            raise VectorsError(f"{path}:1: expected the number of words, found 0")
        second = stream.readline(LONGEST_LINE)
        if count_numbers(second) >= size:
            return VectorLayout(size, count)
        _, _, numbers = second.partition(b" ")
        is_binary = not numbers.isascii() or _has_control(second + stream.read(HEAD_BYTES))
        return VectorLayout(size, count, bool(is_binary))


def _without_header(first: bytes, path: str) -> VectorLayout:
    size = count_numbers(first)
    if size == 0:
        found = shortened(ascii(first[:40].decode(errors="replace").strip()))
        raise VectorsError(
            f"{path}:1: expected a word and its numbers, or how many words and numbers there are, "
            f"found {found} ({KNOWN})"
        )
    return VectorLayout(size)

"""word2vec's binary vectors: a header line, then word, blank and numbers of 32 bits one by one.

Little-endian; a line break behind a vector, as the original program writes it, means nothing.
"""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

import numpy as np

from tagger.corpus.vectors.rows import Floats, Row, finite
from tagger.errors import VectorsError

LONGEST_WORD = 10_000  # bytes


def binary_rows(stream: BinaryIO, path: str, size: int, count: int) -> Iterator[Row]:
    """So many rows of `size` numbers each, as the header says.

    Raises VectorsError where the file ends earlier or goes on.
    """
    stream.readline()
    for number in range(1, count + 1):
        place = f"{path}: word {number:,} of {count:,}"
        word = _read_word(stream, place)
        raw = stream.read(4 * size)
        if len(raw) < 4 * size:
            raise VectorsError(
                f"{place}: expected {4 * size:,} bytes of numbers, found {len(raw):,} "
                "(a file cut short?)"
            )
        yield Row(word, partial(_numbers, raw, place))
    if stream.read(2).strip(b"\r\n"):
        raise VectorsError(f"{path}: expected {count:,} words (line 1), found more")


def _read_word(stream: BinaryIO, place: str) -> bytes:
    word = bytearray()
    while (byte := stream.read(1)) != b" ":
        word += byte
        if not byte or len(word) > LONGEST_WORD:
            found = f"{len(word):,} bytes without one" if byte else "the end of the file"
            raise VectorsError(f"{place}: expected a word and a blank, found {found}")
    return bytes(word.lstrip(b"\n"))


def _numbers(raw: bytes, place: str) -> Floats:
    return finite(np.frombuffer(raw, "<f4"), place)

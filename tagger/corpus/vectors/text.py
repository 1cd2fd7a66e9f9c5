"""Vectors as text: a word and its numbers a line, with blanks or tabs between.

The last fields are the numbers, so a word may have blanks in it, as in GloVe's `. . .`. Lines end
with LF or CR LF; blanks before the end, as word2vec and fastText write them, mean nothing.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import BinaryIO

from tagger.corpus.vectors.rows import KNOWN, LONGEST_LINE, Floats, Row, finite
from tagger.errors import VectorsError, shortened

BOM = b"\xef\xbb\xbf"
_is_number = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?").fullmatch
_may_be_number = re.compile(rb"[-+]?(nan|inf)", re.IGNORECASE).fullmatch


def read_lines(stream: BinaryIO, path: str) -> Iterator[tuple[int, bytes]]:
    """Each line with its number; raises VectorsError for one that is too long to be one."""
    number = 1
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise VectorsError(
                f"{path}:{number}: expected a word and its numbers, "
                f"found a line of over {LONGEST_LINE:,} bytes ({KNOWN})"
            )
        yield number, line.removeprefix(BOM) if number == 1 else line
        number += 1


def count_numbers(line: bytes) -> int:
    """How many numbers a line ends with, a word before them.

    >>> count_numbers(b". . 0.5 -1e-3")
    2
    """
    count = 0
    for field in reversed(line.split()[1:]):
        if not (_is_number(field) or _may_be_number(field)):
            break
        count += 1
    return count


def text_rows(stream: BinaryIO, path: str, size: int, count: int | None) -> Iterator[Row]:
    """The rows of `size` numbers each; `count` is what the header says, None where there is none.

    Raises VectorsError at a line with more or fewer numbers, and where there are more or fewer rows
    than the header says.
    """
    number = 0
    for number, line in read_lines(stream, path):
        if count is not None and number == 1:
            continue
        if count is not None and number > count + 1:
            raise VectorsError(f"{path}:{number}: expected {count:,} words (line 1), found more")
        place = f"{path}:{number}"
        word, *fields = line.rsplit(None, size) or [b""]
        if len(fields) < size or any(map(_is_number, word.split()[1:])):
            raise VectorsError(
                f"{place}: expected a word and {size} numbers, found {len(line.split())} fields"
            )
        yield Row(word.strip(), partial(_numbers, fields, place))
    if count is not None and number < count + 1:
        raise VectorsError(
            f"{path}:{number}: expected {count:,} words (line 1), found {number - 1:,} "
            "(a file cut short? without line 1 it can be read)"
        )


def _numbers(fields: list[bytes], place: str) -> Floats:
    if b"_" not in b"".join(fields):  # of which Python would make one number
        with suppress(ValueError):
            return finite(fields, place)
    odd = next(field for field in fields if not _is_number(field))
    found = shortened(ascii(odd.decode(errors="replace")))
    raise VectorsError(f"{place}: expected a number, found {found}")

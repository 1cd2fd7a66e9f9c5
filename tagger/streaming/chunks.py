"""Bytes to chunks of text that can be tagged by themselves: whole lines, or whole blocks.

Each chunk knows where it stands, so that offsets and line numbers are those of the whole input.
"""

from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import TypeVar

import msgspec

from tagger.corpus.lines import BLANKS, Cut, by_block
from tagger.errors import CorpusError, TaggerError
from tagger.streaming.kinds import Undecodable


class Chunk(msgspec.Struct, frozen=True):
    """Some lines with their ends; the number of the first (from 1), characters and bytes before it.

    Bytes are those of the input, decompressed.
    """

    text: str
    line: int = 1
    start: int = 0
    byte_start: int = 0


T = TypeVar("T")
Lines = list[bytes]


def read_chunks(
    stream: BufferedReader, name: str, *, cut: Cut, size: int, undecodable: Undecodable
) -> Iterator[Chunk]:
    """The chunks of a stream; `size` in bytes, 1 for one line or block at a time.

    Raises CorpusError, with `name` as the place, at the first byte that is not UTF-8 if that is
    an error; the lines before come first.
    """
    number, start, byte_start = 1, 0, 0
    for lines in cut(stream, size):
        joined = b"".join(lines)
        try:
            text = joined.decode("utf-8", undecodable.handler)
        except UnicodeDecodeError:
            good, error = _first_undecodable(lines, name, number, cut)
            yield Chunk(good, number, start, byte_start)
            raise error from None
        yield Chunk(text, number, start, byte_start)
        number += len(lines)
        start += len(text)
        byte_start += len(joined)


def _first_undecodable(lines: Lines, name: str, number: int, cut: Cut) -> tuple[str, CorpusError]:
    """The lines, or blocks, before the first line that is not UTF-8, and what is wrong with that.

    The column counts fields in a block and characters in a line.
    """
    good: list[str] = []
    for line in lines:
        try:
            good.append(line.decode())
        except UnicodeDecodeError as error:
            before = line[: error.start].decode()
            column = 1 + (before.count("\t") if cut is by_block else len(before))
            problem = (
                f"expected UTF-8, found the byte 0x{line[error.start]:02x} (another encoding? "
                "try `iconv -f LATIN1 -t UTF-8`, or --errors replace)"
            )
            place = CorpusError(name, number + len(good), column, problem)
            while cut is by_block and good and good[-1].strip(BLANKS):
                good.pop()
            return "".join(good), place
    raise AssertionError("lines that are UTF-8 one by one are so together")


def until_error(items: Iterable[T]) -> tuple[list[T], TaggerError | None]:
    """What comes before an error in the input, and the error."""
    found: list[T] = []
    iterator: Iterator[T] = iter(items)
    try:
        for item in iterator:
            found.append(item)
    except TaggerError as error:
        return found, error
    return found, None

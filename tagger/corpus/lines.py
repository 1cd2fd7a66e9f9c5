"""Bytes to blocks of lines: a file cut at its blank lines, read as a stream.

This knows nothing of columns. Lines keep their ends, so that joining all blocks gives the file.
Only LF ends a line: a CR before it is part of the line's end, a CR elsewhere is data.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tagger.compression import reading
from tagger.errors import CorpusError, TaggerError

BLANKS = " \t\r\n"


class Block(NamedTuple):
    """Consecutive lines up to and including the blank lines behind them; `line` is the first's."""

    line: int
    lines: list[str]


@contextmanager
def open_file(path: str | Path) -> Iterator[BinaryIO]:
    """The file's bytes as they lie there; a missing file or a directory is a `TaggerError`."""
    try:
        with Path(path).open("rb") as stream:
            yield stream
    except FileNotFoundError as error:
        raise TaggerError(f"{error.filename}: no such file") from None
    except IsADirectoryError:
        raise TaggerError(f"{path}: expected a file to read, found a directory") from None


@contextmanager
def open_corpus(path: str | Path) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed as its name asks (`.gz`, `.xz`, `.bz2`, `.zst`).

    Raises TaggerError where there is no such file or the archive is damaged.
    """
    with open_file(path) as file, reading(file, str(path)) as stream:
        yield stream


def decode_lines(stream: Iterable[bytes], path: str, first_line: int = 1) -> Iterator[str]:
    """Each line as UTF-8 text, its end kept; a byte order mark on the first line is kept too."""
    number = first_line
    line = b""
    try:
        for number, line in enumerate(stream, first_line):  # noqa: B007
            yield line.decode()
    except UnicodeDecodeError as error:
        before = line[: error.start].decode(errors="replace")
        column = before.count("\t") + 1
        raise CorpusError(
            path,
            number,
            column,
            f"expected UTF-8, found the byte 0x{line[error.start]:02x} "
            "(another encoding? convert the file with iconv -t UTF-8)",
        ) from None


def blocks(lines: Iterable[str], first_line: int = 1) -> Iterator[Block]:
    """Lines grouped so that each block ends with the blank lines after its last other line.

    A line of nothing but blanks and tabs counts as blank. Blank lines at the very beginning come
    with the first block.
    """
    begun = first_line
    block: list[str] = []
    has_content = ended = False
    for number, line in enumerate(lines, first_line):
        is_blank = line < "!" and not line.strip(BLANKS)  # few lines begin below "!"
        if ended and not is_blank:
            yield Block(begun, block)
            begun, block, has_content, ended = number, [], False, False
        block.append(line)
        if is_blank:
            ended = has_content
        else:
            has_content = True
    if block:
        yield Block(begun, block)

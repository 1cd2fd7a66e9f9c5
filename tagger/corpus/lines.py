"""Bytes to blocks of lines: a file cut at its blank lines, read as a stream.

This knows nothing of columns. Lines keep their ends, so that joining all blocks gives the file.
Only LF ends a line: a CR before it is part of the line's end, a CR elsewhere is data.
"""

import codecs
import io
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from tagger.compression import reading
from tagger.errors import CorpusError, TaggerError, UsageError

BLANKS = " \t\r\n"
STDIN = "-"
UTF8 = "utf-8"


class Block(NamedTuple):
    """Consecutive lines up to and including the blank lines behind them; `line` is the first's."""

    line: int
    lines: list[str]


@contextmanager
def open_file(path: str | Path) -> Iterator[BinaryIO]:
    """The file's bytes as they lie there; a missing file or a directory is a `TaggerError`.

    `-` is standard input, which can be opened again: it is copied to a temporary file first.
    """
    if str(path) == STDIN:
        copy = _copy_of_stdin()
        copy.seek(0)
        yield copy
        return
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


@cache
def _copy_of_stdin() -> BinaryIO:
    """All of standard input in a file without a name, which goes when this process ends."""
    copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
    shutil.copyfileobj(sys.stdin.buffer, copy)
    return copy


def decode_lines(
    stream: BinaryIO,
    path: str,
    first_line: int = 1,
    encoding: str = UTF8,
    errors: str = "strict",
) -> Iterator[str]:
    """Each line as text, its end kept; a byte order mark on the first line is kept too.

    Raises CorpusError at bytes that are not of the encoding, unless `errors` (as of bytes.decode)
    says otherwise.
    """
    if encoding == UTF8:
        return _decode_utf8(stream, path, first_line, errors)
    return _decode_other(stream, path, first_line, encoding, errors)


def check_encoding(name: str) -> str:
    """The encoding's name in Python's spelling; raises UsageError for one that is not known."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise UsageError(f"expected an encoding such as latin-1, found {name!r}") from None


def _decode_other(
    stream: BinaryIO, path: str, first_line: int, encoding: str, errors: str
) -> Iterator[str]:
    number = first_line - 1
    try:
        lines = io.TextIOWrapper(stream, encoding, errors, newline="\n")
        for number, line in enumerate(lines, first_line):  # noqa: B007
            yield line
        lines.detach()
    except UnicodeError as error:
        raise CorpusError(path, number + 1, 1, f"expected {encoding}, found {error}") from None


def _decode_utf8(stream: Iterable[bytes], path: str, first_line: int, errors: str) -> Iterator[str]:
    number = first_line
    line = b""
    try:
        for number, line in enumerate(stream, first_line):  # noqa: B007
            yield line.decode(errors=errors)
    except UnicodeDecodeError as error:
        before = line[: error.start].decode(errors="replace")
        column = before.count("\t") + 1
        raise CorpusError(
            path,
            number,
            column,
            f"expected UTF-8, found the byte 0x{line[error.start]:02x} "
            "(another encoding? name it with tagger preprocess --encoding)",
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

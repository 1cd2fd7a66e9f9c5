"""Bytes to blocks of lines: a file cut at its blank lines, read as a stream.

This knows nothing of columns. Lines keep their ends, so that joining all blocks gives the file.
Only LF ends a line: a CR before it is part of the line's end, a CR elsewhere is data.
"""

import codecs
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from tagger.compression import reading
from tagger.errors import CorpusError, TaggerError, UsageError

BLANKS = " \t\r\n"
STDIN = "-"
UTF8 = "utf-8"
Cut = Callable[[BinaryIO, int], Iterator[list[bytes]]]


class Block(NamedTuple):
    """Consecutive lines up to and including the blank lines behind them; `line` is the first's."""

    line: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines with their ends; only LF ends one."""
        return list(io.StringIO(self.text, newline="\n"))


@contextmanager
def open_file(path: str | Path) -> Iterator[BinaryIO]:
    """The file's bytes as they lie there; a missing file or a directory is a `TaggerError`.

    `-` is standard input, which can be opened again: it is copied to a temporary file first.
    """
    if str(path) == STDIN:
        with os.fdopen(os.dup(_copy_of_stdin().fileno()), "rb") as stream:
            stream.seek(0)
            yield stream
        return
    try:
        with Path(path).open("rb") as stream:
            yield stream
    except FileNotFoundError as error:
        raise TaggerError(f"{error.filename}: no such file") from None
    except IsADirectoryError:
        raise TaggerError(f"{path}: expected a file to read, found a directory") from None


def sha256_of(path: str | Path) -> str:
    """The SHA-256 of a file's bytes as they lie there, in hexadecimal."""
    import hashlib

    with open_file(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


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
    copy.flush()
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
        "".encode(name)  # codecs such as rot13 are known and encode no text
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        raise UsageError(f"expected an encoding such as latin-1, found {name!r}") from None


def _decode_other(
    stream: BinaryIO, path: str, first_line: int, encoding: str, errors: str
) -> Iterator[str]:
    """Piece by piece up to the byte 0x0A, which in UTF-16 may be half a character."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    number, text = first_line, ""
    for piece in chain(stream, [b""]):
        state, failure = decoder.getstate(), None
        try:
            text += decoder.decode(piece, final=not piece)
        except UnicodeError as error:
            failure = error
            decoder.setstate(state)
            good = max(0, getattr(error, "start", 0) - len(state[0]))
            with suppress(UnicodeError):  # UTF-16 without its mark, in which nothing is good
                text += decoder.decode(piece[:good])
        *lines, text = text.split("\n")
        for line in lines:
            yield f"{line}\n"
            number += 1
        if failure is not None:
            column = text.count("\t") + 1
            raise CorpusError(path, number, column, f"expected {encoding}, found {failure}")
    if text:
        yield text


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


def read_texts(
    stream: BinaryIO, path: str, *, cut: Cut, errors: str = "strict", size: int = 1 << 18
) -> Iterator[tuple[int, str]]:
    """The whole file in texts of about `size` bytes, each with the number of its first line.

    Raises CorpusError at bytes that are not UTF-8, unless `errors` says otherwise.
    """
    number = 1
    for lines in cut(stream, size):
        try:
            text = b"".join(lines).decode(errors=errors)
        except UnicodeDecodeError:
            text = "".join(_decode_utf8(lines, path, number, errors))
        yield number, text
        number += len(lines)


def by_line(stream: BinaryIO, size: int) -> Iterator[list[bytes]]:
    """Lines, together at least `size` bytes."""
    while lines := _lines(stream, size):
        yield lines


def by_block(stream: BinaryIO, size: int) -> Iterator[list[bytes]]:
    """Lines, together at least `size` bytes, up to and including the next blank one."""
    while lines := _lines(stream, size):
        while lines[-1].strip(BLANKS.encode()) and (line := stream.readline()):
            lines.append(line)
        yield lines


def _lines(stream: BinaryIO, size: int) -> list[bytes]:
    """The next lines; for a size of 1 one line, where `readlines` would want one behind a lone LF.

    None at the end.
    """
    first = stream.readline()
    rest = size - len(first)
    return [first, *(stream.readlines(rest) if rest > 0 else ())] if first else []


def text_blocks(text: str, first_line: int = 1) -> Iterator[Block]:
    """The blocks of a text, as `blocks` gives those of its lines, faster where it is regular."""
    if "\r" in text or "\n " in text or "\n\t" in text or text[:1].isspace():
        yield from blocks(io.StringIO(text, newline="\n"), first_line)
        return
    begin = 0
    while begin < len(text):
        end = text.find("\n\n", begin) + 2
        end = len(text) if end == 1 else end
        while text.startswith("\n", end):
            end += 1
        block = text[begin:end]
        yield Block(first_line, block)
        begin = end
        first_line += block.count("\n")


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
            yield Block(begun, "".join(block))
            begun, block, has_content, ended = number, [], False, False
        block.append(line)
        if is_blank:
            ended = has_content
        else:
            has_content = True
    if block:
        yield Block(begun, "".join(block))

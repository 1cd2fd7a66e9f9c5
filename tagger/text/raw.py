"""A stream of raw text to sentences: UTF-8, one paragraph a line, in constant memory."""

from collections.abc import Iterator
from typing import BinaryIO

from tagger.errors import CorpusError
from tagger.sentence import Sentence
from tagger.text.rules import segment

BYTE_ORDER_MARK = "\ufeff"


def read_raw(stream: BinaryIO, path: str) -> Iterator[Sentence]:
    """The sentences of a text, each as soon as its line is there; `path` is for messages only.

    Only LF ends a line, and a line's end always ends a sentence. Offsets count characters (code
    points) from the beginning of the stream, line ends as they stand. A byte order mark there is
    in no token but counts as one character, so that `stream.read().decode()[start:end]` is the
    token. Bytes that are not UTF-8 are a `CorpusError`, whose column counts characters.
    """
    start = 0
    for number, line in enumerate(stream, 1):
        text = _decode(line, path, number)
        marks = int(number == 1 and text.startswith(BYTE_ORDER_MARK))
        yield from segment(text[marks:], start + marks)
        start += len(text)


def _decode(line: bytes, path: str, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        column = len(line[: error.start].decode()) + 1
        raise CorpusError(
            path,
            number,
            column,
            f"expected UTF-8, found the byte 0x{line[error.start]:02x} "
            "(another encoding? try `iconv -f LATIN1 -t UTF-8`)",
        ) from None

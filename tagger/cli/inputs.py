"""Where text comes from: files or stdin, raw or CoNLL, found out by what stands in them."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from tagger.corpus.dialect import HEAD_LINES, Dialect, detect_dialect
from tagger.corpus.files import dialect_of, read_sentences
from tagger.corpus.lines import decode_lines, open_corpus
from tagger.sentence import Sentence
from tagger.text.raw import read_raw

PEEKED_BYTES = 65_536


class InputKind(StrEnum):
    """What the input is; `auto` looks at it."""

    AUTO = "auto"
    RAW = "raw"
    CONLL = "conll"


@contextmanager
def open_input(path: Path) -> Iterator[tuple[str, io.BufferedReader]]:
    """A name for messages and the bytes; `-` is standard input."""
    if str(path) == "-":
        yield "<stdin>", cast(io.BufferedReader, sys.stdin.buffer)
    else:
        with open_corpus(path) as stream:
            yield str(path), cast(io.BufferedReader, stream)


def read_input(
    stream: io.BufferedReader, name: str, kind: InputKind, columns: str | None
) -> tuple[Dialect | None, Iterator[Sentence]]:
    """The dialect (None: raw text) and the sentences, those without tokens included."""
    head = _head(stream) if kind is not InputKind.RAW else []
    if kind is InputKind.CONLL or columns is not None:
        dialect: Dialect | None = dialect_of(head, name, columns)
    else:
        dialect = _sure_dialect(head)
    if dialect is None:
        return None, read_raw(cast(BinaryIO, stream), name)
    return dialect, read_sentences(decode_lines(stream, name), name, dialect.layout)


def _head(stream: io.BufferedReader) -> list[str]:
    """The first lines, without taking them away from the stream.

    What can be peeked at without waiting for more than the first of them: a whole line at least,
    unless it is longer than the buffer.
    """
    peeked = stream.peek(PEEKED_BYTES)
    lines = io.BytesIO(peeked[: peeked.rfind(b"\n") + 1] or peeked)
    return [line.decode(errors="replace") for line in islice(lines, HEAD_LINES)]


def _sure_dialect(head: list[str]) -> Dialect | None:
    """The dialect of lines that cannot be running text: tabs, or entity tags in a column."""
    found = detect_dialect(head)
    if found is None or found.layout.kind == "conllu" or found.layout.separator == "\t":
        return found
    return found if {"ner", "chunk"} & found.layout.columns.keys() else None

"""What an input is, found out by its name and its first lines, and its chunks as sentences."""

import io
import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import PurePath

import msgspec

from tagger.compression import uncompressed_name
from tagger.corpus.dialect import HEAD_LINES, Dialect, detect_dialect
from tagger.corpus.files import dialect_of, read_text
from tagger.errors import UsageError
from tagger.sentence import Layout, Sentence
from tagger.streaming.chunks import Chunk, Cut, by_block, by_line
from tagger.text.raw import segment_lines, split_lines, tokenize_lines

PEEKED_BYTES = 65_536
_begins_json = re.compile(r'\ufeff?[ \t\r]*\{[ \t\r]*"(?:[^"\\]|\\.)*+"[ \t\r]*:').match


class InputKind(StrEnum):
    """What the input is; `auto` looks at it."""

    AUTO = "auto"
    RAW = "raw"
    LINES = "lines"
    TOKENS = "tokens"
    CONLL = "conll"
    JSONL = "jsonl"


KINDS_BY_SUFFIX = {
    ".jsonl": InputKind.JSONL,
    ".ndjson": InputKind.JSONL,
    ".conllu": InputKind.CONLL,
    ".conll": InputKind.CONLL,
    ".iob": InputKind.CONLL,
    ".iob2": InputKind.CONLL,
    ".bio": InputKind.CONLL,
}
_SENTENCES = {
    InputKind.RAW: segment_lines,
    InputKind.LINES: tokenize_lines,
    InputKind.TOKENS: split_lines,
}


class Input(msgspec.Struct, frozen=True):
    """An input of known kind; `layout` is there for columns only, `name` is for people."""

    name: str
    kind: InputKind
    layout: Layout | None = None
    reasons: str = ""

    @property
    def cut(self) -> Cut:
        """How it can be cut into chunks."""
        return by_block if self.kind is InputKind.CONLL else by_line

    def sentences(self, chunk: Chunk) -> Iterator[Sentence]:
        """The untagged sentences of a chunk, those without tokens too; not for JSON lines."""
        if self.layout is None:
            return _SENTENCES[self.kind](chunk.text, chunk.start)
        return read_text(chunk.text, self.name, self.layout, chunk.line, tags=False)


def examine(
    stream: io.BufferedReader, name: str, kind: InputKind, columns: str | None, field: str
) -> Input:
    """What an input is, without taking anything from the stream.

    `kind` and `columns` overrule what name and content say. Raises UsageError where they
    contradict each other, TaggerError where columns are asked for and cannot be told.
    """
    if columns is not None and kind not in (InputKind.AUTO, InputKind.CONLL):
        raise UsageError(f"--columns is for CoNLL input, not for --input {kind}")
    if kind is InputKind.AUTO:
        kind = KINDS_BY_SUFFIX.get(PurePath(uncompressed_name(name)).suffix.lower(), kind)
    head = _head(stream) if kind in (InputKind.AUTO, InputKind.CONLL) else []
    if head and (columns is not None or kind is InputKind.CONLL):
        return _of(dialect_of(head, name, columns), name)
    if kind is InputKind.CONLL:
        return Input(name, InputKind.RAW)  # an empty one is an empty one
    if kind is InputKind.AUTO:
        dialect = _sure_dialect(head)
        if dialect is not None:
            return _of(dialect, name)
        kind = InputKind.JSONL if _is_json(head, field) else InputKind.RAW
    return Input(name, kind)


def _of(dialect: Dialect, name: str) -> Input:
    return Input(name, InputKind.CONLL, dialect.layout, dialect.reasons)


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


def _is_json(head: list[str], field: str) -> bool:
    """Whether the first line that is not blank is a JSON object with that field.

    Of a line that is longer than what can be peeked at the beginning decides.
    """
    first = next((line for line in head if line.strip()), "")
    if not first.lstrip("\ufeff \t").startswith("{"):
        return False
    try:
        return field in msgspec.json.decode(first.lstrip("\ufeff"), type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return not first.endswith("\n") and _begins_json(first) is not None

"""What an input is, found out by its name and its first lines, and its chunks as sentences."""

import io
import re
from collections.abc import Iterator
from pathlib import PurePath

import msgspec

from tagger.compression import uncompressed_name
from tagger.corpus.dialect import Dialect, detect_dialect
from tagger.corpus.files import dialect_of, parse_text
from tagger.corpus.lines import Cut, by_block, by_line
from tagger.corpus.overruling import Asked
from tagger.errors import UsageError
from tagger.sentence import Layout, Sentence
from tagger.streaming.chunks import Chunk
from tagger.streaming.heads import look_ahead
from tagger.streaming.kinds import InputKind
from tagger.text.raw import segment_lines, split_lines, tokenize_lines

_begins_json = re.compile(r'\ufeff?[ \t\r]*\{[ \t\r]*"(?:[^"\\]|\\.)*+"[ \t\r]*:').match

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
        in_blocks = self.layout is not None and self.layout.kind in ("conllu", "columns")
        return by_block if in_blocks else by_line

    def sentences(self, chunk: Chunk) -> Iterator[Sentence]:
        """The untagged sentences of a chunk, those without tokens too; not for JSON lines."""
        if self.layout is None:
            return _SENTENCES[self.kind](chunk.text, chunk.start)
        return parse_text(chunk.text, self.name, self.layout, chunk.line, tags=False)


def examine(
    stream: io.BufferedReader, name: str, kind: InputKind, columns: str | None, field: str
) -> tuple[Input, io.BufferedReader]:
    """What an input is, and the stream to read it from.

    `kind` and `columns` overrule what name and content say. Raises UsageError where they
    contradict each other, TaggerError where columns are asked for and cannot be told.
    """
    if columns is not None and kind not in (InputKind.AUTO, InputKind.CONLL):
        raise UsageError(f"--columns is for CoNLL input, not for --input {kind}")
    if kind is InputKind.AUTO:
        kind = KINDS_BY_SUFFIX.get(PurePath(uncompressed_name(name)).suffix.lower(), kind)
    if kind not in (InputKind.AUTO, InputKind.CONLL):
        return Input(name, kind), stream
    head, stream = look_ahead(stream)
    return _told(head, name, kind, columns, field), stream


def _told(head: list[str], name: str, kind: InputKind, columns: str | None, field: str) -> Input:
    """What an input is that begins with these lines; one without any content is just empty."""
    if not any(line.strip() for line in head):
        return Input(name, InputKind.RAW)
    is_conll = columns is not None or kind is InputKind.CONLL
    dialect = dialect_of(head, name, Asked(columns=columns)) if is_conll else _sure_dialect(head)
    if dialect is not None:
        return Input(name, InputKind.CONLL, dialect.layout, dialect.reasons)
    return Input(name, InputKind.JSONL if _is_json(head, field) else InputKind.RAW)


def _sure_dialect(head: list[str]) -> Dialect | None:
    """The dialect of lines that cannot be running text: tabs, or entity tags in a column."""
    found = detect_dialect(head)
    if found is None or found.layout.kind in ("pairs", "jsonl"):
        return None
    if found.layout.kind == "conllu" or found.layout.separator == "\t":
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

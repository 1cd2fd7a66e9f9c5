"""What an input is, found out by its name and its first lines, and its chunks as sentences."""

import io
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import PurePath
from typing import Literal

import msgspec

from tagger.compression import uncompressed_name
from tagger.corpus.dialect import Dialect, detect_dialect
from tagger.corpus.files import dialect_of, parse_text
from tagger.corpus.lines import Cut, by_block, by_line
from tagger.corpus.overruling import Asked
from tagger.errors import UsageError
from tagger.sentence import Layout, Sentence
from tagger.streaming.chunks import Chunk
from tagger.streaming.heads import look_ahead, read_ahead
from tagger.streaming.kinds import InputKind, SegmenterKind
from tagger.text.paragraphs import by_paragraph, wrapped_at
from tagger.text.segmenters import ANYHOW, Cutting, RulesSegmenter, Segmenter, cut_text

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
_BY: Mapping[InputKind, Literal["lines", "blanks"]] = {
    InputKind.LINES: "lines",
    InputKind.TOKENS: "blanks",
}
HAS_TOKENS = (
    "has sentences and tokens already: --segmenter, --wrapped and --paragraphs are for running text"
)
WRAPPED_BYTES = 32_768  # at the beginning of a text, by which its lines are judged


class Input(msgspec.Struct, frozen=True):
    """An input of known kind; `layout` is there for columns only, `name` is for people.

    `cutting` is how its text, or in JSON lines each of its texts, becomes sentences.
    """

    name: str
    kind: InputKind
    layout: Layout | None = None
    reasons: str = ""
    cutting: Cutting = ANYHOW

    @property
    def cut(self) -> Cut:
        """How it can be cut into chunks."""
        if self.kind is InputKind.RAW and self.cutting.joins_lines:
            return partial(by_paragraph, at_blank_lines=self.cutting.paragraphs)
        in_blocks = self.layout is not None and self.layout.kind in ("conllu", "columns")
        return by_block if in_blocks else by_line

    def sentences(self, chunk: Chunk, segmenter: Callable[[], Segmenter]) -> Iterable[Sentence]:
        """The untagged sentences of a chunk, those without tokens too; not for JSON lines.

        The segmenter is asked for where there is text for it.
        """
        if self.layout is None:
            needs_none = self.cutting.by == "blanks" or not chunk.text
            found = RulesSegmenter() if needs_none else segmenter()
            return cut_text(chunk.text, found, self.cutting, chunk.start)
        return parse_text(chunk.text, self.name, self.layout, chunk.line, tags=False)


def cutting_by(segmenter: SegmenterKind | None) -> Cutting:
    """How text is cut by a segmenter of that kind."""
    if segmenter is SegmenterKind.LINES:
        return Cutting(by="lines")
    return Cutting(by="blanks") if segmenter is SegmenterKind.BLANKS else ANYHOW


def examine(
    stream: io.BufferedReader,
    name: str,
    kind: InputKind,
    columns: str | None,
    field: str,
    cutting: Cutting = ANYHOW,
    *,
    at_once: bool = False,
) -> tuple[Input, io.BufferedReader]:
    """What an input is, and the stream to read it from.

    `kind`, `columns` and `cutting` overrule what name and content say. Where every line is answered
    `at_once`, text counts as not hard-wrapped unless `cutting` says otherwise. Raises UsageError
    where they contradict each other, TaggerError where columns are asked for and cannot be told.
    """
    if columns is not None and kind not in (InputKind.AUTO, InputKind.CONLL):
        raise UsageError(f"--columns is for CoNLL input, not for --input {kind}")
    if kind is InputKind.AUTO:
        kind = KINDS_BY_SUFFIX.get(PurePath(uncompressed_name(name)).suffix.lower(), kind)
    if kind in (InputKind.AUTO, InputKind.CONLL):
        head, stream = look_ahead(stream)
        found = _told(head, name, kind, columns, field)
    else:
        found = Input(name, kind)
    found = msgspec.structs.replace(found, cutting=_cutting(found, cutting))
    if not found.cutting.finds_out:
        return found, stream
    if at_once:
        by_line = msgspec.structs.replace(found.cutting, wrapped=False)
        return msgspec.structs.replace(found, cutting=by_line), stream
    if found.kind is not InputKind.RAW:
        return found, stream
    lines, stream = read_ahead(stream, WRAPPED_BYTES)
    return _unwrapped(found, lines), stream


def _cutting(found: Input, asked: Cutting) -> Cutting:
    """How the text of an input is cut; raises UsageError where what is asked does not fit it."""
    if found.layout is not None:
        if asked != ANYHOW:
            raise UsageError(f"{found.name}: {HAS_TOKENS}")
        return ANYHOW
    if found.kind not in _BY:
        return asked
    by = _BY[found.kind]
    if asked.by not in ("segmenter", by):
        raise UsageError(f"--input {found.kind} and --segmenter {asked.by} contradict each other")
    if asked.wrapped or not asked.paragraphs:
        raise UsageError(f"--wrapped and --no-paragraphs are not for --input {found.kind}")
    return Cutting(by=by)


def check_segmenter(found: Input, by_rules: bool | None) -> None:
    """Raises UsageError where tokens are to be found in an input that has them."""
    if by_rules is None:
        return
    if found.layout is not None:
        raise UsageError(f"{found.name}: {HAS_TOKENS}")
    if found.cutting.by == "blanks":
        kind = "rules" if by_rules else "learned"
        raise UsageError(f"--input {found.kind} and --segmenter {kind} contradict each other")


def _unwrapped(found: Input, lines: list[str]) -> Input:
    """The input, known to be hard-wrapped or not by its first lines."""
    width = wrapped_at(lines)
    cutting = msgspec.structs.replace(found.cutting, wrapped=width is not None)
    if width is None:
        return msgspec.structs.replace(found, cutting=cutting)
    reasons = (
        f"hard-wrapped at {width} characters: sentences go on over line breaks, blank lines end "
        "them (--no-wrapped if not)"
    )
    return msgspec.structs.replace(found, cutting=cutting, reasons=reasons)


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

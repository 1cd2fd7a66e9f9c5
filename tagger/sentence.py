"""Sentence, Token, Span: what flows through everything.

A sentence is stored by column, not by token: one tuple of forms and one tuple of tags per column.
Where it was read from a file it also keeps every line it stood in, so that a writer can give back
the very same bytes with nothing changed but the columns that were tagged. This module knows no
file format; `corpus/` reads and writes them.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Literal, NamedTuple

import msgspec

FORM = "form"
UNANNOTATED = "_"  # a token without a tag in an otherwise tagged column (CoNLL-U's "unspecified")


class Span(NamedTuple):
    """A labelled stretch of tokens: `start` inclusive, `end` exclusive."""

    start: int
    end: int
    label: str


class Token(NamedTuple):
    """One token as seen from outside: its form, character offsets (or None) and tags by column."""

    form: str
    start: int | None
    end: int | None
    tags: Mapping[str, str]


Kind = Literal["conllu", "columns", "pairs", "jsonl", "brat"]


class Layout(msgspec.Struct, frozen=True):
    """How a file holds columns.

    `columns` maps a column's name to its field (from 0). `separator` is a tab, or a blank for any
    run of blanks and tabs; in pairs (`word/TAG`) the sign between a token and its tags. In CoNLL-U,
    columns that are not among the ten live in MISC as `NAME=value`. `ids` is the field of token IDs
    where lines whose ID is a range (`3-4`) or of an empty node (`8.1`) are no tokens. Columns in
    `brackets` are written as in CoNLL-2012: `(PER*`, `*`, `*)`. JSON lines and brat's standoff have
    no fields.
    """

    kind: Kind
    columns: Mapping[str, int]
    separator: str = "\t"
    comments: bool = True
    width: int | None = None  # fields per line, None where lines may differ
    ids: int | None = None
    brackets: frozenset[str] = frozenset()


class Source(msgspec.Struct, frozen=True):
    """Where a sentence stood: its file, its first line (from 1) and the text of all its lines.

    Token i stood in `lines[rows[i]]`; the other lines are comments, multiword ranges, empty nodes,
    document marks and the separator after the sentence.
    """

    path: str
    line: int
    text: str
    rows: tuple[int, ...]
    layout: Layout

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines with their ends; only LF ends one."""
        *whole, last = self.text.split("\n")
        return (*[f"{line}\n" for line in whole], *([last] if last else []))


class Ranked(NamedTuple):
    """One of the best tag sequences of a sentence and its probability among all legal ones."""

    tags: tuple[str, ...]
    probability: float


class Confidence(msgspec.Struct, frozen=True):
    """How sure a model is of one column: probabilities (0..1) given the whole sentence.

    `tokens` are those of each token's tag, `spans` those of each span, in the order of
    `spans_from_tags`, to stand exactly there with that label (empty for plain tags). `best` are
    the n best sequences, the most probable first, where they were asked for.
    """

    tokens: tuple[float, ...]
    spans: tuple[float, ...] = ()
    best: tuple[Ranked, ...] = ()


class Sentence(msgspec.Struct, frozen=True):
    """A sequence of forms with tag columns of the same length.

    `offsets` are (start, end) character positions of each token in the text that it was segmented
    from; the words of a multiword token share those of its surface form. `text` is the stretch of
    that text which the sentence covers, beginning at `start`; `space_after` is whether white space
    or the text's end comes behind it.
    `confidence` is there for predicted columns where probabilities were asked for.
    """

    forms: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]] = {}
    offsets: tuple[tuple[int, int], ...] | None = None
    text: str | None = None
    start: int = 0
    source: Source | None = None
    confidence: Mapping[str, Confidence] = {}
    space_after: bool = True

    def __len__(self) -> int:
        return len(self.forms)

    def tokens(self) -> list[Token]:
        """The tokens one by one; slower than the columns, pleasanter in an interactive session."""
        offsets = self.offsets or ((None, None),) * len(self.forms)
        return [
            Token(form, start, end, {name: tags[i] for name, tags in self.columns.items()})
            for i, (form, (start, end)) in enumerate(zip(self.forms, offsets, strict=True))
        ]

    def with_columns(self, columns: Mapping[str, tuple[str, ...]]) -> "Sentence":
        """A copy in which `columns` replace or join those that were there, of no confidence."""
        kept = {name: sure for name, sure in self.confidence.items() if name not in columns}
        return msgspec.structs.replace(self, columns={**self.columns, **columns}, confidence=kept)

    def without_columns(self) -> "Sentence":
        """A copy with no tags at all, as a tagger meets it."""
        return msgspec.structs.replace(self, columns={}, confidence={})


def surface_tokens(sentence: Sentence) -> list[tuple[int, int]]:
    """The words of each surface token, first (from 0) and end (exclusive); mostly one.

    Words that share their offsets are of one token, where these hold any text.
    """
    found: list[tuple[int, int]] = []
    at = 0
    for first, end in multiword_tokens(sentence):
        found += [(i, i + 1) for i in range(at, first)]
        found.append((first, end))
        at = end
    return found + [(i, i + 1) for i in range(at, len(sentence))]


def multiword_tokens(sentence: Sentence) -> list[tuple[int, int]]:
    """Those surface tokens that are several words; of a sentence without offsets none."""
    offsets = sentence.offsets
    if offsets is None or len(set(offsets)) == len(offsets):
        return []
    groups = groupby(range(len(offsets)), key=offsets.__getitem__)
    words = [(start < end, [*of_token]) for (start, end), of_token in groups]
    return [(of[0], of[-1] + 1) for has_text, of in words if has_text and len(of) > 1]


def place_of(sentence: Sentence, i: int, name: str) -> tuple[str, int, int]:
    """File, line and field (both from 1) of token i's tag in a column; `?` if it was never read."""
    source = sentence.source
    if source is None:
        return "?", 0, 0
    layout = source.layout
    line = source.line + source.rows[i]
    if layout.kind == "pairs":
        return source.path, line, i + 1
    in_misc = len(layout.columns) if layout.width is None else layout.width - 1
    return source.path, line, layout.columns.get(name, in_misc) + 1

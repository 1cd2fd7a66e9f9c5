"""Spans of several columns as brackets that nest.

Of two spans that cross, the one that begins later is cut where the other ends; what is left of it
continues it behind that place.
"""

from bisect import insort
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from tagger.output.spans import span_probabilities
from tagger.schemes import spans_from_tags
from tagger.sentence import Sentence


class Piece(NamedTuple):
    """A span by tokens, or a part of one; `name` is its column, `continues` that it was cut."""

    start: int
    end: int
    label: str
    name: str
    probability: float | None = None
    continues: bool = False

    @property
    def title(self) -> str:
        """The label, with a plus sign where the span began before."""
        return f"+{self.label}" if self.continues else self.label


def nested(sentence: Sentence, names: Sequence[str]) -> list[Piece]:
    """The spans of these columns, outer before inner, cut so that none cross."""
    waiting = sorted((p for name in names for p in _pieces(sentence, name)), key=_outer_first)
    found: list[Piece] = []
    open_ends: list[int] = []
    while waiting:
        piece = waiting.pop(0)
        while open_ends and open_ends[-1] <= piece.start:
            open_ends.pop()
        if open_ends and open_ends[-1] < piece.end:
            rest = piece._replace(start=open_ends[-1], continues=True)
            insort(waiting, rest, key=_outer_first)
            piece = piece._replace(end=open_ends[-1])
        open_ends.append(piece.end)
        found.append(piece)
    return found


def opened(pieces: Sequence[Piece]) -> dict[int, list[Piece]]:
    """By token: the pieces that begin with it, outer first."""
    return {start: list(group) for start, group in groupby(pieces, key=lambda piece: piece.start)}


def closed(pieces: Sequence[Piece]) -> dict[int, list[Piece]]:
    """By token: the pieces that end with it, inner first."""
    ends: dict[int, list[Piece]] = {}
    for piece in reversed(pieces):
        ends.setdefault(piece.end - 1, []).append(piece)
    return ends


def _outer_first(piece: Piece) -> tuple[int, int]:
    return piece.start, -piece.end


def _pieces(sentence: Sentence, name: str) -> list[Piece]:
    spans = spans_from_tags(sentence.columns[name])
    probabilities = span_probabilities(sentence, name, len(spans))
    return [Piece(*span, name, p) for span, p in zip(spans, probabilities, strict=True)]

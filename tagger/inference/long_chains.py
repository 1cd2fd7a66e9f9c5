"""Probabilities in a very long sentence: forward-backward over pieces instead of the whole.

The whole would take a step of Python for each token and keep everything in memory. Each token is
seen with 64 tokens on either side, after which a chain has forgotten where it began: the figures
are those of the whole but for rounding, unless tags depend on each other over such distances.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tagger.inference.decoding import Floats, Transitions
from tagger.inference.forward_backward import marginals
from tagger.inference.pieces import Piece, pieces_of
from tagger.sentence import Span

PIECES_AT_ONCE = 64


class LongMarginals:
    """As `Marginals` of one sentence, with the probabilities of the spans that are given.

    Shapes: emissions (length, num_tags), ids (length,), tokens (1, length, num_tags).
    """

    def __init__(
        self,
        emissions: Floats,
        transitions: Transitions,
        ids: Sequence[int],
        spans: Sequence[Span],
    ) -> None:
        self.tokens: NDArray[np.float64] = np.empty((1, *emissions.shape))
        self._probabilities: dict[tuple[int, int], float] = {}
        pieces = pieces_of(len(emissions))
        for first in range(0, len(pieces), PIECES_AT_ONCE):
            some = pieces[first : first + PIECES_AT_ONCE]
            self._add(some, emissions, transitions)
            self._add_spans(some, ids, [s for s in spans if _is_in(s, some)])

    def _add(self, pieces: Sequence[Piece], emissions: Floats, transitions: Transitions) -> None:
        lengths = [piece.stop - piece.begin for piece in pieces]
        batch = np.zeros((len(pieces), max(lengths), emissions.shape[1]), np.float32)
        for row, piece, length in zip(batch, pieces, lengths, strict=True):
            row[:length] = emissions[piece.begin : piece.stop]
        self._found = marginals(batch, lengths, transitions)
        for row, piece in zip(self._found.tokens, pieces, strict=True):
            middle = slice(piece.start - piece.begin, piece.end - piece.begin)
            self.tokens[0, piece.start : piece.end] = row[middle]

    def _add_spans(
        self, pieces: Sequence[Piece], ids: Sequence[int], spans: Sequence[Span]
    ) -> None:
        """Each span in the piece where it begins; of one that leaves the piece the part there."""
        size = pieces[0].end - pieces[0].start
        for span in spans:
            number = (span.start - pieces[0].start) // size
            piece = pieces[number]
            end = min(span.end, piece.stop)
            self._probabilities[span.start, span.end] = self._found.span(
                number, span.start - piece.begin, end - piece.begin, ids[span.start : end]
            )

    def span(self, sentence: int, start: int, end: int, ids: Sequence[int]) -> float:
        """The probability of one of the spans; `sentence` is 0."""
        return self._probabilities[start, end]


def _is_in(span: Span, pieces: Sequence[Piece]) -> bool:
    return pieces[0].start <= span.start < pieces[-1].end

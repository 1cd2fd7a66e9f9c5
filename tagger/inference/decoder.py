"""One head's emissions to tags as they are written, with probabilities where they are wanted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.inference.decoding import decode, legal_transitions
from tagger.inference.folder import Head
from tagger.inference.pieces import is_very_long
from tagger.schemes import OUTSIDE, spans_from_tags
from tagger.sentence import Confidence, Ranked, Span
from tagger.tasks import Task

if TYPE_CHECKING:
    from tagger.inference.forward_backward import Marginals
    from tagger.inference.long_chains import LongMarginals

Floats = NDArray[np.float32]
Decoded = tuple[tuple[str, ...], Confidence | None]


class Decoding(msgspec.Struct, frozen=True, kw_only=True):
    """How emissions become tags.

    `tasks` are those to predict (None: all). `constrained` keeps a softmax head of spans to legal
    sequences, as a CRF always is. `probabilities` asks for confidence, `n_best` for that many best
    sequences, `min_prob` leaves out spans of a lower probability.
    """

    tasks: tuple[str, ...] | None = None
    constrained: bool = True
    probabilities: bool = False
    n_best: int = 0
    min_prob: float = 0.0


class Decoder:
    """Decodes one head as asked."""

    def __init__(self, head: Head, decoding: Decoding) -> None:
        self.task = head.task
        self._transitions = head.transitions()
        self._is_legal = decoding.constrained or head.kind == "crf"
        if not self._is_legal:
            self._transitions = legal_transitions(head.task.tags, None)
        self._written = written_tags(head.task)
        written = np.array(self._written)
        self._alike = written[:, None] == written
        self._probabilities = decoding.probabilities or decoding.n_best > 0
        self._min_prob = decoding.min_prob if head.task.scheme is not None else 0.0
        self._n_best = decoding.n_best

    @property
    def is_by_token(self) -> bool:
        """Whether each token's tag is decided without those of the others."""
        return self.task.scheme is None and self._transitions.are_free() and not self._n_best

    def decode(self, emissions: Floats, lengths: Sequence[int]) -> list[Decoded]:
        """Tags and confidence of each sentence; shapes as in `decoding.decode`.

        A very long sentence comes alone.
        """
        best = decode(emissions, lengths, self._transitions)
        if not (self._probabilities or self._min_prob):
            return [(self._tags(ids), None) for ids in best]
        if is_very_long(lengths[0]) and not self._n_best:
            from tagger.inference.long_chains import LongMarginals

            (ids,) = best
            (scores,) = emissions
            long = LongMarginals(scores, self._transitions, ids, self._found(ids))
            return [self._surely(long, 0, ids, ())]
        from tagger.inference.forward_backward import marginals

        chances = marginals(emissions, lengths, self._transitions)
        return [
            self._surely(chances, i, ids, self._best(chances, i, emissions[i, : len(ids)]))
            for i, ids in enumerate(best)
        ]

    def _tags(self, ids: Sequence[int]) -> tuple[str, ...]:
        if not self._is_legal:
            return self.task.decode(ids)
        written = self._written
        return tuple([written[i] for i in ids])

    def _surely(
        self,
        chances: "Marginals | LongMarginals",
        sentence: int,
        ids: list[int],
        best: tuple[Ranked, ...],
    ) -> Decoded:
        """One sentence with its confidence, spans that are too unlikely taken out."""
        spans = self._spans(chances, sentence, ids)
        doubtful = [span for span, p in spans if p < self._min_prob]
        if doubtful:
            outside = self.task.tags.index(OUTSIDE)
            for span in doubtful:
                ids[span.start : span.end] = [outside] * (span.end - span.start)
        if not self._probabilities:
            return self._tags(ids), None
        of_tokens = (chances.tokens[sentence, : len(ids)] * self._alike[ids]).sum(1)
        confidence = Confidence(
            tokens=tuple(of_tokens.tolist()),
            spans=tuple([p for _, p in spans if p >= self._min_prob]),
            best=best,
        )
        return self._tags(ids), confidence

    def _spans(
        self, chances: "Marginals | LongMarginals", sentence: int, ids: Sequence[int]
    ) -> list[tuple[Span, float]]:
        """Spans and their probabilities, in order."""
        return [
            (span, chances.span(sentence, span.start, span.end, ids[span.start : span.end]))
            for span in self._found(ids)
        ]

    def _found(self, ids: Sequence[int]) -> list[Span]:
        if self.task.scheme is None:
            return []
        return spans_from_tags([self.task.tags[i] for i in ids])

    def _best(self, chances: "Marginals", sentence: int, emissions: Floats) -> tuple[Ranked, ...]:
        if not self._n_best:
            return ()
        from tagger.inference.n_best import n_best

        found = n_best(emissions, self._transitions, self._n_best)
        total = chances.log_partition[sentence]
        return tuple(Ranked(self._tags(ids), float(np.exp(score - total))) for ids, score in found)


def written_tags(task: Task) -> tuple[str, ...]:
    """The tag that is written for each id of a legal sequence: IOB2 for IOBES."""
    if task.scheme is None:
        return task.tags
    iob2 = {"S": "B", "E": "I"}
    return tuple(iob2.get(tag[0], tag[0]) + tag[1:] for tag in task.tags)

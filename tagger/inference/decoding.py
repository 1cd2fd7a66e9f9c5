"""Emissions to tags: the best legal sequence by Viterbi's algorithm, in numpy, batched.

A softmax head is a chain whose transitions are all 0 (or forbidden); a CRF head brings its learned
ones. Both decode by the same recursion.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.schemes import OUTSIDE, Scheme, may_follow

Floats = NDArray[np.float32]
FORBIDDEN = -10000.0  # the score of a transition that the scheme does not allow


class Transitions(msgspec.Struct, frozen=True):
    """Scores of a chain's steps.

    Shapes: start (num_tags,), between (num_tags, num_tags) from row to column, end (num_tags,).
    """

    start: Floats
    between: Floats
    end: Floats

    def are_free(self) -> bool:
        """Whether they favour nothing and forbid nothing, so that each token stands alone."""
        return not (self.start.any() or self.between.any() or self.end.any())


def legal_transitions(tags: Sequence[str], scheme: Scheme | None) -> Transitions:
    """0 where the scheme allows a step, FORBIDDEN where not; all 0 without a scheme."""
    if scheme is None:
        size = len(tags)
        return Transitions(*(np.zeros(shape, np.float32) for shape in (size, (size, size), size)))

    def scores(pairs: list[tuple[str, str]]) -> Floats:
        allowed = [may_follow(before, after, scheme) for before, after in pairs]
        return np.where(allowed, 0.0, FORBIDDEN).astype(np.float32)

    between = scores([(before, after) for before in tags for after in tags])
    return Transitions(
        start=scores([(OUTSIDE, tag) for tag in tags]),
        between=between.reshape(len(tags), len(tags)),
        end=scores([(tag, OUTSIDE) for tag in tags]),
    )


def decode(emissions: Floats, lengths: Sequence[int], transitions: Transitions) -> list[list[int]]:
    """The best tag ids of each sentence (Viterbi 1967; ties go to the lower id).

    Shapes: emissions (batch, length, num_tags), lengths (batch,); every length is at least 1.
    """
    if transitions.are_free():
        best = emissions.argmax(-1).tolist()
        return [tags[:length] for tags, length in zip(best, lengths, strict=True)]
    return _trace_back(_best_scores(emissions, transitions), lengths, transitions)


def _best_scores(emissions: Floats, transitions: Transitions) -> Floats:
    """The score of the best way to each tag at each token, its emission included.

    The batch comes last, (length, num_tags, batch), so that numpy's inner loops run over it.
    """
    scores = emissions.transpose(1, 2, 0).copy()
    longest, num_tags, num_sentences = scores.shape
    candidates = np.empty((num_tags, num_tags, num_sentences), scores.dtype)
    between = transitions.between[:, :, None]
    scores[0] += transitions.start[:, None]
    for position in range(1, longest):
        np.add(scores[position - 1][:, None], between, out=candidates)
        scores[position] += candidates.max(0)
    return scores


def _trace_back(
    scores: Floats, lengths: Sequence[int], transitions: Transitions
) -> list[list[int]]:
    """Tag ids from each sentence's last tag backwards; what lies behind it means nothing.

    The tag before a tag is found again from the scores: cheaper than to store it for all tags.
    """
    longest, _, num_sentences = scores.shape
    ends = np.asarray(lengths) - 1
    best = np.empty((longest, num_sentences), np.intp)
    final = (scores[ends, :, np.arange(num_sentences)] + transitions.end).argmax(1)
    current = final
    for position in range(longest - 1, -1, -1):
        current = np.where(ends == position, final, current)
        best[position] = current
        if position:
            current = (scores[position - 1] + transitions.between[:, current]).argmax(0)
    return [tags[:length] for tags, length in zip(best.T.tolist(), lengths, strict=True)]

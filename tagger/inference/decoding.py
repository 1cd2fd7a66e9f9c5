"""Emissions to tags: the best legal sequence by Viterbi's algorithm, in numpy, batched.

A softmax head is a chain whose transitions are all 0 (or forbidden); a CRF head brings its learned
ones. Both decode by the same recursion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.schemes import OUTSIDE, Scheme, may_follow

Floats = NDArray[np.float32]
FORBIDDEN = -10000.0  # the score of a transition that the scheme does not allow


@dataclass(frozen=True, slots=True)
class Transitions:
    """Scores of a chain's steps.

    Shapes: start (num_tags,), between (num_tags, num_tags) from row to column, end (num_tags,).
    """

    start: Floats
    between: Floats
    end: Floats


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
    if not (transitions.start.any() or transitions.between.any() or transitions.end.any()):
        best = emissions.argmax(-1).tolist()
        return [tags[:length] for tags, length in zip(best, lengths, strict=True)]
    num_sentences, longest, num_tags = emissions.shape
    ends = np.asarray(lengths) - 1
    scores = emissions[:, 0] + transitions.start
    last = np.where((ends == 0)[:, None], scores, 0.0)
    backpointers = np.empty((longest, num_sentences, num_tags), np.int16)
    into = np.ascontiguousarray(transitions.between.T)  # into[j, i]: from tag i to tag j
    for position in range(1, longest):
        candidates = scores[:, None, :] + into
        best_before = candidates.argmax(-1)
        backpointers[position] = best_before
        scores = np.take_along_axis(candidates, best_before[..., None], -1)[..., 0]
        scores += emissions[:, position]
        last = np.where((ends == position)[:, None], scores, last)
    final = (last + transitions.end).argmax(-1)
    return _trace_back(final, backpointers, lengths)


def _trace_back(
    final: NDArray[np.intp], backpointers: NDArray[np.int16], lengths: Sequence[int]
) -> list[list[int]]:
    """Tag ids from each sentence's last tag backwards; what lies behind it means nothing."""
    longest, num_sentences, _ = backpointers.shape
    sentences = np.arange(num_sentences)
    ends = np.asarray(lengths) - 1
    best = np.empty((num_sentences, longest), np.intp)
    current = final
    for position in range(longest - 1, -1, -1):
        current = np.where(ends == position, final, current)
        best[:, position] = current
        if position:
            current = backpointers[position, sentences, current]
    return [tags[:length] for tags, length in zip(best.tolist(), lengths, strict=True)]

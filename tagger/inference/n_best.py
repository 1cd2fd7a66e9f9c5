"""Emissions to the n best tag sequences of a sentence, by list Viterbi, in numpy.

Where Viterbi's algorithm keeps the best way to each tag, this keeps the n best (the parallel list
algorithm of Seshadri and Sundberg 1994; algorithm 1 of Huang and Chiang 2005 on a chain).
"""

import numpy as np
from numpy.typing import NDArray

from tagger.inference.decoding import FORBIDDEN, Floats, Transitions

Ids = NDArray[np.intp]


def n_best(emissions: Floats, transitions: Transitions, n: int) -> list[tuple[list[int], float]]:
    """The n most probable tag sequences, the best first, each with its score.

    Fewer where fewer are legal. A score is the sum of emissions and transitions, in float64; less
    `Marginals.log_partition` it is the sequence's log probability. The search is in the emissions'
    precision, as in `decode`, whose answer comes first; equals come in a fixed order.

    Shape: emissions (length, num_tags), length at least 1; n at least 1.
    """
    start, between, end = (_legal(part) for part in _parts(transitions))
    scores, backpointers = _ways(emissions, start, between, n)
    final = (scores + end[:, None]).ravel()
    order = _best(final, n)
    order = order[final[order] > -np.inf]
    ids = _trace_back(order, backpointers, n)
    return list(zip(ids.tolist(), _scores(ids, emissions, transitions).tolist(), strict=True))


def _parts(transitions: Transitions) -> tuple[Floats, Floats, Floats]:
    return transitions.start, transitions.between, transitions.end


def _legal(scores: Floats) -> Floats:
    return np.where(scores <= FORBIDDEN, np.float32(-np.inf), scores)


def _best(scores: Floats, n: int) -> Ids:
    """Where the n highest along the last axis are, in order; of equals the first ones."""
    return np.argsort(-scores, axis=-1, kind="stable")[..., :n]


def _ways(emissions: Floats, start: Floats, between: Floats, n: int) -> tuple[Floats, list[Ids]]:
    """Scores (num_tags, n) of the n best ways to each tag of the last token, and the ways back.

    A way back is the number of the way to the token before: tag * n + rank.
    """
    scores = np.full((len(start), n), -np.inf, emissions.dtype)
    scores[:, 0] = emissions[0] + start
    backpointers = []
    into = between.T.copy()  # (to, from)
    to = np.arange(len(start))[:, None]
    for emitted in emissions[1:]:
        tags = _best(scores[:, 0] + into, n)  # no others can be among the n best
        ways = (tags[..., None] * n + np.arange(n)).reshape(len(to), -1)
        candidates = (scores[tags] + into[to, tags][..., None]).reshape(len(to), -1)
        best = _best(candidates, n)
        scores = candidates[to, best] + emitted[:, None]
        backpointers.append(ways[to, best])
    return scores, backpointers


def _trace_back(ways: Ids, backpointers: list[Ids], n: int) -> Ids:
    """Tag ids (ways, length) of the ways that end in these."""
    tags = [ways // n]
    for before in reversed(backpointers):
        ways = before.reshape(-1)[ways]
        tags.append(ways // n)
    return np.stack(tags[::-1], 1)


def _scores(ids: Ids, emissions: Floats, transitions: Transitions) -> NDArray[np.float64]:
    """The score of each of some tag sequences (sequences, length)."""
    emitted = emissions[np.arange(len(emissions)), ids].sum(1, dtype=np.float64)
    stepped = transitions.between[ids[:, :-1], ids[:, 1:]].sum(1, dtype=np.float64)
    total: NDArray[np.float64] = (
        transitions.start[ids[:, 0]] + emitted + stepped + transitions.end[ids[:, -1]]
    )
    return total

"""Emissions to probabilities: exact marginals of a linear chain, in numpy, batched.

The forward-backward algorithm (Rabiner 1989, section III.A; Lafferty, McCallum and Pereira 2001
for random fields): the forward message of a tag sums up all ways to reach it, the backward message
all ways on from it. One recursion makes both, for the ways on are the ways there read from the end.

Messages are probabilities scaled at every token (Rabiner's section V.A). A sentence whose scores
are so extreme that this might lose a legal tag is done again in logarithms, some ten times slower.
All is float64, and a sentence's figures are the same to the last bit alone and in any batch: sums
go over tags and tokens in order, which einsum and cumsum do and BLAS does not promise.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.inference.decoding import FORBIDDEN, Floats, Transitions

Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]
STEEPEST = 100.0  # a transition's score; exp(-100) times two faint values is a number, as are three


class Chain(msgspec.Struct, frozen=True):
    """What a tag's probability given the tag before it is made of.

    Shapes: emissions and onward (length, num_tags, batch), between (num_tags, num_tags). `onward`
    is the log-sum of the scores of all ways on from a tag at a token.
    """

    emissions: Doubles
    between: Doubles
    onward: Doubles

    def probability(self, sentence: int, start: int, end: int, ids: Sequence[int]) -> float:
        """The probability of `ids[1:]` after token `start`, given that it has the tag `ids[0]`."""
        score = self.onward[end - 1, ids[-1], sentence] - self.onward[start, ids[0], sentence]
        for position, (before, tag) in zip(range(start + 1, end), pairwise(ids), strict=True):
            score += self.between[before, tag] + self.emissions[position, tag, sentence]
        return min(1.0, math.exp(score))


class Marginals(msgspec.Struct, frozen=True):
    """Probabilities (0..1) given the whole sentence.

    Shapes: tokens (batch, length, num_tags), 0 beyond a sentence's end; log_partition (batch,),
    the log-sum of the scores of all legal sequences. Without a chain tokens are independent.
    """

    tokens: Doubles
    log_partition: Doubles
    chain: Chain | None = None

    def span(self, sentence: int, start: int, end: int, ids: Sequence[int]) -> float:
        """The probability that just the tags `ids` stand at the tokens from `start` to `end`."""
        if self.chain is None:
            places = zip(range(start, end), ids, strict=True)
            return math.prod(float(self.tokens[sentence, i, tag]) for i, tag in places)
        first = float(self.tokens[sentence, start, ids[0]])
        return first * self.chain.probability(sentence, start, end, ids) if first else 0.0


class Arithmetic(NamedTuple):
    """How products and sums of exponentiated scores are represented, and made.

    `step` takes values (num_tags, batch) at one token and steps (num_tags, num_tags) to the next.
    A message or emission below `faintest` (times a transition) might be rounded to nothing.
    """

    from_logs: Callable[[Doubles], Doubles]
    to_logs: Callable[[Doubles], Doubles]
    times: np.ufunc
    over: np.ufunc
    plus: np.ufunc
    step: Callable[[Doubles, Doubles], Doubles]
    faintest: float


def _step(values: Doubles, steps: Doubles) -> Doubles:
    # Over arrays in C order einsum adds tag by tag for any batch; over a transposed one it may not.
    reached: Doubles = np.einsum("ib,ij->jb", values, steps)
    return reached


def _log_step(values: Doubles, steps: Doubles) -> Doubles:
    reached: Doubles = np.logaddexp.reduce(values[:, None] + steps[:, :, None], axis=0)
    return reached


def _as_it_is(values: Doubles) -> Doubles:
    return values


SCALED = Arithmetic(np.exp, np.log, np.multiply, np.divide, np.add, _step, 1e-90)
LOGARITHMIC = Arithmetic(
    _as_it_is, _as_it_is, np.add, np.subtract, np.logaddexp, _log_step, -math.inf
)


class Scores(NamedTuple):
    """Transitions in float64, with -inf for a forbidden step."""

    start: Doubles
    between: Doubles
    end: Doubles

    def are_steep(self) -> bool:
        """Whether a legal step's score is out of the scaled arithmetic's reach."""
        return any((np.abs(part[part > -np.inf]) > STEEPEST).any() for part in self)


def marginals(emissions: Floats, lengths: Sequence[int], transitions: Transitions) -> Marginals:
    """Probabilities of tags and the normaliser of each sentence.

    Shapes: emissions (batch, length, num_tags), lengths (batch,). Every length is at least 1 and
    every sentence has a legal sequence; what stands beyond a sentence's end does not matter.
    """
    mask = np.arange(emissions.shape[1]) < np.asarray(lengths)[:, None]
    if transitions.are_free():
        return _independent(emissions, mask)
    known = np.zeros((emissions.shape[1], emissions.shape[2], emissions.shape[0]))
    np.copyto(known, emissions.transpose(1, 2, 0), where=mask.T[:, None])
    parts = (transitions.start, transitions.between, transitions.end)
    scores = Scores(*(np.where(part <= FORBIDDEN, -np.inf, part.astype(float)) for part in parts))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # log 0, and padding
        tokens, onward, log_partition, faint = _chained(known, mask.T, scores, SCALED)
        redo = np.ones_like(faint) if scores.are_steep() else faint
        if redo.any():
            found = _chained(known[:, :, redo], mask.T[:, redo], scores, LOGARITHMIC)
            tokens[redo], onward[:, :, redo], log_partition[redo], _ = found
            tokens[redo] = np.exp(tokens[redo])
    tokens[~mask] = 0.0
    return Marginals(tokens, log_partition, Chain(known, scores.between, onward))


def _independent(emissions: Floats, mask: Mask) -> Marginals:
    """Softmax of each token."""
    tokens = np.zeros(emissions.shape)
    np.copyto(tokens, emissions, where=mask[..., None])
    peaks = tokens.max(-1, keepdims=True)
    tokens -= peaks
    np.exp(tokens, out=tokens)
    totals = tokens.sum(-1, keepdims=True)
    tokens /= totals
    tokens[~mask] = 0.0
    by_token = np.where(mask, (np.log(totals) + peaks)[..., 0], 0.0)
    return Marginals(tokens, by_token.cumsum(1)[:, -1])


def _chained(
    emissions: Doubles, mask: Mask, scores: Scores, arithmetic: Arithmetic
) -> tuple[Doubles, Doubles, Doubles, Mask]:
    """Tokens, onward, log_partition, and which sentences `arithmetic` may have rounded.

    Shapes: emissions (length, num_tags, batch), 0 beyond the end, mask (length, batch).
    """
    peaks = emissions.max(1)
    emitted = arithmetic.from_logs(emissions - peaks[:, None])
    start, steps, end = (arithmetic.from_logs(part) for part in scores)
    first, last = np.zeros_like(mask), mask.copy()
    first[0] = True
    last[:-1] &= ~mask[1:]
    forward, scales = _messages(emitted, first, start, steps, arithmetic)
    backward, onward_scales = _messages(emitted[::-1], last[::-1], end, steps.T.copy(), arithmetic)
    backward, onward_scales = backward[::-1], np.where(mask, onward_scales[::-1], 0.0)

    taken_out = (onward_scales + peaks)[::-1].cumsum(0)[::-1]  # from here to the end
    onward = arithmetic.to_logs(backward) + (taken_out - peaks)[:, None]
    joint = arithmetic.times(arithmetic.times(forward, emitted), backward)
    joint = np.ascontiguousarray(joint.transpose(2, 0, 1))
    totals = arithmetic.plus.reduce(joint, axis=-1, keepdims=True)
    log_partition = arithmetic.to_logs(totals[:, 0, 0]) + scales[0] + taken_out[0]
    tokens = arithmetic.over(joint, totals)
    faint = emitted < arithmetic.faintest
    for messages in (forward, backward):
        faint |= (messages < arithmetic.faintest) & (messages > 0.0)  # 0 is a forbidden tag's
    doubtful: Mask = np.logical_or.reduce(faint.any(1) & mask, axis=0)
    return tokens, onward, log_partition, doubtful


def _messages(
    emitted: Doubles, begins: Mask, start: Doubles, steps: Doubles, arithmetic: Arithmetic
) -> tuple[Doubles, Doubles]:
    """Messages up to each token, without its emission, and the logarithms of their scales.

    Shapes: emitted and messages (length, num_tags, batch), begins and scales (length, batch).
    `begins` marks each sentence's first token; what is found before it means nothing.
    """
    messages, scales = np.empty_like(emitted), np.empty(begins.shape)
    reached = emitted[0]
    for position, begins_here in enumerate(begins):
        reached = arithmetic.step(reached, steps)
        np.copyto(reached, start[:, None], where=begins_here)
        reached.max(0, out=scales[position])
        here = arithmetic.over(reached, scales[position], out=messages[position])
        reached = arithmetic.times(here, emitted[position])
    return messages, arithmetic.to_logs(scales)

"""Marginals against sums over all tag sequences."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.inference.decoding import FORBIDDEN, Transitions, legal_transitions
from tagger.inference.forward_backward import Marginals, marginals

IOBES = ("O", "B-X", "I-X", "E-X", "S-X")
FREE = Transitions(*(np.zeros(shape, np.float32) for shape in (4, (4, 4), 4)))
LENGTHS = [4, 1, 3, 2, 5, 1]


def learned(random: np.random.Generator, legal: Transitions, scale: float = 2.0) -> Transitions:
    parts = (legal.start, legal.between, legal.end)
    noise = [random.normal(0, scale, part.shape) for part in parts]
    return Transitions(
        *(np.where(p < 0, p, x).astype(np.float32) for p, x in zip(parts, noise, strict=True))
    )


def chain_of(kind: str, random: np.random.Generator) -> Transitions:
    if kind == "free":
        return FREE
    legal = legal_transitions(IOBES, "IOBES")
    return {
        "IOBES": legal,
        "learned": learned(random, FREE),
        "learned IOBES": learned(random, legal),
        "steep IOBES": learned(random, legal, 300.0),
    }[kind]


KINDS = ("free", "IOBES", "learned", "learned IOBES", "steep IOBES")


def batch_of(
    random: np.random.Generator, num_tags: int, lengths: list[int], scale: float = 2.0
) -> np.ndarray:
    """Emissions with garbage beyond each sentence's end."""
    emissions = random.normal(0, scale, (len(lengths), max(lengths), num_tags)).astype(np.float32)
    for row, length in zip(emissions, lengths, strict=True):
        row[length:] = random.choice([np.nan, np.inf, -np.inf, 1e30], (len(row) - length, num_tags))
    return emissions


def legal_sequences(
    emissions: np.ndarray, transitions: Transitions
) -> tuple[np.ndarray, np.ndarray]:
    """Tag ids (sequences, length) of all that use no forbidden step, and their scores."""
    ids, scores = [], []
    for tags in product(range(emissions.shape[1]), repeat=len(emissions)):
        steps = [transitions.start[tags[0]], transitions.end[tags[-1]]]
        steps += [transitions.between[step] for step in pairwise(tags)]
        if min(steps) > FORBIDDEN:
            ids.append(tags)
            emitted = [emissions[i, tag] for i, tag in enumerate(tags)]
            scores.append(sum(map(float, steps + emitted)))
    return np.array(ids), np.array(scores)


def check(found: Marginals, row: int, emissions: np.ndarray, transitions: Transitions) -> None:
    """Everything `found` says of one sentence, against sums over its sequences."""
    ids, scores = legal_sequences(emissions, transitions)
    best = scores.max()
    shares = np.exp(scores - best)
    assert found.log_partition[row] == pytest.approx(best + np.log(shares.sum()), rel=1e-12)
    shares /= shares.sum()
    length, num_tags = emissions.shape
    for position, tag in product(range(length), range(num_tags)):
        expected = shares[ids[:, position] == tag].sum()
        assert found.tokens[row, position, tag] == pytest.approx(expected, abs=1e-10)
    for start, end in ((i, j) for j in range(1, length + 1) for i in range(j)):
        for tags in product(range(num_tags), repeat=min(end - start, 3)):
            inner = (*tags[:1], *tags[1:2] * (end - start - 2), *tags[1:][-1:])
            expected = shares[(ids[:, start:end] == inner).all(1)].sum()
            assert found.span(row, start, end, inner) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_marginals_equal_sums_over_all_sequences_for_mixed_lengths(kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    transitions = chain_of(kind, random)
    emissions = batch_of(random, len(transitions.start), LENGTHS)
    found = marginals(emissions, LENGTHS, transitions)
    for row, length in enumerate(LENGTHS):
        check(found, row, emissions[row, :length], transitions)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [60.0, 200.0, 3000.0])
def test_marginals_are_exact_for_extreme_emissions(kind: str, scale: float) -> None:
    random = np.random.default_rng(int(scale))
    transitions = chain_of(kind, random)
    emissions = batch_of(random, len(transitions.start), LENGTHS, scale)
    found = marginals(emissions, LENGTHS, transitions)
    for row, length in enumerate(LENGTHS):
        check(found, row, emissions[row, :length], transitions)


def test_a_tag_that_lost_at_first_may_win_in_the_end() -> None:
    stay = np.where(np.eye(2) > 0, 0.0, FORBIDDEN).astype(np.float32)
    transitions = Transitions(np.zeros(2, np.float32), stay, np.zeros(2, np.float32))
    emissions = np.array([[[2000, 0], [0, 4001], [2000, 0]]], np.float32)  # 1 wins by one
    found = marginals(emissions, [3], transitions)
    expected = 1 / (1 + np.exp(-1.0))
    assert found.tokens[0, :, 1] == pytest.approx([expected] * 3, rel=1e-9)
    assert found.span(0, 0, 3, [1, 1, 1]) == pytest.approx(expected, rel=1e-9)
    assert found.span(0, 0, 2, [0, 1]) == 0.0
    assert found.log_partition[0] == pytest.approx(4001 - np.log(expected))


def test_a_tag_may_lose_and_win_little_by_little() -> None:
    stay = np.where(np.eye(2) > 0, 0.0, FORBIDDEN).astype(np.float32)
    transitions = Transitions(np.zeros(2, np.float32), stay, np.zeros(2, np.float32))
    emissions = np.zeros((1, 40, 2), np.float32)
    emissions[0, :10, 0] = emissions[0, 10:30, 1] = emissions[0, 30:, 0] = 100.0
    emissions[0, 20, 1] += 1.0
    found = marginals(emissions, [40], transitions)
    assert found.tokens[0, :, 1] == pytest.approx(1 / (1 + np.exp(-1.0)), rel=1e-9)


@pytest.mark.parametrize("step", [-5000.0, -500.0, 500.0, 5000.0])
def test_steep_transitions_may_be_the_only_way(step: float) -> None:
    between = np.array([[FORBIDDEN, step], [1.0, FORBIDDEN]], np.float32)
    transitions = Transitions(np.zeros(2, np.float32), between, np.zeros(2, np.float32))
    emissions = np.random.default_rng(0).normal(0, 2, (1, 4, 2)).astype(np.float32)
    check(marginals(emissions, [4], transitions), 0, emissions[0], transitions)


def test_probabilities_of_a_token_sum_to_one_and_are_none_beyond_the_end() -> None:
    random = np.random.default_rng(1)
    lengths = [40, 7, 1, 23]
    for kind in KINDS:
        transitions = chain_of(kind, random)
        emissions = batch_of(random, len(transitions.start), lengths, 10.0)
        tokens = marginals(emissions, lengths, transitions).tokens
        inside = np.arange(40) < np.array(lengths)[:, None]
        assert tokens.sum(2) == pytest.approx(inside.astype(float), abs=1e-12)
        assert tokens.min() >= 0.0
        assert tokens.max() <= 1.0


def test_a_very_long_sentence_neither_overflows_nor_vanishes() -> None:
    random = np.random.default_rng(2)
    transitions = chain_of("learned IOBES", random)
    emissions = batch_of(random, 5, [5000], 30.0)
    found = marginals(emissions, [5000], transitions)
    assert found.tokens.sum(2) == pytest.approx(1.0, abs=1e-12)
    pairs = product(range(5), repeat=2)
    assert sum(found.span(0, 4000, 4002, pair) for pair in pairs) == pytest.approx(1.0, abs=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [3.0, 1000.0])
def test_a_sentence_has_the_same_figures_to_the_last_bit_alone_and_in_a_batch(
    kind: str, scale: float
) -> None:
    random = np.random.default_rng(3)
    transitions = chain_of(kind, random)
    lengths = [int(length) for length in random.integers(1, 25, 83)]
    emissions = batch_of(random, len(transitions.start), lengths, scale)
    emissions[::2] /= scale  # every other sentence is mild
    together = marginals(emissions, lengths, transitions)
    for row, length in enumerate(lengths):
        alone = marginals(emissions[row : row + 1, :length], [length], transitions)
        assert (alone.tokens[0] == together.tokens[row, :length]).all()
        assert alone.log_partition[0] == together.log_partition[row]
        ids = together.tokens[row, :length].argmax(1).tolist()
        assert alone.span(0, 0, length, ids) == together.span(row, 0, length, ids)


@pytest.mark.parametrize("kind", KINDS)
def test_emissions_may_be_a_view_into_those_of_several_tasks(kind: str) -> None:
    random = np.random.default_rng(4)
    transitions = chain_of(kind, random)
    num_tags = len(transitions.start)
    everything = random.normal(0, 2, (5, 3, 11)).astype(np.float32)  # (length, batch, tags)
    view = everything[:, :, 2 : 2 + num_tags].transpose(1, 0, 2)
    before = everything.copy()
    seen = marginals(view, [5, 2, 4], transitions)
    copied = marginals(view.copy(), [5, 2, 4], transitions)
    assert (seen.tokens == copied.tokens).all()
    assert (everything == before).all()


scores = st.floats(-2000, 2000, width=32)


@given(
    st.lists(st.lists(scores, min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(st.sampled_from([0.0, 1.5, -99.0, FORBIDDEN]), min_size=9, max_size=9),
)
def test_whatever_the_scores_marginals_are_exact(
    emissions: list[list[float]], between: list[float]
) -> None:
    steps = np.array(between, np.float32).reshape(3, 3)
    steps[0, 0] = 0.5  # one sequence is always legal
    transitions = Transitions(np.zeros(3, np.float32), steps, np.zeros(3, np.float32))
    batch = np.array([emissions], np.float32)
    check(marginals(batch, [len(emissions)], transitions), 0, batch[0], transitions)

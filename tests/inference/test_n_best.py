"""The n best sequences against all sequences, sorted."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.inference.decoding import FORBIDDEN, Transitions, decode, legal_transitions
from tagger.inference.forward_backward import marginals
from tagger.inference.n_best import n_best

IOBES = ("O", "B-X", "I-X", "E-X", "S-X")
LEGAL = legal_transitions(IOBES, "IOBES")
FREE = Transitions(*(np.zeros(shape, np.float32) for shape in (3, (3, 3), 3)))


def learned(random: np.random.Generator, legal: Transitions) -> Transitions:
    parts = (legal.start, legal.between, legal.end)
    return Transitions(
        *(np.where(p < 0, p, random.normal(0, 2, p.shape)).astype(np.float32) for p in parts)
    )


def all_legal(emissions: np.ndarray, transitions: Transitions) -> dict[tuple[int, ...], float]:
    """Every sequence that uses no forbidden step and its score, the best first."""
    found = {}
    for tags in product(range(emissions.shape[1]), repeat=len(emissions)):
        steps = [transitions.start[tags[0]], transitions.end[tags[-1]]]
        steps += [transitions.between[step] for step in pairwise(tags)]
        if min(steps) > FORBIDDEN:
            emitted = [emissions[i, tag] for i, tag in enumerate(tags)]
            found[tags] = sum(map(float, steps + emitted))
    return dict(sorted(found.items(), key=lambda item: -item[1]))


@pytest.mark.parametrize("legal", [FREE, LEGAL], ids=["free", "IOBES"])
@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("seed", range(5))
def test_the_n_best_are_the_first_n_of_all_legal_sequences(
    legal: Transitions, length: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    for transitions in (legal, learned(random, legal)):
        emissions = random.normal(0, 2, (length, len(legal.start)))
        expected = list(all_legal(emissions, transitions).items())
        for n in (1, 2, 3, 7, 40, 1000):  # the last two are more than there may be
            found = n_best(emissions, transitions, n)
            assert len(found) == min(n, len(expected))
            assert [tuple(tags) for tags, _ in found] == [tags for tags, _ in expected[:n]]
            assert [score for _, score in found] == pytest.approx([s for _, s in expected[:n]])


def test_forbidden_sequences_are_not_returned_however_high_their_emissions() -> None:
    emissions = np.zeros((3, 5), np.float32)
    emissions[:, 2] = 30000.0  # I-X, thrice what a forbidden step costs
    found = n_best(emissions, LEGAL, 200)
    assert {tuple(tags) for tags, _ in found} == set(all_legal(emissions, LEGAL))
    assert found[0] == ([1, 2, 3], 30000.0)


def test_very_low_scores_are_still_legal() -> None:
    emissions = np.full((3, 5), -20000.0, np.float32)
    assert len(n_best(emissions, LEGAL, 200)) == len(all_legal(emissions, LEGAL))


@pytest.mark.parametrize("transitions", [FREE, LEGAL, learned(np.random.default_rng(0), LEGAL)])
def test_the_best_of_n_is_what_viterbi_finds_also_among_equals(transitions: Transitions) -> None:
    random = np.random.default_rng(1)
    num_tags = len(transitions.start)
    for length in (1, 2, 5, 30):
        tied = random.integers(-1, 2, (length, num_tags)).astype(np.float32)
        for emissions in (tied, random.normal(0, 2, tied.shape).astype(np.float32)):
            (expected,) = decode(emissions[None], [length], transitions)
            for n in (1, 2, 5):
                assert n_best(emissions, transitions, n)[0][0] == expected


def test_equals_come_in_a_fixed_order() -> None:
    found = n_best(np.zeros((2, 3), np.float32), FREE, 4)
    assert found == [([0, 0], 0.0), ([1, 0], 0.0), ([2, 0], 0.0), ([0, 1], 0.0)]


def test_scores_less_the_normaliser_are_log_probabilities() -> None:
    random = np.random.default_rng(2)
    transitions = learned(random, LEGAL)
    emissions = random.normal(0, 2, (4, 5)).astype(np.float32)
    whole = marginals(emissions[None], [4], transitions)
    found = n_best(emissions, transitions, 1000)
    probabilities = [np.exp(score - whole.log_partition[0]) for _, score in found]
    assert sum(probabilities) == pytest.approx(1.0, abs=1e-12)
    assert probabilities == pytest.approx([whole.span(0, 0, 4, tags) for tags, _ in found])


@given(
    st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(st.sampled_from([0.0, 1.0, -1.0, FORBIDDEN]), min_size=9, max_size=9),
    st.integers(1, 90),
)
def test_with_ties_too_the_scores_are_the_n_highest_and_no_sequence_comes_twice(
    emissions: list[list[int]], between: list[float], n: int
) -> None:
    steps = np.array(between, np.float32).reshape(3, 3)
    transitions = Transitions(np.zeros(3, np.float32), steps, np.zeros(3, np.float32))
    scores = np.array(emissions, np.float32)
    found = n_best(scores, transitions, n)
    every = all_legal(scores, transitions)
    assert [score for _, score in found] == list(every.values())[:n]
    assert all(every[tuple(tags)] == score for tags, score in found)
    assert len({tuple(tags) for tags, _ in found}) == len(found)

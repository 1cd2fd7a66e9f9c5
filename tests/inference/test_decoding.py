"""Viterbi against brute force, and which steps each scheme allows."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.inference.decoding import FORBIDDEN, Transitions, decode, legal_transitions
from tagger.schemes import Scheme, convert_tags

FREE = Transitions(*(np.zeros(shape, np.float32) for shape in (3, (3, 3), 3)))
PREFIXES: dict[Scheme, str] = {"IO": "I", "IOB1": "BI", "IOB2": "BI", "IOBES": "BIES"}


def random_transitions(random: np.random.Generator, *, forbid: bool = False) -> Transitions:
    scores = [random.normal(0, 2, shape).astype(np.float32) for shape in (3, (3, 3), 3)]
    if forbid:
        scores[0][2] = scores[1][0, 2] = scores[1][1, 1] = scores[2][1] = FORBIDDEN
    return Transitions(*scores)


def score(emissions: np.ndarray, tags: tuple[int, ...], transitions: Transitions) -> float:
    steps = sum(float(transitions.between[step]) for step in pairwise(tags))
    emitted = sum(float(emissions[i, tag]) for i, tag in enumerate(tags))
    return float(transitions.start[tags[0]]) + steps + emitted + float(transitions.end[tags[-1]])


@pytest.mark.parametrize("forbid", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_viterbi_equals_brute_force_for_mixed_lengths(seed: int, forbid: bool) -> None:
    random = np.random.default_rng(seed)
    transitions = random_transitions(random, forbid=forbid)
    lengths = [4, 1, 3, 2, 5, 1]
    emissions = random.normal(0, 2, (6, 5, 3)).astype(np.float32)
    for row, tags in enumerate(decode(emissions, lengths, transitions)):
        every = product(range(3), repeat=lengths[row])
        best = max(every, key=lambda tags: score(emissions[row], tags, transitions))
        assert tuple(tags) == best


def test_what_stands_beyond_a_sentences_end_does_not_matter() -> None:
    random = np.random.default_rng(1)
    transitions = random_transitions(random)
    emissions = random.normal(0, 2, (3, 5, 3)).astype(np.float32)
    otherwise = emissions.copy()
    otherwise[0, 1:], otherwise[1, 3:] = 1e4, np.nan
    lengths = [1, 3, 5]
    for chain in (FREE, transitions):
        assert decode(emissions, lengths, chain) == decode(otherwise, lengths, chain)


def test_a_view_into_the_emissions_of_several_tasks_is_decoded_and_left_alone() -> None:
    random = np.random.default_rng(2)
    everything = random.normal(0, 2, (5, 4, 9)).astype(np.float32)  # (length, batch, tags)
    before = everything.copy()
    view = everything[:, :, 4:7].transpose(1, 0, 2)
    for transitions in (FREE, random_transitions(random)):
        found = decode(view, [5, 1, 2, 5], transitions)
        assert found == decode(view.copy(), [5, 1, 2, 5], transitions)
    assert (everything == before).all()


def test_ties_go_to_the_lower_id_with_and_without_transitions() -> None:
    emissions = np.zeros((2, 3, 3), np.float32)
    flat = Transitions(*(np.full(shape, 1.0, np.float32) for shape in (3, (3, 3), 3)))
    assert decode(emissions, [3, 1], FREE) == [[0, 0, 0], [0]]
    assert decode(emissions, [3, 1], flat) == [[0, 0, 0], [0]]
    emissions[:, :, 0] = -1.0
    assert decode(emissions, [3, 1], FREE) == [[1, 1, 1], [1]]
    assert decode(emissions, [3, 1], flat) == [[1, 1, 1], [1]]


def test_a_sentence_of_one_token_weighs_start_and_end() -> None:
    transitions = Transitions(
        np.array([0, 2, 1], np.float32), np.zeros((3, 3), np.float32), np.array([0, 0, 2], "f4")
    )
    assert decode(np.zeros((1, 1, 3), np.float32), [1], transitions) == [[2]]


@pytest.mark.parametrize("seed", range(10))
def test_the_shortcut_without_transitions_equals_the_general_path(seed: int) -> None:
    random = np.random.default_rng(seed)
    emissions = random.integers(-2, 3, (4, 5, 3)).astype(np.float32)  # with many ties
    lengths = [5, 1, 3, 4]
    everywhere_alike = Transitions(*(np.full(s, 0.5, np.float32) for s in (3, (3, 3), 3)))
    assert decode(emissions, lengths, FREE) == decode(emissions, lengths, everywhere_alike)
    assert [len(tags) for tags in decode(emissions, lengths, FREE)] == lengths


def tags_of(scheme: Scheme) -> list[str]:
    prefixes = PREFIXES.get(scheme, "BILU")
    return ["O", *(f"{prefix}-{label}" for label in "XY" for prefix in prefixes)]


@pytest.mark.parametrize("scheme", ["IO", "IOB1", "IOB2", "IOBES", "BILOU"])
def test_exactly_the_sequences_that_a_scheme_writes_are_legal(scheme: Scheme) -> None:
    tags = tags_of(scheme)
    chain = legal_transitions(tags, scheme)
    for length in (1, 2, 3):
        for ids in product(range(len(tags)), repeat=length):
            sequence = [tags[i] for i in ids]
            is_legal = score(np.zeros((length, len(tags))), ids, chain) == 0.0
            assert is_legal == (convert_tags(sequence, scheme) == sequence), sequence


def test_without_a_scheme_every_step_is_legal() -> None:
    chain = legal_transitions(["N", "V"], None)
    assert chain.between.shape == (2, 2)
    assert not any(part.any() for part in (chain.start, chain.between, chain.end))


@given(st.lists(st.lists(st.floats(-50, 50, width=32), min_size=9, max_size=9), min_size=1))
def test_decoded_tags_are_always_legal(emissions: list[list[float]]) -> None:
    tags = tags_of("IOBES")
    chain = legal_transitions(tags, "IOBES")
    (ids,) = decode(np.array([emissions], np.float32), [len(emissions)], chain)
    found = [tags[i] for i in ids]
    assert convert_tags(found, "IOBES") == found

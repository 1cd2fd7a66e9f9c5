"""Batches: every sentence once, within the budget, the same by the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.sentence import Sentence
from tagger.tasks import IGNORED
from tagger.training.batches import Batch, count_tagged, plan_batches
from tagger.training.data import TrainingData, prepare
from tagger.vocabulary import Vocabulary
from tests.conftest import sentence, tiny_settings

LENGTHS = st.lists(st.integers(1, 60), max_size=80)
SEEDS = st.none() | st.integers(0, 1000)


def random_of(seed: int | None) -> np.random.Generator | None:
    return None if seed is None else np.random.default_rng(seed)


@given(LENGTHS, st.integers(1, 200), SEEDS)
def test_every_sentence_is_in_exactly_one_batch(
    lengths: list[int], budget: int, seed: int | None
) -> None:
    plan = plan_batches(lengths, budget, random_of(seed))
    assert sorted(i for indices in plan for i in indices) == list(range(len(lengths)))
    assert all(plan)


@given(LENGTHS, st.integers(1, 200), SEEDS)
def test_a_batch_with_its_padding_keeps_within_the_budget_unless_it_is_one_sentence(
    lengths: list[int], budget: int, seed: int | None
) -> None:
    for indices in plan_batches(lengths, budget, random_of(seed)):
        padded = len(indices) * max(lengths[i] for i in indices)
        assert padded <= budget or len(indices) == 1


@given(LENGTHS, st.integers(0, 1000))
def test_the_same_seed_gives_the_same_plan(lengths: list[int], seed: int) -> None:
    first, second = (plan_batches(lengths, 100, random_of(seed)) for _ in range(2))
    assert first == second


def test_another_seed_and_another_epoch_give_another_plan() -> None:
    lengths = [1 + i % 20 for i in range(200)]
    random = np.random.default_rng(1)
    plans = [plan_batches(lengths, 100, r) for r in (random, random, np.random.default_rng(2))]
    assert plans[0] != plans[1]
    assert plans[0] != plans[2]


def test_without_a_seed_sentences_come_in_order_of_length() -> None:
    plan = plan_batches([5, 1, 3, 1, 4], 6, None)
    assert plan == [[1, 3], [2], [4], [0]]


def test_sentences_of_a_batch_are_alike_in_length() -> None:
    lengths = [1 + i % 40 for i in range(400)]
    plan = plan_batches(lengths, 200, np.random.default_rng(1))
    used = sum(lengths)
    padded = sum(len(indices) * max(lengths[i] for i in indices) for indices in plan)
    assert used / padded > 0.9


SENTENCES = [
    sentence("Ann lives in Bath", upos="N V P N", ner="B-PER O O B-LOC"),
    sentence("in Bath", upos="P _"),
    sentence("Ann", ner="B-PER"),
]


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return prepare(SENTENCES, SENTENCES, ["upos", "ner"], tiny_settings())


def make_batch(data: TrainingData, *indices: int) -> Batch:
    return Batch([data.train[i] for i in indices], data.train_lexicon, ["upos", "ner"])


def test_words_and_characters_of_a_batch_are_those_of_its_sentences(data: TrainingData) -> None:
    inputs = make_batch(data, 1, 0).inputs
    assert inputs.lengths.tolist() == [2, 4]
    assert inputs.words.shape == inputs.forms.shape == (2, 4)
    for row, expected in enumerate((SENTENCES[1], SENTENCES[0])):
        for position, form in enumerate(expected.forms):
            assert inputs.words[row, position] == data.vocabularies.words.id_of(form.lower())
            characters = inputs.characters[inputs.forms[row, position]]
            ids = [data.vocabularies.characters.id_of(character) for character in form]
            assert characters.tolist() == ids + [0] * (len(characters) - len(ids))
    assert inputs.words[0, 2:].tolist() == [Vocabulary.pad_id] * 2


def test_characters_are_read_only_as_far_as_the_longest_form_of_the_batch(
    data: TrainingData,
) -> None:
    assert make_batch(data, 2).inputs.characters.shape[1] == len("Ann")
    assert make_batch(data, 0).inputs.characters.shape[1] == len("lives")


def test_missing_columns_missing_tags_and_padding_are_ignored(data: TrainingData) -> None:
    batch = make_batch(data, 0, 1, 2)
    upos, ner = data.tasks
    n, p, v = (upos.tags.index(tag) for tag in "NPV")
    ignored = [IGNORED] * 4
    assert batch.targets["upos"].tolist() == [[n, v, p, n], [p, *ignored[1:]], ignored]
    person, place = ner.tags.index("S-PER"), ner.tags.index("S-LOC")
    assert batch.targets["ner"].tolist() == [[person, 0, 0, place], ignored, [person, *ignored[1:]]]
    assert batch.num_tokens == 7


def test_a_batch_of_the_data_is_made_of_the_sentences_of_these_numbers(data: TrainingData) -> None:
    found = [data.batch(data.sentences(indices)) for indices in ([2], [0, 1])]
    assert [batch.inputs.lengths.tolist() for batch in found] == [[1], [4, 2]]


def test_tagged_tokens_are_counted_by_task(data: TrainingData) -> None:
    assert count_tagged(data.train, ["upos", "ner"]) == {"upos": 5, "ner": 5}
    assert count_tagged(data.train[1:2], ["upos", "ner"]) == {"upos": 1, "ner": 0}
    assert count_tagged([], ["upos"]) == {"upos": 0}


def test_a_form_of_no_characters_is_a_form() -> None:
    empty = Sentence(("", ""), {"upos": ("X", "X")})
    data = prepare([empty], [empty], ["upos"], tiny_settings())
    assert Batch(data.train, data.train_lexicon, ["upos"]).inputs.characters.shape[1] == 1

"""The whole network: several tasks, one encoder, one loss."""

import numpy as np
import pytest
import torch

from tagger.network.model import Network
from tagger.training.batches import Batch
from tagger.training.build import build_network
from tagger.training.data import TrainingData, prepare
from tests.conftest import randomise, sentence, tiny_settings

SENTENCES = [
    sentence("Ann lives in Bath .", upos="N V P N .", ner="B-PER O O B-LOC O"),
    sentence("Bob sleeps", upos="N V"),
    sentence("in Bath", ner="O B-LOC"),
]


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return prepare(SENTENCES, SENTENCES, ["upos", "ner"], tiny_settings())


def make_network(data: TrainingData) -> Network:
    network = build_network(tiny_settings(), data.tasks, data.vocabularies)
    return randomise(network)


def make_batch(data: TrainingData, *indices: int) -> Batch:
    return Batch([data.train[i] for i in indices], data.train_lexicon, ["upos", "ner"])


def test_emissions_have_one_score_per_tag_of_each_task(data: TrainingData) -> None:
    emissions = make_network(data)(make_batch(data, 0, 1, 2).inputs)
    shapes = {name: tuple(scores.shape) for name, scores in emissions.items()}
    assert shapes == {"upos": (3, 5, 4), "ner": (3, 5, 9)}


def test_a_sentence_has_the_same_emissions_alone_and_in_a_batch(data: TrainingData) -> None:
    network = make_network(data)
    together = network(make_batch(data, 0, 1, 2).inputs)
    for i, length in enumerate((5, 2, 2)):
        alone = network(make_batch(data, i).inputs)
        for name in together:
            assert torch.allclose(together[name][i, :length], alone[name][0], atol=1e-6)


def test_the_loss_is_the_sum_over_tasks_of_the_loss_per_tagged_token(data: TrainingData) -> None:
    network, batch = make_network(data), make_batch(data, 0, 1, 2)
    emissions = network(batch.inputs)
    total = network.losses(emissions, batch.targets)
    parts = [
        network.head(name).loss(emissions[name], batch.targets[name]) / 7
        for name in ("upos", "ner")
    ]
    assert total.item() == pytest.approx(sum(parts).item(), rel=1e-6)


@pytest.mark.parametrize(("row", "has", "lacks"), [(1, "upos", "ner"), (2, "ner", "upos")])
def test_a_head_without_gold_tags_in_the_batch_adds_and_learns_nothing(
    data: TrainingData, row: int, has: str, lacks: str
) -> None:
    network, batch = make_network(data), make_batch(data, row)
    emissions = network(batch.inputs)
    loss = network.losses(emissions, batch.targets)
    assert loss.item() == pytest.approx(
        network.head(has).loss(emissions[has], batch.targets[has]).item() / 2
    )
    loss.backward()
    assert all(weights.grad is None for weights in network.head(lacks).parameters())
    assert all(weights.grad is not None for weights in network.head(has).parameters())


def test_a_sentence_without_a_column_changes_nothing_in_that_heads_loss(data: TrainingData) -> None:
    network = make_network(data)
    both, alone = make_batch(data, 0, 1), make_batch(data, 0)
    assert np.all(both.targets["ner"][1].numpy() == -100)
    losses = [
        network.head("ner").loss(network(batch.inputs)["ner"], batch.targets["ner"]).item()
        for batch in (both, alone)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.parametrize("name", ["type", "keys", "training", "a.b"])
def test_a_task_may_have_any_name(name: str) -> None:
    train = [sentence("a b", upos="X Y")]
    renamed = [s.with_columns({name: s.columns["upos"]}) for s in train]
    data = prepare(renamed, renamed, [name], tiny_settings())
    network = build_network(tiny_settings(), data.tasks, data.vocabularies)
    batch = Batch(data.train, data.train_lexicon, [name])
    assert list(network(batch.inputs)) == [name]

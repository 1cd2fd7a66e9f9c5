"""The loop: it learns, it repeats itself, it stops when it should."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from tagger.sentence import Sentence
from tagger.training.data import prepare
from tagger.training.dev_scores import score_network
from tagger.training.loop import DivergedError, EpochReport, StepReport, Training
from tests.conftest import sentence, tiny_settings, train_to_the_end

TOY = [
    sentence("Ann Lee lives in Bath .", upos="N N V P N .", ner="B-PER I-PER O O B-LOC O"),
    sentence("Bob saw New York .", upos="N V N N .", ner="B-PER O B-LOC I-LOC O"),
    sentence("the dog saw Ann .", upos="D N V N .", ner="O O O B-PER O"),
    sentence("in Bath the dog lives .", upos="P N D N V .", ner="O B-LOC O O O O"),
    sentence("Bob Lee .", upos="N N .", ner="B-PER I-PER O"),
    sentence("the York dog", upos="D N N", ner="O B-LOC O"),
]
QUICK = {"epochs": 25, "batch_tokens": 20, "learning_rate": 0.05}


def make_training(
    train: Sequence[Sentence] = TOY,
    dev: Sequence[Sentence] = TOY,
    tasks: Sequence[str] = ("upos", "ner"),
    seed: int = 1,
    **tables: dict[str, Any],
) -> Training:
    settings = tiny_settings(seed, **tables)
    return Training(prepare(train, dev, tasks, settings), settings)


@pytest.mark.parametrize(
    "tables",
    [{}, {"characters": {"kind": "lstm"}, "heads": {"upos": "crf", "ner": "softmax"}}],
    ids=["cnn", "lstm and other heads"],
)
def test_a_toy_corpus_is_learned_by_heart(tables: dict[str, Any]) -> None:
    training = train_to_the_end(make_training(optimisation=QUICK, **tables))
    assert training.state.best_score == 1.0
    scores = score_network(training.best_network(), training.data)
    assert {score.task: score.value for score in scores} == {"upos": 1.0, "ner": 1.0}
    assert training.state.history[-1]["loss"] < training.state.history[0]["loss"] / 5


def test_corpora_of_different_columns_train_a_head_each() -> None:
    tags = [sentence(" ".join(s.forms), upos=" ".join(s.columns["upos"])) for s in TOY]
    entities = [sentence(" ".join(s.forms), ner=" ".join(s.columns["ner"])) for s in TOY]
    training = train_to_the_end(
        make_training([*tags, *entities], [*entities, *tags], optimisation=QUICK)
    )
    scores = score_network(training.best_network(), training.data)
    assert {score.task: score.value for score in scores} == {"upos": 1.0, "ner": 1.0}
    assert [score.sentences for score in scores] == [6, 6]


def test_partly_annotated_sentences_are_trained_on_without_stumbling() -> None:
    partly = [sentence("Ann _ saw", ner="B-PER _ O"), sentence("Bob Bath", upos="N _")]
    training = make_training([*TOY, *partly], optimisation={"batch_tokens": 1, "epochs": 1})
    train_to_the_end(training)
    assert training.state.history[0]["tokens"] == sum(map(len, TOY)) + 2


def test_reports_tell_each_batch_and_then_the_epoch() -> None:
    training = make_training(optimisation={"epochs": 2, "batch_tokens": 10})
    reports = list(training.run())
    epochs = [r for r in reports if isinstance(r, EpochReport)]
    steps = [r for r in reports if isinstance(r, StepReport)]
    assert [r.epoch for r in epochs] == [1, 2]
    assert [r.tokens for r in epochs] == [sum(map(len, TOY))] * 2
    for epoch in (1, 2):
        of_epoch = [r for r in steps if r.epoch == epoch]
        assert [r.batch for r in of_epoch] == list(range(1, of_epoch[0].num_batches + 1))
        assert sum(r.tokens for r in of_epoch) == sum(map(len, TOY))
        mean = sum(r.loss for r in of_epoch) / len(of_epoch)
        assert epochs[epoch - 1].loss == pytest.approx(mean)
    assert isinstance(reports[-1], EpochReport)
    assert [entry["epoch"] for entry in training.state.history] == [1, 2]
    last = epochs[1]
    assert last.score == pytest.approx((last.dev["upos"] + last.dev["ner"]) / 2)


def test_the_best_epoch_is_the_first_of_the_highest_score() -> None:
    training = train_to_the_end(make_training(optimisation=QUICK | {"epochs": 12}))
    scores = [entry["score"] for entry in training.state.history]
    assert training.state.best_score == max(scores)
    assert training.state.best_epoch == scores.index(max(scores))
    best = [entry["epoch"] for entry in training.state.history if entry["best"]]
    assert best[-1] == training.state.best_epoch + 1
    found = score_network(training.best_network(), training.data)
    assert sum(score.value for score in found) / 2 == training.state.best_score


@pytest.mark.parametrize("patience", [1, 3])
def test_training_stops_after_as_many_epochs_without_progress(patience: int) -> None:
    options = {"epochs": 20, "patience": patience, "learning_rate": 1e-12, "weight_decay": 0.0}
    training = train_to_the_end(make_training(optimisation=options))
    assert len(training.state.history) == 1 + patience
    assert training.state.best_epoch == 0
    assert training.is_stale()
    assert list(training.run()) == []


def test_scoring_dev_leaves_the_weights_as_they_were() -> None:
    training = make_training(optimisation={"epochs": 3})
    steps = training.run()
    next(steps)
    before = {k: v.clone() for k, v in training.state.network.state_dict().items()}
    training.score_dev()
    after = training.state.network.state_dict()
    assert all(before[name].equal(after[name]) for name in before)
    assert not all(before[name].equal(training.state.average[name]) for name in before)


def test_dev_tags_that_training_never_saw_count_as_wrong() -> None:
    dev = [sentence("Bob saw Ann", upos="N V Z")]
    training = train_to_the_end(make_training(dev=dev, tasks=["upos"], optimisation=QUICK))
    assert training.state.best_score == pytest.approx(2 / 3)


def test_a_loss_that_is_no_number_stops_before_it_spoils_a_weight() -> None:
    training = make_training()
    weights = training.state.network.state_dict()
    bias = next(name for name in weights if name.endswith("linear.bias"))
    weights[bias][0] = float("inf")
    before = {name: weight.clone() for name, weight in weights.items()}
    with pytest.raises(
        DivergedError, match=r"epoch 1, step 1: expected a finite loss, found (nan|inf)"
    ):
        train_to_the_end(training)
    assert training.state.step == 0
    for name, weight in training.state.network.state_dict().items():
        assert torch.equal(weight, before[name]), name

"""A language model's training: it learns, it repeats itself, it goes on where it was stopped."""

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tagger.training.checkpoint import load_state, save_state
from tagger.training.device import CPU, checked_precision
from tagger.training.language_data import LanguageData, prepare_language_data
from tagger.training.loop import DivergedError
from tagger.training.pretraining import (
    Pretraining,
    PretrainingReport,
    PretrainingStep,
    score_language_model,
)
from tests.conftest import sentence
from tests.training.language_corpus import (
    language_data,
    language_settings,
    pretrained,
    write_small,
)
from tests.training.test_state import assert_alike

# Dropout everywhere and lanes that forget, so that random states matter.
SHORT: dict[str, Any] = {"epochs": 0.3, "dropout": 0.3, "forget": 0.4, "reports": 4}
MEASURED = ("seconds", "cpu_seconds", "tokens_per_second")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> LanguageData:
    return language_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module", params=["fp32", "bf16"])
def precision(request: pytest.FixtureRequest) -> str:
    """Each of the two that this processor computes with."""
    precision: str = request.param
    if precision == "bf16" and checked_precision("auto", CPU) != "bf16":
        pytest.skip("the processor has no bf16")
    return precision


@pytest.fixture(scope="module")
def uninterrupted(data: LanguageData, precision: str) -> dict[str, Any]:
    return pretrained(data, **SHORT, precision=precision).state.as_dict()


def fresh(data: LanguageData, **changed: Any) -> Pretraining:
    return Pretraining(data, language_settings(**SHORT | changed))


def run_to_the_end(training: Pretraining) -> None:
    for _ in training.run():
        pass


def run_steps(training: Pretraining, number: int) -> None:
    """As many steps, and not what comes behind the last of them."""
    steps = (report for report in training.run() if isinstance(report, PretrainingStep))
    for _ in range(number):
        next(steps)


def saved_and_loaded(training: Pretraining, path: Path) -> dict[str, Any]:
    def warn(message: str) -> None:
        raise AssertionError(message)

    save_state(path, training.state.as_dict())
    state = load_state(path, warn)
    assert state is not None
    return state


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Bit for bit, but for what is measured."""

    def computed(state: dict[str, Any]) -> dict[str, Any]:
        history = [
            {key: value for key, value in report.items() if key not in MEASURED}
            for report in state["history"]
        ]
        return {**state, "history": history}

    assert_alike(computed(found), computed(expected))


def test_a_simple_text_is_learned(language_training: Pretraining) -> None:
    history = language_training.state.history
    losses = [report["loss"] for report in history]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 1.5
    for direction in ("forward", "backward"):
        held_out = [report["held_out"][direction] for report in history]
        assert held_out[-1] < held_out[0] / 2
        assert held_out[-1] < len(language_training.data.targets) / 5


def test_both_directions_read_the_whole_held_out_text(language_training: Pretraining) -> None:
    """What a network without weights finds: each target as likely as any other in its class."""
    data = language_training.data
    network = fresh(data).state.network
    with torch.no_grad():
        for weights in network.parameters():
            weights.zero_()
    head, classes = 8 + 2, {0: 1, 1: 20 - 8, 2: len(data.targets) - 20}
    for tokens in (data.dev, data.dev[:2], data.dev[:90], data.train):
        found = score_language_model(network, tokens, data)
        assert found.tokens == len(tokens) - 1
        for value, follow in ((found.forward, tokens[1:]), (found.backward, tokens[:-1])):
            targets = data.tables.targets[follow.astype(np.int64)]
            nats = [math.log(head * classes[int(t >= 8) + int(t >= 20)]) for t in targets]
            assert value == pytest.approx(math.exp(sum(nats) / len(nats)), rel=1e-5)


def test_the_state_is_carried_on_when_held_out_text_is_scored(
    language_training: Pretraining,
) -> None:
    """A lane at a time through the network; the last one goes on to the end."""
    data, network = language_training.data, language_training.state.network
    tokens = np.tile(np.asarray(data.dev), 20)[:-3]
    whole = score_language_model(network, tokens, data)
    length = (len(tokens) - 1) // 16
    assert length > 64 and length % 64 and (len(tokens) - 1) % 16  # windows, a shorter one, a rest
    for text, value in ((tokens, whole.forward), (tokens[::-1], whole.backward)):
        nats = 0.0
        for lane in range(16):
            end = None if lane == 15 else (lane + 1) * length + 1
            window = text[lane * length : end, None].astype(np.int64)
            states = (network.no_state(1), network.no_state(1))
            losses, _ = data.losses(network, [window, window], states)
            nats += losses[0 if text is tokens else 1].item()
        assert value == pytest.approx(math.exp(nats / (len(tokens) - 1)), rel=1e-6)


def test_scoring_leaves_weights_and_random_numbers_as_they_were(data: LanguageData) -> None:
    training = fresh(data)
    run_steps(training, 2)
    before = {name: weight.clone() for name, weight in training.state.network.state_dict().items()}
    random = torch.get_rng_state()
    assert training.score(60).tokens == 59 < training.score().tokens
    assert torch.equal(torch.get_rng_state(), random)
    assert_alike(training.state.network.state_dict(), before)


def test_the_same_seed_gives_the_same_state(
    data: LanguageData, precision: str, uninterrupted: dict[str, Any]
) -> None:
    torch.rand(17)  # what happened before must not matter
    assert_same(pretrained(data, **SHORT, precision=precision).state.as_dict(), uninterrupted)


def test_another_seed_gives_other_weights(
    data: LanguageData, precision: str, uninterrupted: dict[str, Any]
) -> None:
    other = pretrained(data, **SHORT, precision=precision, seed=2).state.as_dict()
    for name, weights in uninterrupted["network"].items():
        assert not torch.equal(weights, other["network"][name]), name


@pytest.mark.parametrize("number", [1, 3, 6, 11, 12])
def test_a_restored_training_ends_as_one_that_was_never_stopped(
    data: LanguageData,
    precision: str,
    uninterrupted: dict[str, Any],
    tmp_path: Path,
    number: int,
) -> None:
    """Behind steps 3, 6 and 12 a report is due, which must not get lost either."""
    stopped = fresh(data, precision=precision)
    assert stopped.num_steps == 12
    run_steps(stopped, number)
    state = saved_and_loaded(stopped, tmp_path / "a.safetensors")
    assert state["step"] == number
    for _ in range(2):
        resumed = fresh(data, precision=precision, seed=1)
        torch.rand(7)
        resumed.state.restore(state)
        run_to_the_end(resumed)
        assert_same(resumed.state.as_dict(), uninterrupted)


def test_a_training_may_be_stopped_behind_every_step(
    data: LanguageData, precision: str, uninterrupted: dict[str, Any], tmp_path: Path
) -> None:
    training = fresh(data, precision=precision)
    for number in range(1, training.num_steps + 1):
        run_steps(training, 1)
        state = saved_and_loaded(training, tmp_path / f"{number}.safetensors")
        training = fresh(data, precision=precision)
        training.state.restore(state)
    run_to_the_end(training)
    assert_same(training.state.as_dict(), uninterrupted)


def test_what_is_done_is_not_done_again(language_training: Pretraining) -> None:
    reports = len(language_training.state.history)
    assert list(language_training.run()) == []
    assert len(language_training.state.history) == reports


def test_a_loss_that_is_no_number_stops_before_it_spoils_a_weight(data: LanguageData) -> None:
    training = fresh(data)
    run_steps(training, 2)
    with torch.no_grad():
        training.state.network.softmax.head.bias[0] = float("inf")
    before = {name: weight.clone() for name, weight in training.state.network.state_dict().items()}
    with pytest.raises(DivergedError, match=r"step 3: expected a finite loss, found (nan|inf)"):
        run_to_the_end(training)
    assert training.state.step == 2
    assert_alike(training.state.network.state_dict(), before)


def test_reports_add_up(data: LanguageData) -> None:
    training = fresh(data)
    steps: list[PretrainingStep] = []
    reports: list[PretrainingReport] = []
    total = 0
    for report in training.run():
        if isinstance(report, PretrainingStep):
            steps.append(report)
            continue
        reports.append(report)
        of_part = steps[total:]
        total = len(steps)
        assert report.step == total == steps[-1].step
        assert report.tokens == sum(step.tokens for step in steps)
        assert report.loss == pytest.approx(sum(step.loss for step in of_part) / len(of_part))
        speed = sum(step.tokens for step in of_part) / report.seconds
        assert report.tokens_per_second == pytest.approx(speed)
        assert report.num_steps == training.num_steps
    assert [step.step for step in steps] == list(range(1, training.num_steps + 1))
    assert {step.tokens for step in steps} == {4 * 8}
    assert [report.step for report in reports] == [3, 6, 9, 12]
    assert [entry["step"] for entry in training.state.history] == [3, 6, 9, 12]
    assert reports[-1].held_out == training.score()


def test_more_reports_than_steps_are_one_a_step(data: LanguageData) -> None:
    training = pretrained(data, epochs=0.1, reports=50)
    assert [entry["step"] for entry in training.state.history] == [1, 2, 3, 4]


def test_the_learning_rate_rises_and_falls(data: LanguageData) -> None:
    training = Pretraining(data, language_settings(epochs=1.0, warm_up=0.25))
    rates = []
    for report in training.run():
        if isinstance(report, PretrainingStep):
            rates.append(training.state.optimiser.param_groups[0]["lr"])
    warm = round(0.25 * training.num_steps)
    assert len(rates) == training.num_steps == 41
    assert rates[:warm] == pytest.approx([0.02 * (i + 1) / warm for i in range(warm)])
    assert rates[warm] == pytest.approx(0.02)
    assert all(later < earlier for earlier, later in itertools.pairwise(rates[warm:]))
    assert rates[-1] < 0.0002
    assert training.state.history[-1]["learning_rate"] == 0.0


@pytest.mark.parametrize(("forget", "is_forgotten"), [(0.0, False), (0.999, True)])
def test_lanes_that_forget_have_no_state_from_before(
    data: LanguageData, forget: float, is_forgotten: bool
) -> None:
    states = []
    for added in (0.0, 3.0):
        training = fresh(data, forget=forget)
        run_steps(training, 1)
        training.state.states += added
        run_steps(training, 1)
        states.append(training.state.states)
    assert torch.equal(*states) == is_forgotten


def test_a_text_of_a_few_sentences_is_enough(tmp_path: Path) -> None:
    text = [sentence("a b"), sentence("c"), sentence("b c a"), sentence("a b a")]
    files = write_small(tmp_path, text, passage=1, held_out=3)
    assert (len(files.train), len(files.dev)) == (12, 3)
    settings = language_settings(epochs=3.0)
    training = Pretraining(prepare_language_data(files, settings), settings)
    run_to_the_end(training)
    assert math.isfinite(training.state.history[-1]["held_out"]["backward"])

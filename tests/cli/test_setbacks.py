"""A loss that is no number: back to the last state, a lower rate, and never for ever."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tagger.cli import resuming
from tagger.cli.interruption import Interruption
from tagger.cli.resuming import run_saving, saving
from tagger.training.distributed import ALONE
from tagger.training.loop import DivergedError, EpochReport, StepReport, Training
from tagger.training.pretraining import Pretraining, PretrainingReport
from tagger.training.unfinished import Unfinished
from tests.conftest import train_to_the_end
from tests.training.test_loop import make_training
from tests.training.test_state import assert_alike, fresh

NAN = float("nan")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings."""
    warnings: list[str] = []
    monkeypatch.setattr(resuming, "warn", warnings.append)
    return warnings


def refuse(message: str) -> None:
    raise AssertionError(message)


def spoil(monkeypatch: pytest.MonkeyPatch, kind: Any, step: int, times: int) -> None:
    """Makes the loss of that step no number, so many times."""
    gradients, left = kind.gradients, [times]

    def spoiled(self: Any, *args: Any) -> tuple[float, int]:
        loss, parts = gradients(self, *args)
        if self.state.step == step and left[0]:
            left[0] -= 1
            return NAN, parts
        return loss, parts

    monkeypatch.setattr(kind, "gradients", spoiled)


def follow(training: Any, after: Any) -> None:
    for report in training.run():
        after(report)


def run(training: Any, folder: Path, milestone: type = EpochReport) -> Unfinished:
    states = Unfinished(folder, refuse)
    after = saving("a", training.state, states, Interruption(), "tagger", milestone, ALONE)
    run_saving("a", training, follow, after, states)
    return states


def rates(training: Training) -> list[float]:
    return [entry["learning_rate"] for entry in training.state.history]


@pytest.mark.parametrize("step", [0, 6])  # before the first state, and behind one
def test_a_training_goes_back_and_on_with_half_the_rate(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    expected = train_to_the_end(fresh())
    spoil(monkeypatch, Training, step, times=1)
    training = fresh()
    run(training, tmp_path)
    (warning,) = told
    saved = 4 if step else 0
    assert f"step {step + 1}: expected a finite loss, found nan" in warning
    assert f"going on behind step {saved} with half the learning rate (setback 1 of 3" in warning
    assert training.state.setbacks == 1
    whole, found = rates(expected), rates(training)
    behind = saved // 4
    assert found[:behind] == whole[:behind]
    assert found[behind:] == [rate / 2 for rate in whole[behind:]]
    assert training.state.step == expected.state.step


def test_the_lower_rate_is_part_of_the_state(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, Training, 6, times=1)
    training = fresh()
    run(training, tmp_path)
    monkeypatch.undo()
    resumed, states = fresh(seed=3), Unfinished(tmp_path, refuse)
    assert states.restore("a", resumed.state)
    assert resumed.state.setbacks == 1
    assert_alike(train_to_the_end(resumed).state.as_dict(), training.state.as_dict())


def test_killed_right_behind_a_setback_it_is_not_forgotten(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(Exception):
        pass

    def killed(training: Training, after: Any) -> None:
        if training.state.setbacks:
            raise KilledError
        follow(training, after)

    spoil(monkeypatch, Training, 6, times=1)
    training, states = fresh(), Unfinished(tmp_path, refuse)
    after = saving("a", training.state, states, Interruption(), "tagger", EpochReport, ALONE)
    with pytest.raises(KilledError):
        run_saving("a", training, killed, after, states)
    resumed = fresh(seed=3)
    assert states.restore("a", resumed.state)
    assert (resumed.state.setbacks, resumed.state.step) == (1, 4)


@pytest.mark.parametrize("most", [0, 2])
def test_too_many_setbacks_end_it_with_the_error(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    spoil(monkeypatch, Training, 1, times=100)
    with pytest.raises(DivergedError, match="step 2: expected a finite loss, found nan"):
        run(make_training(optimisation={"batch_tokens": 10, "setbacks": most}), tmp_path)
    assert len(told) == most


def test_a_language_model_goes_back_too(
    tmp_path: Path,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    language_training: Pretraining,
) -> None:
    def begun() -> Pretraining:
        return Pretraining(language_training.data, language_training.settings)

    num_steps = begun().num_steps
    spoil(monkeypatch, Pretraining, num_steps // 2, times=1)
    training = begun()
    run(training, tmp_path, PretrainingReport)
    (warning,) = told
    assert "with half the learning rate (setback 1 of 3 at most)" in warning
    history, whole = training.state.history, language_training.state.history
    assert [entry["step"] for entry in history] == [entry["step"] for entry in whole]
    assert history[0]["loss"] == whole[0]["loss"]
    assert history[-1]["loss"] != whole[-1]["loss"]
    assert training._rate() == language_training._rate() / 2


def test_parts_of_a_batch_are_told_once(tmp_path: Path, told: list[str]) -> None:
    states = Unfinished(tmp_path, refuse)
    after = saving("a", fresh().state, states, Interruption(), "tagger", EpochReport, ALONE)

    def steps() -> Iterator[StepReport]:
        for parts in (1, 2, 4):
            yield StepReport(epoch=1, batch=1, num_batches=9, tokens=9, loss=0.1, parts=parts)

    for report in steps():
        after(report)
    (warning,) = told
    assert warning.startswith("out of memory: this batch was read in 2 parts")

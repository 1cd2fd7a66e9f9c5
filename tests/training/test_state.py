"""The state of a training: the same seed, the same weights, also when it was interrupted."""

from typing import Any

import pytest
import torch

from tagger.training.loop import StepReport, Training
from tests.conftest import train_to_the_end
from tests.training.test_loop import make_training

OPTIONS = {"epochs": 3, "batch_tokens": 10}


def fresh(seed: int = 1) -> Training:
    """A training with dropout everywhere, so that random states matter."""
    return make_training(
        seed=seed,
        optimisation=OPTIONS,
        words={"dropout": 0.3},
        encoder={"dropout": 0.3, "layers": 2},
    )


def run_steps(training: Training, num_steps: int) -> None:
    """As many batches, and not one more."""
    steps = (report for report in training.run() if isinstance(report, StepReport))
    for _ in range(num_steps):
        next(steps)


def assert_alike(found: Any, expected: Any, place: str = "") -> None:
    """Bit for bit, however deep."""
    if isinstance(expected, torch.Tensor):
        assert torch.equal(found, expected), place
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys(), place
        for key in expected:
            if key not in ("seconds", "cpu_seconds", "tokens"):  # measured, not computed
                assert_alike(found[key], expected[key], f"{place}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for i, pair in enumerate(zip(found, expected, strict=True)):
            assert_alike(*pair, f"{place}[{i}]")
    else:
        assert found == expected, place


@pytest.fixture(scope="module")
def uninterrupted() -> dict[str, Any]:
    return train_to_the_end(fresh()).state.as_dict()


def test_the_same_seed_gives_the_same_state(uninterrupted: dict[str, Any]) -> None:
    torch.rand(17)  # what happened before must not matter
    assert_alike(train_to_the_end(fresh()).state.as_dict(), uninterrupted)


def test_another_seed_gives_other_weights(uninterrupted: dict[str, Any]) -> None:
    other = train_to_the_end(fresh(seed=2)).state.as_dict()
    for name, weights in uninterrupted["network"].items():
        if weights.ndim > 1:
            assert not torch.equal(weights, other["network"][name]), name


@pytest.mark.parametrize("num_steps", [1, 3, 4, 7])
def test_a_restored_training_ends_as_one_that_was_never_interrupted(
    uninterrupted: dict[str, Any], num_steps: int
) -> None:
    interrupted = fresh()
    run_steps(interrupted, num_steps)
    saved = interrupted.state.as_dict()
    train_to_the_end(interrupted)  # what was saved must not move along
    for _ in range(2):
        resumed = fresh(seed=3)
        resumed.state.restore(saved)
        assert_alike(train_to_the_end(resumed).state.as_dict(), uninterrupted)


def test_saving_and_restoring_come_in_the_middle_of_an_epoch() -> None:
    training = fresh()
    run_steps(training, 1)
    saved = training.state.as_dict()
    assert (saved["epoch"], saved["batch"]) == (0, 1)
    assert len(saved["plan"]) > 3
    restored = fresh(seed=3)
    restored.state.restore(saved)
    assert_alike(restored.state.as_dict(), saved)


def test_a_state_holds_nothing_that_needs_pickle(uninterrupted: dict[str, Any]) -> None:
    def check(value: Any) -> None:
        assert value is None or type(value) in (
            torch.Tensor,
            int,
            float,
            str,
            bool,
            list,
            dict,
            tuple,
        )
        if isinstance(value, dict):
            for key, of_key in value.items():
                check(key)
                check(of_key)
        elif isinstance(value, list | tuple):
            for item in value:
                check(item)

    check(uninterrupted)

"""Two ranks against one process that reads whole batches, and what ranks tell one another."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tagger.errors import UsageError
from tagger.training.distributed import ALONE, DistributedError, Group, answer_seconds, joined
from tagger.training.loop import StepReport, Training
from tests.cli.test_resume import wait_for
from tests.conftest import ROOT
from tests.training.ranks import BATCHES, found_by, tagger_training
from tests.training.test_state import run_steps


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def start_ranks(folder: Path, size: int = 2, **env: str) -> "list[subprocess.Popen[bytes]]":
    """The ranks of `tests.training.ranks`, started as torchrun does it."""
    port = str(free_port())
    shared = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tests.training.ranks", str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **shared, "RANK": str(rank), **env},
            stderr=subprocess.PIPE,
        )
        for rank in range(size)
    ]


@pytest.fixture(scope="module")
def of_ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("ranks")
    processes = start_ranks(folder)
    said = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    return [torch.load(folder / f"rank-{rank}.pt") for rank in range(2)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return found_by(ALONE, tmp_path_factory.mktemp("alone"))


@pytest.mark.parametrize("i", range(len(BATCHES)))
def test_the_gradient_of_two_ranks_is_that_of_one_process_with_the_whole_batch(
    of_ranks: list[dict[str, Any]], alone: dict[str, Any], i: int
) -> None:
    """Also where a rank has nothing of the batch, or one head's tags are all with the other."""
    loss, gradients = alone["batches"][i]
    for found in of_ranks:
        found_loss, found_gradients = found["batches"][i]
        assert found_loss == pytest.approx(loss, rel=1e-9)
        assert found_gradients.keys() == gradients.keys()
        for name, gradient in gradients.items():
            assert gradient.dtype == torch.float64
            assert torch.allclose(found_gradients[name], gradient, rtol=0, atol=1e-9), name


def test_the_gradient_of_a_language_model_that_is_fine_tuned_is_too(
    of_ranks: list[dict[str, Any]], alone: dict[str, Any]
) -> None:
    loss, gradients = alone["tuning"]
    assert any(name.startswith("lm.") for name in gradients)
    for found_loss, found_gradients in (found["tuning"] for found in of_ranks):
        assert found_loss == pytest.approx(loss, rel=1e-9)
        assert found_gradients.keys() == gradients.keys()
        for name, gradient in gradients.items():
            assert torch.allclose(found_gradients[name], gradient, rtol=0, atol=1e-9), name


def test_two_ranks_end_with_the_scores_and_weights_of_one_process(
    of_ranks: list[dict[str, Any]], alone: dict[str, Any]
) -> None:
    first, second = of_ranks
    for loss, expected in zip(first["scores"], alone["scores"], strict=True):
        assert loss == pytest.approx(expected, abs=1e-3)
    assert first["scores"] == second["scores"]
    for name, weight in alone["weights"].items():
        assert torch.equal(first["weights"][name], second["weights"][name]), name
        assert torch.allclose(first["weights"][name], weight, atol=1e-2), name


def test_two_ranks_read_the_lanes_of_one_language_model(
    of_ranks: list[dict[str, Any]], alone: dict[str, Any]
) -> None:
    first, second = of_ranks
    assert first["perplexities"] == second["perplexities"]
    assert first["perplexities"] == pytest.approx(alone["perplexities"], rel=1e-3)
    assert torch.equal(first["states"], second["states"])
    assert torch.allclose(first["states"], alone["states"], atol=1e-3)
    for name, weight in alone["language"].items():
        assert torch.equal(first["language"][name], second["language"][name]), name
        assert torch.allclose(first["language"][name], weight, atol=1e-3), name


def test_ranks_tell_one_another(of_ranks: list[dict[str, Any]]) -> None:
    for found in of_ranks:
        assert found["highest"] == 7
        assert found["gathered"] == ["rank 0", "rank 1"]
        assert found["of_first"] == "of 0"


def test_a_group_of_one_has_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    with joined() as group:
        assert group is ALONE
        assert group.share([1, 2, 3]) == [1, 2, 3]
        assert (group.highest(3), group.gathered("a"), group.of_first(lambda: "b")) == (
            3,
            ["a"],
            "b",
        )


@pytest.mark.parametrize("size", [2, 3, 4])
def test_every_item_is_in_one_share(size: int) -> None:
    items = list(range(3))
    shares = [Group(rank=rank, size=size).share(items) for rank in range(size)]
    assert sorted(item for share in shares for item in share) == items


def test_ranks_draw_different_random_numbers_and_each_the_same_again() -> None:
    def drawn(rank: int, step: int) -> float:
        torch.manual_seed(1)
        Group(rank=rank, size=3).seed(5, step)
        return torch.rand(()).item()

    numbers = [drawn(rank, step) for rank in (1, 2) for step in (0, 1)]
    assert len({*numbers, drawn(0, 0)}) == 5
    assert numbers == [drawn(rank, step) for rank in (1, 2) for step in (0, 1)]
    assert drawn(0, 0) == drawn(0, 1)  # the first goes on with its own


class Part(Group):
    """A rank whose others do not exist: what it does by itself."""

    def add_up(self, weights: Any, loss: float, *others: Any) -> float:
        return loss

    def gathered(self, value: Any) -> Any:
        return [value]


def test_another_number_of_ranks_goes_on_with_what_the_epoch_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned: list[int] = []
    step = Training._step

    def noting(self: Training, sentences: Any) -> tuple[float, int]:
        learned.extend(sentence.start for sentence in sentences)
        return step(self, sentences)

    monkeypatch.setattr(Training, "_step", noting)
    options = {"epochs": 1, "batch_tokens": 10}
    two = tagger_training(Part(rank=0, size=2), **options)
    run_steps(two, 2)
    three = tagger_training(Part(rank=0, size=3), **options)
    three.state.restore(two.state.as_dict())
    assert sum(isinstance(report, StepReport) for report in three.run()) > 1
    assert sorted(learned) == [sentence.start for sentence in three.data.train]


def test_a_rank_whose_others_ended_says_so_in_a_sentence(tmp_path: Path) -> None:
    first, second = start_ranks(tmp_path)
    wait_for(tmp_path / "joined-0")
    wait_for(tmp_path / "joined-1")
    first.kill()
    first.communicate()
    _, said = second.communicate(timeout=60)
    assert second.returncode == 1
    assert b"DistributedError: " in said


@pytest.mark.parametrize(("given", "expected"), [("", 1800), ("7.5", 7.5), ("600", 600)])
def test_how_long_others_may_take_is_half_an_hour_unless_it_is_said(
    given: str, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGGER_TIMEOUT", given)
    assert answer_seconds() == expected


@pytest.mark.parametrize("given", ["0", "-3", "soon", "nan", "inf"])
def test_a_time_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGGER_TIMEOUT", given)
    with pytest.raises(UsageError, match="TAGGER_TIMEOUT: expected seconds, more than 0"):
        answer_seconds()


def test_what_torch_says_is_told_without_where_in_its_source_that_is() -> None:
    said = "[/pytorch/third_party/gloo/gloo/buffer.cc:81] Timed out\n waiting [1] 5ms"
    group = Group(rank=0, size=2)
    told = r"answer: Timed out waiting \[1\] 5ms \(--resume "
    with pytest.raises(DistributedError, match=told), group._speaking():
        raise RuntimeError(said)

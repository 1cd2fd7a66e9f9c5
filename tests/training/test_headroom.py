"""What would fit into memory: told before the training, which goes on as if nobody had asked."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tagger.training import headroom as headroom_module
from tagger.training.batches import EncodedSentence
from tagger.training.distributed import Group
from tagger.training.headroom import Cost, Headroom, headroom
from tagger.training.loop import Training
from tests.conftest import ROOT, train_to_the_end
from tests.training.test_loop import TOY, make_training

GIGABYTE = 10**9


def of(free: int | None, monkeypatch: pytest.MonkeyPatch, training: Training) -> Headroom | None:
    monkeypatch.setattr(headroom_module, "free_bytes", lambda device: free)
    return headroom(training)


def sure(found: Headroom | None) -> Headroom:
    assert found is not None
    return found


def test_a_training_that_was_asked_ends_with_the_same_weights_bit_for_bit() -> None:
    expected = train_to_the_end(make_training()).state
    training = make_training()
    random = torch.get_rng_state()
    assert sure(headroom(training)).is_enough
    assert torch.equal(torch.get_rng_state(), random)
    assert all(weight.grad is None for weight in training.state.network.parameters())
    found = train_to_the_end(training).state
    assert found.history[-1]["loss"] == expected.history[-1]["loss"]
    for name, weight in found.network.state_dict().items():
        assert torch.equal(weight, expected.network.state_dict()[name]), name


def test_sizes_are_those_of_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    found = sure(of(GIGABYTE, monkeypatch, make_training(optimisation={"batch_tokens": 12})))
    assert (found.fullest, found.longest, found.free) == (12, 6, GIGABYTE)
    assert found.needed < GIGABYTE / 1000


def test_twice_the_memory_holds_a_batch_twice_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    training = make_training()
    once = sure(of(GIGABYTE, monkeypatch, training)).largest
    twice = sure(of(2 * GIGABYTE, monkeypatch, training)).largest
    assert twice == pytest.approx(2 * once, rel=0.05)
    assert str(once).rstrip("0") == str(once)[:2].rstrip("0")


def test_what_would_fit_takes_nine_tenths_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headroom_module, "_cost", lambda training, batch: Cost(1e8, 1e5))
    found = sure(of(GIGABYTE, monkeypatch, make_training()))
    assert found.largest == 8000
    assert found.needed == 1e8 + 1e5 * found.fullest
    assert not sure(of(10**8, monkeypatch, make_training())).is_enough


def test_where_it_is_not_known_what_is_free_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert of(None, monkeypatch, make_training()) is None


def test_two_processes_of_a_machine_share_its_memory_and_each_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(headroom_module, "_cost", lambda training, batch: Cost(0, 1e5))
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    training = make_training()
    training.group = Group(rank=0, size=2)
    found = sure(of(GIGABYTE, monkeypatch, training))
    assert (found.free, found.largest) == (GIGABYTE // 2, 9000)


def test_a_batch_that_does_not_fit_is_tried_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def probe(training: Training, sentences: list[EncodedSentence]) -> Cost:
        tried.append(len(sentences))
        if len(sentences) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return Cost(0, 1e5)

    monkeypatch.setattr(headroom_module, "_counted", probe)
    assert sure(of(GIGABYTE, monkeypatch, make_training())).largest == 8900
    assert tried == [6, 3, 1]


def test_where_not_one_sentence_fits_nothing_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(training: Training, sentences: list[EncodedSentence]) -> Cost:
        raise MemoryError

    monkeypatch.setattr(headroom_module, "_counted", probe)
    found = sure(of(GIGABYTE, monkeypatch, make_training()))
    assert found == (GIGABYTE, 0, 36, 6, 0)


def test_on_a_gpu_what_depends_on_the_tokens_is_told_from_what_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Peaks as a GPU would tell them: 5,000,000 bytes held, 70,000 at work, 300 a token."""
    learned = []
    loss = headroom_module._loss

    def recorded(training: Training, sentences: list[EncodedSentence]) -> torch.Tensor:
        learned.append(len(sentences) * max(map(len, sentences)))
        return loss(training, sentences)

    monkeypatch.setattr(headroom_module, "_loss", recorded)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 5_000_000)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: None)
    monkeypatch.setattr(
        torch.cuda, "max_memory_allocated", lambda device: 5_070_000 + 300 * learned[-1]
    )
    training = make_training()
    found = headroom_module._measured(training, training.data.sentences(range(len(TOY))))
    assert found == (70_000, 300)
    assert learned == [18, 36]
    one = headroom_module._measured(training, training.data.sentences([0]))
    assert one.fixed + one.per_token * 6 == pytest.approx(71_800)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the peak so")
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="nor does this kernel")
def test_the_estimate_for_the_cpu_is_about_what_a_step_takes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.scarce", "taken", str(tmp_path), "0"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert shown.returncode == 0, shown.stderr
    estimated, taken = map(int, shown.stdout.split())
    assert 0.4 * estimated < taken < 1.1 * estimated

"""Other devices than the CPU, as far as the CPU can tell: what is moved, what is refused.

There is no GPU where these run: torch's `meta` device, which computes nothing, shows what arrives.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from tagger.errors import UsageError
from tagger.inference.language_folder import read_language_folder
from tagger.network.language_encoder import FormIds
from tagger.training import device as module
from tagger.training.batches import Batch
from tagger.training.checkpoint import load_state, save_state
from tagger.training.device import (
    CPU,
    autocast,
    checked_precision,
    computes_in_fp16,
    find_device,
    loss_scaler,
    moved,
    random_state,
)
from tagger.training.language_data import encode_windows
from tagger.training.language_inputs import WordReader
from tagger.training.loop import StepReport, Training
from tagger.training.pretraining import Pretraining, PretrainingStep
from tests.conftest import train_to_the_end
from tests.training.test_language_tuning import TUNED, data_with, settings_with
from tests.training.test_loop import make_training
from tests.training.test_state import assert_alike, fresh, run_steps

META = torch.device("meta")
SCALED = {"init_scale": 2.0**10, "growth_interval": 3}


def tensors_of(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        yield from tensors_of([*value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_of(item)


def test_every_tensor_of_a_batch_is_moved(language_training: Pretraining) -> None:
    data = fresh().data
    batch = Batch(data.train, data.train_lexicon, ["upos", "ner"])
    batch.inputs = batch.inputs._replace(
        pretrained=batch.inputs.words,
        language_vectors=torch.zeros(3, 2),
        language_states=torch.zeros(6, 6, 2),
        language_forms=FormIds(*(torch.zeros(3, 1, dtype=torch.int64) for _ in range(3))),
    )
    batch.to(META)
    assert type(batch.inputs)._fields == batch.inputs._fields
    found = [*tensors_of([batch.inputs, batch.targets])]
    assert len(found) == 11 + 2
    tokens = language_training.data.train[:24].astype(np.int64).reshape(12, 2)
    windows = encode_windows([tokens, tokens], language_training.data.tables)
    found += tensors_of(moved(windows, META))
    assert len(found) == 13 + 3 + 4
    assert {tensor.device for tensor in found} == {META}
    assert moved((None, [1]), META) == (None, [1])


class DevicesNamed(TorchFunctionMode):
    """Refuses to make a tensor without saying where."""

    MAKE = (torch.arange, torch.zeros, torch.ones, torch.full, torch.empty, torch.rand, torch.randn)

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        assert function not in self.MAKE or "device" in (kwargs or {}), f"{function}{args}"
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("kind", ["cnn", "lstm"])
def test_what_a_network_makes_it_makes_where_its_weights_are(
    language_training: Pretraining, kind: str
) -> None:
    training = make_training(characters={"kind": kind}, encoder={"layers": 2, "dropout": 0.2})
    data = language_training.data
    batch = Batch(training.data.train, training.data.train_lexicon, ["upos", "ner"])
    tokens = data.train[:24].astype(np.int64).reshape(12, 2)
    forms, windows = encode_windows([tokens, tokens], data.tables)
    network, language = training.state.network.train(), language_training.state.network
    with DevicesNamed():
        network.losses(network(batch.inputs), batch.targets)
        none = language.no_state(2)
        language.losses(language.lexical(*forms), (windows[0], windows[1]), (none, none))


def test_so_does_a_language_model_that_is_fine_tuned(language_model: Path) -> None:
    reader = WordReader(read_language_folder(language_model), TUNED)
    training = Training(data_with(reader), settings_with())
    batch = Batch(training.data.train, training.data.train_lexicon, ["upos", "ner"])
    network = training.state.network.train()
    with DevicesNamed():
        network.losses(network(batch.inputs), batch.targets)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing is computed there
        moved_away = Training(training.data, training.settings, device=META)
    assert moved_away.state.network.lm is not None
    assert {w.device for w in moved_away.state.network.lm.parameters()} == {META}


def test_all_weights_go_to_the_device_and_what_is_restored_too(tmp_path: Path) -> None:
    trained = fresh()
    run_steps(trained, 5)
    trained.state.best = dict(trained.state.average)
    save_state(tmp_path / "a", trained.state.as_dict())
    saved = load_state(tmp_path / "a", warnings.warn)
    assert saved is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing is computed there
        other = Training(trained.data, trained.settings, device=META)
        network = other.state.network
        assert {t.device for t in [*network.parameters(), *network.buffers()]} == {META}
        assert {t.device for t in tensors_of(other.state.average)} == {META}
        other.state.restore({**saved, "random": saved["random"]})
    assert {t.device for t in tensors_of(other.state.average)} == {META}
    moments = [t for t in tensors_of(other.state.optimiser.state_dict()["state"]) if t.ndim]
    assert {tensor.device for tensor in moments} == {META}
    assert other.state.step == 5
    assert other.best_network().head("upos").linear.weight.device == CPU  # export is the CPU's


def test_a_device_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(module, "_has_mps", lambda: False)
    assert find_device("auto") == find_device("cpu") == CPU
    with pytest.raises(UsageError, match="--device cuda: expected an NVIDIA GPU, found "):
        find_device("cuda")
    with pytest.raises(UsageError, match="--device mps: expected an Apple GPU"):
        find_device("mps")
    monkeypatch.setattr(module, "_has_mps", lambda: True)
    assert find_device("auto") == torch.device("mps")


def test_each_process_of_a_machine_has_its_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert find_device("auto") == torch.device("cuda", 1) == chosen[0]
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(UsageError, match="found 2 for process 3"):
        find_device("cuda")


def test_the_precision_fits_the_device() -> None:
    assert checked_precision("fp32", CPU) == "fp32"
    assert checked_precision("bf16", CPU) == "bf16"
    assert checked_precision("auto", CPU) in ("bf16", "fp32")
    assert checked_precision("auto", torch.device("mps")) == "fp32"
    assert checked_precision("fp16", torch.device("cuda")) == "fp16"
    with pytest.raises(UsageError, match="fp16 is for GPUs"):
        checked_precision("fp16", CPU)
    assert loss_scaler("fp16", CPU).is_enabled()
    assert not loss_scaler("bf16", CPU).is_enabled()


def test_lstms_on_cuda_compute_in_fp16_where_bf16_is_asked_for() -> None:
    assert computes_in_fp16("bf16", torch.device("cuda"))
    assert not computes_in_fp16("fp32", torch.device("cuda"))
    assert not computes_in_fp16("bf16", CPU)
    for precision, expected in (("bf16", torch.bfloat16), ("fp32", torch.float32)):
        with autocast(precision, CPU):  # type: ignore[arg-type]
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == expected
    assert random_state(CPU) is None


def test_bf16_computes_in_bf16_and_learns() -> None:
    options = {"epochs": 25, "batch_tokens": 20, "learning_rate": 0.05}
    half = train_to_the_end(make_training(optimisation={**options, "precision": "bf16"}))
    whole = train_to_the_end(make_training(optimisation=options))
    assert half.state.best_score == 1.0
    of_half, of_whole = half.state.network.state_dict(), whole.state.network.state_dict()
    assert {weight.dtype for weight in of_half.values()} == {torch.float32}
    assert not all(torch.equal(of_half[name], of_whole[name]) for name in of_whole)


def scaled(**options: Any) -> Training:
    """A training in fp32 whose gradients are scaled as fp16's are."""
    training = fresh()
    training.state.scaler = torch.amp.GradScaler("cpu", **{**SCALED, **options})
    return training


def test_a_scaled_loss_gives_the_same_weights_and_its_scale_is_in_the_checkpoint() -> None:
    plain, other = train_to_the_end(fresh()), train_to_the_end(scaled())
    for name, weight in plain.state.network.state_dict().items():
        assert torch.allclose(other.state.network.state_dict()[name], weight, atol=1e-5), name
    interrupted = scaled()
    run_steps(interrupted, 4)
    saved = interrupted.state.as_dict()
    resumed = scaled(init_scale=2.0)
    resumed.state.restore(saved)
    assert_alike(train_to_the_end(resumed).state.as_dict(), other.state.as_dict())
    assert other.state.scaler.get_scale() > 2.0**10  # it grew


def test_gradients_that_are_too_large_for_fp16_change_nothing_but_the_scale() -> None:
    training = scaled()
    next(training.state.network.parameters()).register_hook(lambda gradient: gradient * np.inf)
    before = {k: v.clone() for k, v in training.state.network.state_dict().items()}
    report = next(r for r in training.run() if isinstance(r, StepReport))
    assert np.isfinite(report.loss)
    assert training.state.scaler.get_scale() == 2.0**9
    for name, weight in training.state.network.state_dict().items():
        assert torch.equal(weight, before[name]), name


def test_pretraining_scales_its_loss_too(language_training: Pretraining) -> None:
    settings = language_training.settings
    found = []
    for options in ({"enabled": False}, {"enabled": True, **SCALED}):
        training = Pretraining(language_training.data, settings)
        training.state.scaler = torch.amp.GradScaler("cpu", **options)
        steps = (r for r in training.run() if isinstance(r, PretrainingStep))
        found.append([next(steps).loss for _ in range(4)])
    assert found[0] == pytest.approx(found[1], rel=1e-4)

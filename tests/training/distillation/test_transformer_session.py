"""A transformer in torch says what its graph says."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from tagger.errors import ModelError
from tagger.inference.folder import WEIGHTS
from tagger.inference.pipeline import Tagger
from tagger.training.data import prepare
from tagger.training.distillation.teachers import Teachers
from tagger.training.distillation.transformer_session import TransformerSession
from tagger.training.finish import write_model
from tagger.training.loop import Training
from tagger.training.transformer_folder import read_transformer
from tests.conftest import tiny_settings, train_to_the_end
from tests.training.encoders import write_encoder
from tests.training.test_loop import TOY

SENTENCES = [["the", "dog", "saw", "Ann", "."], ["cat"], ["unsaw", "the", "\ufe0f"] * 9]


@pytest.fixture(scope="module")
def transformer_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("transformers")
    settings = tiny_settings(transformer={"size": 6})
    encoder = read_transformer(write_encoder(folder / "encoder"))
    data = prepare(TOY, TOY, ["upos", "ner"], settings, transformer=encoder)
    write_model(
        train_to_the_end(Training(data, settings)), folder / "model", records=[], command=""
    )
    return folder / "model"


def session_of(folder: Path) -> TransformerSession:
    record = Tagger(folder).description.transformer
    assert record
    return TransformerSession(folder, record, torch.device("cpu"))


def test_torch_gives_the_context_that_the_graph_gives(transformer_model: Path) -> None:
    runtime = Tagger(transformer_model).runtime.below
    assert runtime is not None
    of_graph = runtime.context(SENTENCES)
    runtime.run_elsewhere(session_of(transformer_model), 1_000)
    found = runtime.context(SENTENCES)
    assert found.shape == of_graph.shape
    assert np.abs(found - of_graph).max() < 0.1  # bf16 beside whole numbers of 8 bits
    assert np.abs(found - of_graph).mean() < 0.02


def test_teachers_on_another_device_say_the_same(
    transformer_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = torch.device("cpu", 0)  # is not `cpu`, so that the transformer runs in torch
    alone = Teachers([transformer_model]).label(SENTENCES)
    elsewhere = Teachers([transformer_model], device=device).label(SENTENCES)
    for one, other in zip(alone, elsewhere, strict=True):
        for name, chances in one.items():
            assert np.abs(chances - other[name]).max() < 0.1


def test_a_teacher_without_weights_stays_on_the_cpu_and_is_named(
    transformer_model: Path, tmp_path: Path
) -> None:
    shipped = tmp_path / "shipped"
    shutil.copytree(transformer_model, shipped, ignore=shutil.ignore_patterns(WEIGHTS))
    on_gpu = Teachers([shipped, transformer_model], device=torch.device("cpu", 0))
    assert on_gpu.without_weights == [shipped]
    alone = Teachers([shipped], device=torch.device("cpu", 0)).label(SENTENCES)
    for one, other in zip(alone, Teachers([shipped]).label(SENTENCES), strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in one)


def test_weights_of_something_else_are_refused(transformer_model: Path, tmp_path: Path) -> None:
    record = Tagger(transformer_model).description.transformer
    assert record
    save_file({"a": np.zeros(1, np.float32)}, tmp_path / WEIGHTS)
    with pytest.raises(ModelError, match=f"{WEIGHTS}: not those of its transformer"):
        TransformerSession(tmp_path, record, torch.device("cpu"))

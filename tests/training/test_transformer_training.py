"""A transformer fine-tuned within a tagger, exported, and read without torch."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from tagger.errors import ModelError
from tagger.evaluation.model import score_model
from tagger.inference.folder import DESCRIPTION, TOKENIZER, TRANSFORMER, Precision, read_description
from tagger.inference.pipeline import Tagger
from tagger.inference.runtime import Runtime
from tagger.network.model import Network
from tagger.sentence import Sentence
from tagger.training.batches import Batch
from tagger.training.data import TrainingData, prepare
from tagger.training.finish import write_model
from tagger.training.loop import Training
from tagger.training.optimisation import TRANSFORMER as PREFIX
from tagger.training.settings import Settings
from tagger.training.transformer_folder import PretrainedTransformer, read_transformer
from tests.conftest import assert_near, gone_on_with, randomise, runtime_of, sentence, tiny_settings
from tests.conftest import train_to_the_end as to_the_end
from tests.training.encoders import write_encoder
from tests.training.test_loop import TOY

STRANGE = [
    Sentence(("\u00a0", "\ufe0f", "the", "\u200d", "[SEP]", "日本")),
    Sentence(("x",)),
    Sentence(("." * 300_000, "dog")),
    Sentence(tuple(["the", "unsaw", "dogs,", "a-b-c"] * 20)),  # of many windows
]


def settings_with(**transformer: object) -> Settings:
    own = {"size": 6, "dropout": 0.1, "learning_rate": 0.005, **transformer}
    return tiny_settings(transformer=own)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> PretrainedTransformer:
    return read_transformer(write_encoder(tmp_path_factory.mktemp("encoders") / "tiny"))


@pytest.fixture(scope="module")
def training(encoder: PretrainedTransformer) -> Training:
    return to_the_end(Training(data_with(encoder), settings_with()))


@pytest.fixture(scope="module")
def model(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tuned"
    write_model(training, folder, records=[], command="tagger train --encoder tiny")
    return folder


def data_with(encoder: PretrainedTransformer, dev: list[Sentence] | None = None) -> TrainingData:
    return prepare(TOY, dev or TOY, ["upos", "ner"], settings_with(), transformer=encoder)


def emissions_of(network: Network, data: TrainingData) -> dict[str, torch.Tensor]:
    with torch.inference_mode():
        found: dict[str, torch.Tensor] = network(
            Batch(data.dev_encoded, data.dev_lexicon, ()).inputs
        )
    return found


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_graphs_compute_what_torch_does(
    tmp_path: Path, encoder: PretrainedTransformer, precision: Precision
) -> None:
    dev = [
        msgspec.structs.replace(s, columns={"upos": ("N",) * len(s), "ner": ("O",) * len(s)})
        for s in [*STRANGE, sentence("cat flew Ann saw")]
    ]
    data = data_with(encoder, dev)
    network = randomise(Training(data, settings_with()).state.network)
    expected = emissions_of(network, data)
    found = runtime_of(tmp_path, network, data, precision).emissions([s.forms for s in dev])
    assert_near(found, expected, dev, 2e-4 if precision == "fp32" else 0.4)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_sentence_is_read_alike_alone_and_in_a_batch(
    tmp_path: Path, encoder: PretrainedTransformer, precision: Precision
) -> None:
    data = data_with(encoder)
    network = randomise(Training(data, settings_with()).state.network)
    runtime = runtime_of(tmp_path, network, data, precision)
    together = runtime.emissions([s.forms for s in STRANGE])[0]
    for i, one in enumerate(STRANGE):
        alone = runtime.emissions([one.forms])[0][0]
        difference = np.abs(alone - together[i, : len(one)]).max()
        assert difference == 0 if precision == "int8" else difference < 1e-4


def test_what_the_transformer_says_reaches_the_tags(encoder: PretrainedTransformer) -> None:
    network = randomise(Training(data_with(encoder), settings_with()).state.network)
    data = data_with(encoder)
    inputs = Batch(data.train[:2], data.train_lexicon, ()).inputs
    assert inputs.pieces is not None
    other = inputs._replace(pieces=torch.where(inputs.pieces > 3, 9, inputs.pieces))
    assert not torch.allclose(network(other)["upos"], network(inputs)["upos"])


def test_training_starts_at_the_folders_weights_and_changes_them_at_their_own_rate(
    encoder: PretrainedTransformer,
) -> None:
    training = Training(data_with(encoder), settings_with(learning_rate=1e-5))
    before = {name: weight.clone() for name, weight in training.state.network.state_dict().items()}
    for name, weights in encoder.weights.items():
        assert torch.equal(before[PREFIX + name], weights)
    next(training.run())
    after = training.state.network.state_dict()
    moved = {name: float((after[name] - before[name]).abs().max()) for name in before}
    inner = [distance for name, distance in moved.items() if name.startswith(PREFIX)]
    others = [distance for name, distance in moved.items() if not name.startswith(PREFIX)]
    assert 0 < max(inner) <= 1.1e-5 < max(others)


def test_a_resumed_training_ends_with_the_same_weights(
    encoder: PretrainedTransformer, training: Training, tmp_path: Path
) -> None:
    resumed = gone_on_with(lambda: Training(data_with(encoder), settings_with()), tmp_path / "s")
    for name, weights in training.state.best.items():
        assert torch.equal(weights, resumed.state.best[name]), name


def test_the_scores_of_the_folder_are_those_of_training(training: Training, model: Path) -> None:
    data = training.data
    tagger = Tagger(model)
    found = score_model(tagger.tag_sentences, data.tasks, tagger.is_known, data.dev)
    told = read_description(model)
    assert [score.value for score in found] == [score.value for score in told.scores]
    best = max(training.state.history, key=lambda report: float(report["score"]))
    for score in found:
        assert score.value == pytest.approx(best["dev"][score.task], abs=0.1)


def test_the_folder_says_what_it_was_made_from(encoder: PretrainedTransformer, model: Path) -> None:
    description = read_description(model)
    assert description.transformer == encoder.record
    assert description.settings["transformer"]["size"] == 6
    assert (model / TOKENIZER).read_bytes() == encoder.tokenizer
    card = " ".join((model / "README.md").read_text(encoding="utf-8").split())
    assert "fine-tuned from `tiny` (bert, SHA-256" in card
    assert encoder.record.sha256 in card
    assert "Its licence, apache-2.0, holds here too" in card


def test_a_model_without_one_says_nothing_of_it(tiny_model: Path) -> None:
    for name in ("model.json", "README.md"):
        assert b"transformer" not in (tiny_model / name).read_bytes()
    assert not (tiny_model / TRANSFORMER).exists()


def test_every_token_of_strange_sentences_is_tagged(model: Path) -> None:
    tagged = list(Tagger(model).tag_sentences(STRANGE))
    for before, after in zip(STRANGE, tagged, strict=True):
        assert after.forms == before.forms
        assert len(after.columns["upos"]) == len(after.columns["ner"]) == len(before)


def test_a_folder_that_moved_predicts_without_torch_and_transformers(
    model: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(model, tmp_path / "elsewhere")
    code = (
        "import sys; from tagger import load; sentence = load(sys.argv[1]).tag(['the', 'dog']);"
        "print(len(sentence.columns['upos']), 'torch' in sys.modules, 'onnx' in sys.modules,"
        " 'transformers' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(moved)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["2", "False", "False", "False"]


@pytest.mark.parametrize("name", [TRANSFORMER, TOKENIZER])
def test_a_folder_that_lacks_a_part_of_it_is_refused(
    model: Path, tmp_path: Path, name: str
) -> None:
    broken = shutil.copytree(model, tmp_path / "broken")
    (broken / name).unlink()
    with pytest.raises(ModelError, match=rf"broken/{name}: cannot be read"):
        Tagger(broken)


def test_a_tokenizer_with_more_pieces_than_the_graph_is_refused(
    model: Path, tmp_path: Path
) -> None:
    from tokenizers import Tokenizer

    broken = shutil.copytree(model, tmp_path / "broken")
    tokenizer = Tokenizer.from_file(str(broken / TOKENIZER))
    tokenizer.add_tokens(["quokka"])
    tokenizer.save(str(broken / TOKENIZER))
    with pytest.raises(ModelError, match=r"transformer\.onnx: does not fit tokenizer\.json"):
        Tagger(broken)


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        (
            '"positions": 32',
            '"positions": 33',
            r"transformer\.onnx: expected 33 positions, found 32",
        ),
        ('"positions": 32', '"positions": 2', r"model\.json: not what .* `int` >= 10"),
        ('"first_id": 2', '"first_id": -2', r"model\.json: not what .* `int` >= 0"),
        ('"pad_id": 0', '"pad_id": 999', r"transformer\.onnx: does not fit"),
        ('"unknown_id": 1', '"unknown_id": 999', r"transformer\.onnx: does not fit"),
    ],
)
def test_a_description_that_does_not_fit_the_graph_is_refused(
    model: Path, tmp_path: Path, was: str, becomes: str, problem: str
) -> None:
    broken = shutil.copytree(model, tmp_path / "broken")
    text = (broken / DESCRIPTION).read_text(encoding="utf-8")
    assert was in text
    (broken / DESCRIPTION).write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(ModelError, match=problem):
        Tagger(broken)


def test_a_graph_of_another_size_is_refused(encoder: PretrainedTransformer, tmp_path: Path) -> None:
    data = data_with(encoder)
    network = Training(data, settings_with()).state.network
    runtime_of(tmp_path, network, data)
    other = tmp_path / "other"
    other.mkdir()
    wider = Training(data, settings_with(size=7)).state.network
    runtime_of(other, wider, data)
    shutil.copy(other / TRANSFORMER, tmp_path / TRANSFORMER)
    with pytest.raises(ModelError, match=r"sentence\.onnx: does not fit"):
        Runtime(tmp_path, data.tasks, transformer=encoder.record)

"""A language model fine-tuned within a tagger: trained with it, exported as training left it."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from tagger.errors import SettingsError
from tagger.evaluation.model import score_model
from tagger.inference.encoding import LANGUAGE_MODEL as PREFIX
from tagger.inference.folder import WEIGHTS, Precision, read_description
from tagger.inference.language_folder import read_language_folder
from tagger.inference.pipeline import Tagger
from tagger.network.model import Network
from tagger.sentence import Sentence
from tagger.training.batches import Batch
from tagger.training.data import TrainingData, prepare
from tagger.training.finish import write_model
from tagger.training.language_inputs import WordReader
from tagger.training.loop import Training
from tagger.training.settings import FINE_TUNING_RATE, LanguageStates, Settings, settings_from
from tests.conftest import assert_near, gone_on_with, randomise, runtime_of, sentence, tiny_settings
from tests.conftest import train_to_the_end as to_the_end
from tests.training.test_language_inputs import RECORD
from tests.training.test_loop import TOY

TUNED = msgspec.structs.replace(RECORD, fine_tuned=True)
DEV = [sentence("cat flew Ann saw", upos="N V N V", ner="O O O O"), sentence("zebra", upos="N")]


def settings_with(**optimisation: object) -> Settings:
    own = {"size": 5, "dropout": 0.1, "fine_tune": True, "learning_rate": 0.005}
    return tiny_settings(language_model=own, optimisation=optimisation)


@pytest.fixture(scope="module")
def reader(language_model: Path) -> WordReader:
    return WordReader(read_language_folder(language_model), TUNED)


def data_with(reader: WordReader, dev: list[Sentence] | None = None) -> TrainingData:
    """No folder for files of states: none are written."""
    return prepare(TOY, dev or TOY, ["upos", "ner"], settings_with(), language_model=reader)


@pytest.fixture(scope="module")
def training(reader: WordReader) -> Training:
    return to_the_end(Training(data_with(reader), settings_with()))


@pytest.fixture(scope="module")
def model(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tuned"
    write_model(training, folder, records=[], command="tagger train --lm lm")
    return folder


def emissions_of(network: Network, data: TrainingData) -> dict[str, torch.Tensor]:
    with torch.inference_mode():
        found: dict[str, torch.Tensor] = network(
            Batch(data.dev_encoded, data.dev_lexicon, ()).inputs
        )
    return found


def test_before_the_first_step_it_says_what_the_frozen_one_says(
    reader: WordReader, tmp_path: Path
) -> None:
    tuned = Training(data_with(reader), settings_with())
    still = tiny_settings(language_model={"size": 5, "dropout": 0.1})
    data = prepare(TOY, TOY, ["upos", "ner"], still, language_model=reader, scratch=tmp_path)
    frozen = Training(data, still).state.network.eval()
    expected = emissions_of(frozen, data)
    for name, emissions in emissions_of(tuned.state.network.eval(), tuned.data).items():
        for i, one in enumerate(TOY):
            real = slice(0, len(one))
            assert torch.allclose(emissions[i, real], expected[name][i, real], atol=2e-3)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_graphs_compute_what_torch_does(
    tmp_path: Path, reader: WordReader, precision: Precision
) -> None:
    data = data_with(reader, DEV)
    network = randomise(Training(data, settings_with()).state.network)
    expected = emissions_of(network, data)
    runtime = runtime_of(tmp_path, network, data, precision)
    found = runtime.emissions([s.forms for s in DEV])
    assert_near(found, expected, DEV, 2e-4 if precision == "fp32" else 0.3)


def test_training_starts_at_the_folders_weights_and_changes_them_at_their_own_rate(
    reader: WordReader,
) -> None:
    settings = msgspec.structs.replace(
        settings_with(), language_model=LanguageStates(fine_tune=True, learning_rate=1e-5)
    )
    training = Training(data_with(reader), settings)
    before = {name: weight.clone() for name, weight in training.state.network.state_dict().items()}
    of_folder = reader.weights()
    next(training.run())
    moved = {
        name: float((weight - before[name]).abs().max())
        for name, weight in training.state.network.state_dict().items()
    }
    inner = {name for name in before if name.startswith(PREFIX)}
    assert inner == of_folder.keys() - {f"{PREFIX}begins"}
    assert all(np.array_equal(before[name].numpy(), of_folder[name]) for name in inner)
    assert all(0 < moved[name] <= 1.1e-5 for name in inner)
    assert max(distance for name, distance in moved.items() if name not in inner) > 1e-4
    assert all(np.array_equal(reader.weights()[name], of_folder[name]) for name in of_folder)


def test_a_resumed_training_ends_with_the_same_weights(
    reader: WordReader, training: Training, tmp_path: Path
) -> None:
    resumed = gone_on_with(lambda: Training(data_with(reader), settings_with()), tmp_path / "s")
    for name, weights in training.state.best.items():
        assert torch.equal(weights, resumed.state.best[name]), name


def test_bf16_learns_too(reader: WordReader) -> None:
    options = {"epochs": 20, "batch_tokens": 20, "precision": "bf16"}
    trained = to_the_end(Training(data_with(reader), settings_with(**options)))
    assert trained.state.best_score > 0.9
    assert {w.dtype for w in trained.state.network.state_dict().values()} == {torch.float32}


def test_the_folder_has_the_weights_that_training_left(
    training: Training, model: Path, reader: WordReader
) -> None:
    found = load_file(model / WEIGHTS)
    for name, weight in training.state.best.items():
        assert np.array_equal(found[name], weight.numpy()), name
    before = reader.weights()
    assert before.keys() <= found.keys()
    assert not any(np.array_equal(found[name], before[name]) for name in before), "begins too"


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_scores_of_the_folder_are_those_of_training(
    reader: WordReader, tmp_path: Path, precision: Precision
) -> None:
    settings = msgspec.structs.replace(
        settings_with(epochs=8, batch_tokens=20), precision=precision
    )
    training = to_the_end(Training(data_with(reader), settings))
    write_model(training, tmp_path / "m", records=[], command="tagger train")
    tagger = Tagger(tmp_path / "m")
    found = score_model(tagger.tag_sentences, training.data.tasks, tagger.is_known, TOY)
    told = read_description(tmp_path / "m")
    assert [score.value for score in found] == [score.value for score in told.scores]
    best = max(training.state.history, key=lambda report: float(report["score"]))
    for score in found:
        most = 1e-9 if precision == "fp32" else 0.1
        assert score.value == pytest.approx(best["dev"][score.task], abs=most)


def test_the_folder_says_that_it_was_fine_tuned(model: Path) -> None:
    description = read_description(model)
    assert description.language_model == TUNED
    assert description.settings["language_model"]["learning_rate"] == 0.005
    card = (model / "README.md").read_text(encoding="utf-8")
    assert "These are of before it was fine-tuned with the tagger.\nThe licence" in card
    counted = sum(array.size for array in load_file(model / WEIGHTS).values())
    begins = load_file(model / WEIGHTS)[f"{PREFIX}begins"].size
    assert description.num_weights == counted - begins


def test_a_rate_of_what_is_not_trained_is_refused() -> None:
    with pytest.raises(SettingsError, match="language_model: learning_rate: expected fine_tune"):
        settings_from({"language_model": {"learning_rate": 0.1}})
    assert LanguageStates(fine_tune=True).rate == FINE_TUNING_RATE

"""A language model within a tagger: read once, frozen, exported as it was read."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tagger.errors import ModelError
from tagger.inference.folder import Precision, read_description, read_vocabularies
from tagger.inference.language_folder import read_language_folder
from tagger.inference.pipeline import Tagger
from tagger.inference.records import LanguageModelRecord
from tagger.inference.runtime import Runtime
from tagger.network.language_model import LanguageModel
from tagger.network.lstm import LSTMWeights, lstm_cell
from tagger.sentence import Sentence
from tagger.training import language_inputs as module
from tagger.training.batches import Batch
from tagger.training.data import TrainingData, prepare
from tagger.training.finish import write_model
from tagger.training.language_inputs import WordReader
from tagger.training.loop import Training
from tests.conftest import assert_near, randomise, runtime_of, sentence, tiny_settings
from tests.conftest import train_to_the_end as to_the_end
from tests.training.language_corpus import language_data, pretrained, write_language
from tests.training.test_loop import TOY

RECORD = LanguageModelRecord(
    name="lm", sha256="0" * 64, hidden_size=12, tokens=1000, perplexity=20.0
)
SETTINGS = tiny_settings(language_model={"size": 5, "dropout": 0.1})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("language")
    return write_language(pretrained(language_data(place), epochs=1.0), place / "lm")


@pytest.fixture
def reader(folder: Path) -> WordReader:
    return WordReader(read_language_folder(folder), RECORD)


def data_with(reader: WordReader, scratch: Path, dev: list[Sentence] | None = None) -> TrainingData:
    scratch.mkdir(exist_ok=True)
    return prepare(
        TOY, dev or TOY, ["upos", "ner"], SETTINGS, language_model=reader, scratch=scratch
    )


def walked(network: LanguageModel, forms: list[str], reader: WordReader) -> list[np.ndarray]:
    """The forward model's states at some forms, by the written-out cell, behind the boundary."""
    lstm = network.forward_model.lstm
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    weights = LSTMWeights(*(getattr(lstm, name) for name in names))
    hidden = memory = torch.zeros(1, network.hidden_size)
    found = []
    for form in ["", *forms]:
        gates = lstm_cell(reader.vectors([form]), hidden, memory, weights)
        hidden, memory = gates.hidden, gates.memory
        found.append(hidden[0].detach().numpy())
    return found[1:]


def test_states_are_those_of_a_walk_from_the_boundary_in_both_directions(
    reader: WordReader, tmp_path: Path
) -> None:
    network = reader._network
    forms = [*TOY[1].forms]
    data = data_with(reader, tmp_path / "s")
    assert data.train_lexicon.language is not None
    first = data.train[1]
    states = data.train_lexicon.language.of([first], len(first))[0].numpy()
    assert np.allclose(states[:, :12], walked(network, forms, reader), atol=2e-3)
    network.forward_model.lstm.load_state_dict(network.backward_model.lstm.state_dict())
    back = walked(network, forms[::-1], reader)[::-1]
    assert np.allclose(states[:, 12:], back, atol=2e-3)


def test_a_sentence_has_the_same_states_alone_and_in_a_batch(
    reader: WordReader, tmp_path: Path
) -> None:
    data = data_with(reader, tmp_path / "s")
    assert data.train_lexicon.language is not None
    together = data.train_lexicon.language.of(data.train, max(map(len, data.train)))
    for i, own in enumerate(TOY):
        alone = data_with(reader, tmp_path / f"s{i}", [own])
        language = alone.dev_lexicon.language
        assert language is not None
        found = language.of(alone.dev_encoded, len(own))[0]
        assert torch.allclose(found, together[i, : len(own)], atol=2e-3)
        assert not together[i, len(own) :].any(), "padding is 0"


def test_states_that_lie_there_are_not_computed_again(
    reader: WordReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = data_with(reader, tmp_path / "s")
    monkeypatch.setattr(module, "_fill", None)
    second = data_with(reader, tmp_path / "s")
    assert first.train_lexicon.language is not None
    assert second.train_lexicon.language is not None
    found = second.train_lexicon.language.states
    assert np.array_equal(first.train_lexicon.language.states, found)
    assert found.any()


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_graphs_read_the_language_model_as_torch_does(
    tmp_path: Path, reader: WordReader, precision: Precision
) -> None:
    dev = [sentence("cat flew Ann saw", upos="N V N V", ner="O O O O"), sentence("zebra", upos="N")]
    data = data_with(reader, tmp_path / "s", dev)
    network = randomise(Training(data, SETTINGS).state.network)
    with torch.inference_mode():
        expected = network(Batch(data.dev_encoded, data.dev_lexicon, ()).inputs)
    runtime = runtime_of(tmp_path, network, data, precision)
    found = runtime.emissions([s.forms for s in dev])
    assert_near(found, expected, dev, 2e-3 if precision == "fp32" else 0.3)
    if precision == "int8":
        alone = runtime.emissions([dev[1].forms])
        assert np.array_equal(alone[0][0, 0], found[0][1, 0]), "the same bits in any company"


def test_what_the_language_model_says_reaches_the_tags(tmp_path: Path, reader: WordReader) -> None:
    data = data_with(reader, tmp_path / "s")
    network = randomise(Training(data, SETTINGS).state.network)
    inputs = Batch(data.train[:2], data.train_lexicon, ()).inputs
    assert inputs.language_states is not None
    assert inputs.language_vectors is not None
    usual = network(inputs)["upos"]
    for part in ("language_states", "language_vectors"):
        other = inputs._replace(**{part: torch.zeros_like(getattr(inputs, part))})
        assert not torch.allclose(network(other)["upos"], usual)


def test_training_changes_nothing_in_the_language_model(tmp_path: Path, reader: WordReader) -> None:
    before = {name: array.copy() for name, array in reader.weights().items()}
    training = to_the_end(Training(data_with(reader, tmp_path / "s"), SETTINGS))
    after = reader.weights()
    assert all(np.array_equal(after[name], array) for name, array in before.items())
    assert not [name for name in training.state.best if name.startswith("lm.")]


def test_a_model_folder_has_the_language_model_within(tmp_path: Path, reader: WordReader) -> None:
    training = to_the_end(Training(data_with(reader, tmp_path / "s"), SETTINGS))
    made = write_model(training, tmp_path / "m", records=[], command="tagger train")
    description = read_description(tmp_path / "m")
    assert description.language_model == made.language_model == RECORD
    told = {"size": 5, "dropout": 0.1, "fine_tune": False, "learning_rate": None}
    assert description.settings["language_model"] == told
    assert read_vocabularies(tmp_path / "m").language_model is not None
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert "language model `lm` (SHA-256 of its weights `000" in card
    tagged = Tagger(tmp_path / "m").tag("the dog saw Ann".split())
    assert len(tagged.columns["upos"]) == 4
    assert made.scores[0].value == pytest.approx(training.state.best_score, abs=0.4)


def test_a_model_without_one_says_nothing_of_it(tiny_model: Path) -> None:
    for name in ("model.json", "vocabulary.json", "README.md"):
        content = (tiny_model / name).read_bytes()
        assert b"language model" not in content.replace(b"_", b" "), name
    assert read_vocabularies(tiny_model).language_model is None


def test_a_vocabulary_without_the_language_models_words_is_refused(
    tmp_path: Path, reader: WordReader
) -> None:
    import json

    data = data_with(reader, tmp_path / "s")
    runtime_of(tmp_path, randomise(Training(data, SETTINGS).state.network), data)
    path = tmp_path / "vocabulary.json"
    content = json.loads(path.read_bytes())
    del content["language_model"]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelError, match=r"lexical\.onnx: does not fit the vocabularies"):
        Runtime(tmp_path, data.tasks).emissions([["quokka"]])

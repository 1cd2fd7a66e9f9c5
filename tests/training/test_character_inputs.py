"""A language model over characters within a tagger: read once, frozen, exported as it was read."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from tagger.cli.training import language_reader
from tagger.errors import ModelError
from tagger.inference import characters as runtime_module
from tagger.inference.folder import CHARACTER_GRAPH, CHARACTERS, Precision, read_description
from tagger.inference.language_folder import read_language_folder
from tagger.inference.pipeline import Tagger
from tagger.network.lstm import LSTMWeights, lstm_cell
from tagger.sentence import Sentence
from tagger.training import character_inputs as module
from tagger.training.batches import Batch
from tagger.training.character_inputs import CharacterReader
from tagger.training.data import TrainingData, prepare
from tagger.training.finish import write_model
from tagger.training.loop import Training
from tests.conftest import assert_near, randomise, runtime_of, sentence, tiny_settings
from tests.conftest import train_to_the_end as to_the_end
from tests.training.character_corpus import CHARACTER_RECORD, character_data, spelling_model
from tests.training.language_corpus import write_language
from tests.training.test_loop import TOY

SETTINGS = tiny_settings(language_model={"size": 5, "dropout": 0.1})
SIZE = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("characters")
    return write_language(spelling_model(character_data(place), epochs=1.0), place / "lm")


@pytest.fixture
def reader(folder: Path) -> CharacterReader:
    files = read_language_folder(folder)
    return CharacterReader(files, CHARACTER_RECORD)


def data_with(
    reader: CharacterReader, scratch: Path, dev: list[Sentence] | None = None
) -> TrainingData:
    scratch.mkdir(exist_ok=True)
    return prepare(
        TOY, dev or TOY, ["upos", "ner"], SETTINGS, language_model=reader, scratch=scratch
    )


def walked(reader: CharacterReader, direction: int, text: str) -> dict[int, np.ndarray]:
    """One direction's state behind each character of a text, by the written-out cell."""
    network = reader._network
    lstm = network.directions[direction].lstm
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    weights = LSTMWeights(*(getattr(lstm, name) for name in names))
    hidden = memory = torch.zeros(1, SIZE)
    found = {}
    for i, sign in enumerate(text):
        ids = [0] if sign == "|" else reader._known.ids_or_unknown(sign)
        gates = lstm_cell(network.characters(torch.tensor(ids)), hidden, memory, weights)
        hidden, memory = gates.hidden, gates.memory
        found[i] = hidden[0].detach().numpy()
    return found


def test_states_are_those_behind_the_blank_on_either_side(
    reader: CharacterReader, tmp_path: Path
) -> None:
    own = TOY[1]
    text = f"|{' '.join(own.forms)}|"
    data = data_with(reader, tmp_path / "s")
    assert data.train_lexicon.language is not None
    assert data.train_lexicon.language.vectors.shape[1] == 0
    states = data.train_lexicon.language.of([data.train[1]], len(own))[0].numpy()
    forward, backward = walked(reader, 0, text), walked(reader, 1, text[::-1])
    start = 1
    for form, found in zip(own.forms, states, strict=True):
        behind, before = start + len(form), start - 1
        assert np.allclose(found[:SIZE], forward[behind], atol=2e-3)
        assert np.allclose(found[SIZE:], backward[len(text) - 1 - before], atol=2e-3)
        start = behind + 1


@pytest.mark.parametrize("steps", [1, 3, 1000])
def test_a_sentence_has_the_same_states_alone_and_in_a_batch_and_in_parts(
    reader: CharacterReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    data = data_with(reader, tmp_path / "s")
    assert data.train_lexicon.language is not None
    together = data.train_lexicon.language.of(data.train, max(map(len, data.train)))
    monkeypatch.setattr(module, "STEPS_AT_ONCE", steps)
    for i, own in enumerate(TOY):
        alone = data_with(reader, tmp_path / f"s{i}", [own])
        language = alone.dev_lexicon.language
        assert language is not None
        found = language.of(alone.dev_encoded, len(own))[0]
        assert torch.allclose(found, together[i, : len(own)], atol=2e-3)


DEV = [
    sentence("cat flew Ann saw", upos="N V N V", ner="O O O O"),
    sentence("zebra", upos="N"),
    sentence(f"the {'ab' * 500} dog", upos="D N N"),
]


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("at_once", [1, 50, 10_000])
def test_the_graphs_read_the_language_model_as_torch_does(
    tmp_path: Path,
    reader: CharacterReader,
    precision: Precision,
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime_module, "SYMBOLS_AT_ONCE", at_once)
    data = data_with(reader, tmp_path / "s", DEV)
    network = randomise(Training(data, SETTINGS).state.network)
    with torch.inference_mode():
        expected = network(Batch(data.dev_encoded, data.dev_lexicon, ()).inputs)
    runtime = runtime_of(tmp_path, network, data, precision)
    found = runtime.emissions([s.forms for s in DEV])
    assert_near(found, expected, DEV, 2e-3 if precision == "fp32" else 0.3)
    if precision == "int8":
        for i, one in enumerate(DEV):
            alone = runtime.emissions([one.forms])
            assert np.array_equal(alone[0][0], found[0][i, : len(one)]), "the same bits"


def test_what_the_language_model_says_reaches_the_tags(
    tmp_path: Path, reader: CharacterReader
) -> None:
    data = data_with(reader, tmp_path / "s")
    network = randomise(Training(data, SETTINGS).state.network)
    inputs = Batch(data.train[:2], data.train_lexicon, ()).inputs
    assert inputs.language_states is not None
    other = inputs._replace(language_states=torch.zeros_like(inputs.language_states))
    assert not torch.allclose(network(other)["upos"], network(inputs)["upos"])


@pytest.fixture(scope="module")
def model(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tagger")
    reader = CharacterReader(read_language_folder(folder), CHARACTER_RECORD)
    training = to_the_end(Training(data_with(reader, place / "s"), SETTINGS))
    before = reader.weights()
    assert not [name for name in training.state.best if name.startswith("characters.")]
    write_model(training, place / "m", records=[], command="tagger train")
    assert all(np.array_equal(reader.weights()[name], array) for name, array in before.items())
    return place / "m"


def test_a_model_folder_has_the_language_model_within(model: Path) -> None:
    description = read_description(model)
    assert description.language_model == CHARACTER_RECORD
    card = (model / "README.md").read_text(encoding="utf-8")
    assert "It reads characters with the language model `lm` (SHA-256 of its weights `000" in card
    assert "24 units a direction, 1,000 characters read, held-out bits per character 2.000." in card
    tagged = Tagger(model).tag("the dog saw Ann".split())
    assert len(tagged.columns["upos"]) == 4


def test_a_very_long_word_costs_no_more_than_a_long_one(model: Path) -> None:
    tagger = Tagger(model)
    assert tagger.runtime.below is not None
    seen = []
    run = tagger.runtime.below.session.run
    tagger.runtime.below.session.run = lambda inputs, *a, **k: (
        seen.append(inputs["symbols"].shape) or run(inputs, *a, **k)
    )
    tagger.tag(["the", "ab" * 150_000, "dog"])
    assert seen == [(1 + 4 + 41 + 4, 1)]


def test_very_long_sentences_fit_into_a_batch(model: Path) -> None:
    tagged = Tagger(model).tag([f"{'word' * 25}{i}" for i in range(1500)])
    assert len(tagged.columns["upos"]) == 1500


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (CHARACTERS, r"characters\.json: cannot be read"),
        (CHARACTER_GRAPH, r"characters\.onnx: cannot be read"),
    ],
)
def test_a_folder_that_lacks_a_part_of_it_is_refused(
    model: Path, tmp_path: Path, name: str, message: str
) -> None:
    other = Path(shutil.copytree(model, tmp_path / "m"))
    (other / name).unlink()
    with pytest.raises(ModelError, match=message):
        Tagger(other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: [*c, "\u2603"], r"characters\.onnx: does not fit characters\.json"),
        (lambda c: c[1:], r"characters\.json: expected \('', '<unknown>', ' '\) and then"),
        (lambda c: c[:3], r"characters\.json: expected \('', '<unknown>', ' '\) and then"),
        (lambda c: [*c, c[-1]], r"characters\.json: a vocabulary holds the same string twice"),
        (lambda c: {"a": 1}, r"characters\.json: not what a tagger model has there"),
    ],
)
def test_characters_that_do_not_fit_are_refused(
    model: Path, tmp_path: Path, change: object, message: str
) -> None:
    other = Path(shutil.copytree(model, tmp_path / "m"))
    content = json.loads((other / CHARACTERS).read_bytes())
    (other / CHARACTERS).write_text(json.dumps(change(content)), encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        Tagger(other)


@pytest.mark.parametrize("kind", ["language_model", "character_model"])
@pytest.mark.parametrize("size", [25, 2**62, 2**70])
def test_a_size_that_the_weights_do_not_have_is_refused(
    kind: str, size: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(request.getfixturevalue(kind), tmp_path / "lm"))
    path = other / "language-model.json"
    content = json.loads(path.read_bytes())
    content["settings"]["hidden_size"] = size
    path.write_text(json.dumps(content), encoding="utf-8")
    problem = r"lm: (weights do not fit its settings|hidden_size: )"
    with pytest.raises(ModelError, match=problem) as caught:
        language_reader(other)
    assert len(str(caught.value)) < 1_000

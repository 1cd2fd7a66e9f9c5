"""Pretrained vectors in a training: frozen, standardised, exported as they were trained with."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tagger.corpus.vectors.reading import read_vectors
from tagger.errors import ModelError, VectorsError
from tagger.inference.encoding import encode_forms
from tagger.inference.folder import Precision, read_description, read_vocabularies
from tagger.inference.pipeline import Tagger
from tagger.inference.pretrained import Pretrained, quantised
from tagger.training.batches import Batch
from tagger.training.build import build_network
from tagger.training.data import TrainingData, prepare
from tagger.training.finish import write_model
from tagger.training.loop import Training
from tagger.training.pretrained import LENGTH, freeze, standardised
from tagger.training.settings import Settings
from tagger.vocabulary import Vocabulary, count_words
from tests.conftest import (
    assert_near,
    longest_difference,
    randomise,
    runtime_of,
    sentence,
    tiny_settings,
)
from tests.conftest import train_to_the_end as to_the_end
from tests.corpus.vectors.writing import Rows, glove
from tests.training.test_loop import TOY

KNOWN = {form: form.lower() for sentence in TOY for form in sentence.forms}


def table() -> Rows:
    """Vectors of the toy corpus's words but `saw`; `cat` is close to `dog`, `flew` far from it."""
    random = np.random.default_rng(1)
    rows = {word: random.normal(size=5) for word in KNOWN.values() if word != "saw"}
    rows |= {"cat": rows["dog"] + 0.01, "flew": -rows["dog"]}
    return {word: row.tolist() for word, row in rows.items()}


@pytest.fixture
def pretrained(tmp_path: Path) -> Pretrained:
    path = tmp_path / "toy.vec"
    path.write_bytes(glove(table()))
    return freeze(read_vectors(path, count_words(KNOWN), 9), path)


def data_with(pretrained: Pretrained | None, dropout: float = 0.0) -> TrainingData:
    return prepare(TOY, TOY, ["upos", "ner"], settings_with(dropout), pretrained)


def settings_with(dropout: float = 0.0) -> Settings:
    return tiny_settings(vectors={"dropout": dropout})


def training_with(pretrained: Pretrained) -> Training:
    return Training(data_with(pretrained, 0.2), settings_with(0.2))


def vectors_of(pretrained: Pretrained, *words: str) -> NDArray[np.float32]:
    ids = [pretrained.vocabulary.id_or_unknown(word) for word in words]
    return pretrained.values[ids] * pretrained.scales[ids]


def test_the_table_has_training_words_and_others_and_says_of_which_file(
    pretrained: Pretrained,
) -> None:
    assert set(pretrained.vocabulary.strings) == {"<pad>", "<unknown>", *table()}
    record = pretrained.record
    assert (record.name, record.size, record.other_words) == ("toy.vec", 5, 2)
    assert record.training_words == len(set(KNOWN.values())) - 1
    assert len(record.sha256) == 64


def test_vectors_are_centred_and_of_one_length_on_average_but_padding_and_unknown_of_zero(
    pretrained: Pretrained,
) -> None:
    rows = vectors_of(pretrained, *table())
    assert np.abs(rows.mean(0)).max() < 0.02
    assert np.square(rows).sum(1).mean() == pytest.approx(LENGTH**2, rel=0.01)
    assert not vectors_of(pretrained, "<pad>", "<unknown>").any()
    raw = np.array([*table().values()], np.float32)
    assert longest_difference([rows], [standardised(raw)]) < 0.04


def test_eight_bits_are_off_by_half_a_scale_at_most() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 9)).astype(np.float32)
    rows[3] = 0
    values, scales = quantised(rows)
    assert (values.dtype, scales.shape) == (np.int8, (50, 1))
    assert (np.abs(values * scales - rows) <= 0.5001 * scales).all()
    assert (np.abs(values).max(1) == [0 if i == 3 else 127 for i in range(50)]).all()


def test_words_called_like_padding_take_no_row_from_others(tmp_path: Path) -> None:
    path = tmp_path / "v"
    path.write_bytes(glove({"<unknown>": [9.0, 9.0], "ann": [1.0, 0.0], "bob": [-1.0, 0.0]}))
    pretrained = freeze(read_vectors(path, {"ann"}, 9), path)
    assert pretrained.vocabulary.strings == ("<pad>", "<unknown>", "ann", "bob")
    assert np.allclose(vectors_of(pretrained, "ann", "bob"), [[LENGTH, 0], [-LENGTH, 0]])
    assert pretrained.record.other_words == 1


def test_vectors_of_another_language_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "v"
    path.write_bytes(glove({"chien": [1.0, 2.0]}))
    with pytest.raises(VectorsError, match="expected vectors of training words, found none"):
        freeze(read_vectors(path, {"dog"}, 9), path)


def test_a_token_has_its_pretrained_vector_beside_its_word_vector(pretrained: Pretrained) -> None:
    data = data_with(pretrained)
    network = randomise(build_network(settings_with(), data.tasks, data.vocabularies, pretrained))
    inputs = Batch(data.train[1:3], data.train_lexicon, ()).inputs
    assert inputs.pretrained is not None
    found = network.words(
        inputs.words, inputs.characters, inputs.affixes, inputs.forms, None or inputs.pretrained
    )
    forms = [[*s.forms, ""][:5] for s in TOY[1:3]]
    for i, of_sentence in enumerate(forms):
        expected = vectors_of(pretrained, *(form.lower() for form in of_sentence))
        assert np.allclose(found[i, :, 8:13].detach().numpy(), expected, atol=1e-6)
    assert found.shape[2] == network.words.output_size


def test_training_changes_no_pretrained_vector_and_keeps_none_in_its_state(
    pretrained: Pretrained,
) -> None:
    values, scales = pretrained.values.copy(), pretrained.scales.copy()
    training = to_the_end(training_with(pretrained))
    assert np.array_equal(pretrained.values, values)
    assert np.array_equal(pretrained.scales, scales)
    assert not [name for name in training.state.best if "pretrained" in name]


def test_both_vectors_of_a_word_are_hidden_but_not_at_the_same_tokens(
    pretrained: Pretrained,
) -> None:
    settings = tiny_settings(words={"dropout": 0.5}, vectors={"dropout": 0.5})
    data = data_with(pretrained)
    words = build_network(settings, data.tasks, data.vocabularies, pretrained).words.train()
    torch.manual_seed(1)
    lexicon = data.train_lexicon
    form = lexicon.ids["dog"]
    assert lexicon.pretrained is not None
    many = torch.full((1, 1000), form)
    found = words(
        lexicon.words[many],
        lexicon.characters[[form]],
        lexicon.affixes[[form]],
        torch.zeros_like(many),
        lexicon.pretrained[many],
    )[0]
    unknown = words.embedding.weight[1]
    is_word_hidden = (found[:, :8] == unknown).all(1)
    is_vector_hidden = (found[:, 8:13] == 0).all(1)
    for hidden in (is_word_hidden, is_vector_hidden, is_word_hidden == is_vector_hidden):
        assert 400 < int(hidden.sum()) < 600


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_graphs_read_the_same_vectors_as_torch(
    tmp_path: Path, pretrained: Pretrained, precision: Precision
) -> None:
    dev = [sentence("cat flew Ann saw", upos="N V N V", ner="O O O O"), sentence("zebra", upos="N")]
    data = prepare(TOY, dev, ["upos", "ner"], settings_with(), pretrained)
    network = randomise(build_network(settings_with(), data.tasks, data.vocabularies, pretrained))
    with torch.inference_mode():
        expected = network(Batch(data.dev_encoded, data.dev_lexicon, ()).inputs)
    found = runtime_of(tmp_path, network, data, precision).emissions([s.forms for s in dev])
    assert_near(found, expected, dev, 1e-4 if precision == "fp32" else 0.2)


def test_a_word_unseen_in_training_is_read_like_those_whose_vectors_are_close(
    tmp_path: Path, pretrained: Pretrained
) -> None:
    training = to_the_end(training_with(pretrained))
    write_model(training, tmp_path / "m", records=[], command="tagger train")
    lexicon = Tagger(tmp_path / "m").runtime.forms.lexicon
    assert (lexicon.is_known("dog"), lexicon.is_known("cat")) == (True, False)

    def what_its_vector_adds(form: str) -> NDArray[np.float32]:
        ids = encode_forms([form], lexicon.vocabularies)
        without = {**ids, "pretrained": np.array([Vocabulary.unknown_id])}
        with_vector, none = (lexicon.session.run(given)[0] for given in (ids, without))
        added: NDArray[np.float32] = (with_vector - none).ravel()
        return added

    dog, cat, flew = map(what_its_vector_adds, ("dog", "cat", "flew"))
    assert not what_its_vector_adds("zebra").any()
    assert np.abs(dog).max() > 0.1
    assert np.corrcoef(dog, cat)[0, 1] > 0.99
    assert np.corrcoef(dog, flew)[0, 1] < -0.5


def test_a_model_folder_has_the_vectors_and_tells_of_them(
    tmp_path: Path, pretrained: Pretrained
) -> None:
    from safetensors.numpy import load_file

    folder = tmp_path / "m"
    description = write_model(
        to_the_end(training_with(pretrained)), folder, records=[], command="tagger train"
    )
    assert read_description(folder).vectors == description.vectors == pretrained.record
    assert description.settings["vectors"] == {"keep": 50_000, "dropout": 0.2}
    found = read_vocabularies(folder).vectors
    assert found is not None
    assert found.strings == pretrained.vocabulary.strings
    weights = load_file(folder / "weights.safetensors")
    assert np.array_equal(weights["words.pretrained.values"], pretrained.values)
    assert np.array_equal(weights["words.pretrained.scales"], pretrained.scales)
    learned = sum(array.size for name, array in weights.items() if "pretrained" not in name)
    assert description.num_weights == learned
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"word vectors of `toy.vec` (SHA-256 `{pretrained.record.sha256}`)" in card
    words = f"{len(table()) - 2} words of the training files and 2 others."
    assert f"\n5 numbers each for {words}\n" in card
    assert "neighbours, and their vector if they have one." in card


def test_a_model_without_vectors_says_nothing_of_them(tiny_model: Path) -> None:
    for name in ("model.json", "vocabulary.json", "README.md", "weights.safetensors"):
        assert b"vectors" not in (tiny_model / name).read_bytes(), name
    assert read_vocabularies(tiny_model).vectors is None
    assert not read_description(tiny_model).vectors


@pytest.mark.parametrize("change", ["more", "none"])
def test_vectors_that_are_not_the_graphs_are_refused(
    tmp_path: Path, pretrained: Pretrained, change: str
) -> None:
    folder = tmp_path / "m"
    write_model(to_the_end(training_with(pretrained)), folder, records=[], command="tagger train")
    path = folder / "vocabulary.json"
    content = msgspec.json.decode(path.read_bytes())
    if change == "more":
        content["vectors"].append("one more")
    else:
        del content["vectors"]
    path.write_bytes(msgspec.json.encode(content))
    with pytest.raises(ModelError, match=r"lexical\.onnx: does not fit the vocabularies"):
        Tagger(folder).runtime.forms.lexicon


def test_the_same_seed_and_vectors_give_the_same_weights(pretrained: Pretrained) -> None:
    first, second = (to_the_end(training_with(pretrained)).state.best for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)

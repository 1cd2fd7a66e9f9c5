"""Graphs against torch: what is scored and shipped is what was trained."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch

from tagger.inference.folder import Precision
from tagger.inference.layers import layers_of
from tagger.inference.lexical_graph import export_lexical
from tagger.training.batches import Batch, Lexicon
from tagger.training.build import build_network
from tagger.training.data import prepare
from tests.conftest import (
    export_of,
    longest_difference,
    randomise,
    runtime_of,
    sentence,
    tiny_settings,
)

TRAIN = [
    sentence("Ann lives in Bath .", upos="N V P N .", ner="B-PER O O B-LOC O"),
    sentence("Bob sleeps", upos="N V", ner="B-PER O"),
]
DEV = [
    sentence("In a Llanfairpwllgwyngyllgogerychwyrndrobwllllantysilio A b", upos="P D N X X"),
    sentence("?", upos="X"),
    sentence("Ann sleeps in in Bath . . . é 1984", upos="N V P P N . . . X X"),
    sentence("Bob lives", ner="B-PER O"),
]
CHARACTERS = [
    pytest.param({"kind": "cnn", "widths": [3]}, id="odd"),
    pytest.param({"kind": "cnn", "widths": [2, 4]}, id="even"),
    pytest.param({"kind": "cnn", "widths": [1, 2, 3, 7]}, id="both"),
    pytest.param({"kind": "lstm"}, id="lstm"),
]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("characters", CHARACTERS)
def test_emissions_of_the_graphs_equal_torchs(
    tmp_path: Path, characters: dict[str, Any], layers: int
) -> None:
    settings = tiny_settings(characters=characters, encoder={"layers": layers})
    data = prepare(TRAIN, DEV, ["upos", "ner"], settings)
    network = randomise(build_network(settings, data.tasks, data.vocabularies))
    with torch.inference_mode():
        expected = network(Batch(data.dev_encoded, data.dev_lexicon, ()).inputs)
    found = runtime_of(tmp_path, network, data).emissions([s.forms for s in DEV])
    for name, emissions in zip(["upos", "ner"], found, strict=True):
        assert emissions.shape == expected[name].shape
        of_sentences = [slice(None, len(s)) for s in DEV]
        assert (
            longest_difference(
                (emissions[i, real] for i, real in enumerate(of_sentences)),
                (expected[name][i, real].numpy() for i, real in enumerate(of_sentences)),
            )
            < 1e-4
        )
        assert np.abs(emissions).max() > 0.1, "not everything is 0"


@pytest.mark.parametrize("precision", ["int8", "fp32"])
@pytest.mark.parametrize("layers", [1, 3])
def test_emissions_are_the_same_alone_and_in_a_batch_bit_for_bit(
    tmp_path: Path, precision: Precision, layers: int
) -> None:
    settings = tiny_settings(encoder={"layers": layers, "hidden_size": 24})
    data = prepare(TRAIN, DEV, ["upos", "ner"], settings)
    network = randomise(build_network(settings, data.tasks, data.vocabularies))
    running = runtime_of(tmp_path, network, data, precision)
    together = running.emissions([s.forms for s in DEV])
    for i, one in enumerate(DEV):
        for alone, in_batch in zip(running.emissions([one.forms]), together, strict=True):
            assert np.array_equal(alone[0], in_batch[i, : len(one)])


@pytest.mark.parametrize("layers", [1, 2])
def test_int8_is_close_to_fp32(tmp_path: Path, layers: int) -> None:
    settings = tiny_settings(encoder={"layers": layers, "hidden_size": 32})
    data = prepare(TRAIN, DEV, ["upos", "ner"], settings)
    torch.manual_seed(1)
    network = build_network(settings, data.tasks, data.vocabularies).eval()
    found = []
    for precision in ("int8", "fp32"):
        folder = tmp_path / precision
        folder.mkdir()
        running = runtime_of(folder, network, data, precision)
        found.append([e[0] for s in DEV for e in running.emissions([s.forms])])
    assert 0 < longest_difference(*found) < 0.05
    assert max(np.abs(emissions).max() for emissions in found[1]) > 0.2


@pytest.mark.parametrize("characters", CHARACTERS)
def test_the_lexical_graph_gives_torchs_inputs_of_the_first_layer(
    characters: dict[str, Any],
) -> None:
    settings = tiny_settings(characters=characters)
    data = prepare(TRAIN, DEV, ["upos"], settings)
    network = randomise(build_network(settings, data.tasks, data.vocabularies))
    forms = ["Ann", "", "x" * 100, "sleeps", "B"]
    lexicon = Lexicon(forms, data.vocabularies)
    with torch.inference_mode():
        vectors = network.words(
            lexicon.words.unsqueeze(0),
            lexicon.characters,
            lexicon.affixes,
            torch.arange(5).unsqueeze(0),
        )[0]
    weights = {name: weight.numpy() for name, weight in network.state_dict().items()}
    session = ort.InferenceSession(
        export_lexical(weights, "fp32"), providers=["CPUExecutionProvider"]
    )
    inputs = {
        "words": lexicon.words.long().numpy(),
        "characters": lexicon.characters.long().numpy(),
        "affixes": lexicon.affixes.long().numpy(),
    }
    (found,) = session.run(None, inputs)
    (layer,) = layers_of(weights)
    expected = [vectors.numpy() @ d.inputs + d.bias for d in (layer.forward, layer.backward)]
    assert longest_difference([found[:, 0], found[:, 1]], expected) < 1e-5


def test_the_same_weights_give_the_same_bytes() -> None:
    settings = tiny_settings()
    data = prepare(TRAIN, DEV, ["upos"], settings)
    network = build_network(settings, data.tasks, data.vocabularies)
    first, second = (export_of(network, data, "int8") for _ in range(2))
    assert first.graphs == second.graphs
    assert np.array_equal(first.table, second.table)


def test_tabulated_forms_are_those_asked_for(tmp_path: Path) -> None:
    settings = tiny_settings()
    data = prepare(TRAIN, DEV, ["upos"], settings)
    network = randomise(build_network(settings, data.tasks, data.vocabularies))
    exported = export_of(network, data, "fp32")
    assert exported.table.shape == (3, 2, 4 * 8)
    computed = runtime_of(tmp_path, network, data).forms.lexicon.inputs(exported.forms)
    assert np.array_equal(computed, exported.table)

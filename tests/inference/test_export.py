"""ONNX against torch: what is scored and shipped is what was trained."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch

from tagger.inference.export import export_lexical, export_sentence
from tagger.inference.runtime import Runtime
from tagger.training.batches import Batch, Lexicon
from tagger.training.build import build_network
from tagger.training.data import prepare
from tests.conftest import longest_difference, randomise, sentence, tiny_settings, write_graphs

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
    write_graphs(tmp_path, network, data)
    with torch.inference_mode():
        expected = network(Batch(data.dev_encoded, data.dev_lexicon, ()).inputs)
    found = Runtime(tmp_path).emissions([s.forms for s in DEV])
    assert list(found) == ["upos", "ner"]
    for name, emissions in found.items():
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


@pytest.mark.parametrize("characters", CHARACTERS)
def test_the_lexical_graph_gives_torchs_vectors_of_forms(characters: dict[str, Any]) -> None:
    settings = tiny_settings(characters=characters)
    data = prepare(TRAIN, DEV, ["upos"], settings)
    network = randomise(build_network(settings, data.tasks, data.vocabularies))
    forms = ["Ann", "", "x" * 100, "sleeps", "B"]
    lexicon = Lexicon(forms, data.vocabularies)
    with torch.inference_mode():
        expected = network.words(
            lexicon.words.unsqueeze(0),
            lexicon.characters,
            lexicon.affixes,
            torch.arange(5).unsqueeze(0),
        )
    weights = {name: weight.numpy() for name, weight in network.state_dict().items()}
    session = ort.InferenceSession(export_lexical(weights), providers=["CPUExecutionProvider"])
    inputs = {
        "words": lexicon.words.numpy(),
        "characters": lexicon.characters.numpy(),
        "affixes": lexicon.affixes.numpy(),
    }
    (found,) = session.run(None, inputs)
    assert longest_difference([found], [expected[0].numpy()]) < 1e-5


def test_the_sentence_graph_has_one_output_per_task_in_order() -> None:
    settings = tiny_settings()
    data = prepare(TRAIN, DEV, ["ner", "upos"], settings)
    network = build_network(settings, data.tasks, data.vocabularies)
    weights = {name: weight.numpy() for name, weight in network.state_dict().items()}
    graph = export_sentence(weights, ["ner", "upos"])
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    outputs = [(output.name, output.shape[2]) for output in session.get_outputs()]
    assert outputs == [("emissions.ner", 9), ("emissions.upos", 4)]


def test_the_same_weights_give_the_same_bytes() -> None:
    settings = tiny_settings()
    data = prepare(TRAIN, DEV, ["upos"], settings)
    network = build_network(settings, data.tasks, data.vocabularies)
    weights = {name: weight.numpy() for name, weight in network.state_dict().items()}
    assert export_lexical(weights) == export_lexical(weights)
    assert export_sentence(weights, ["upos"]) == export_sentence(weights, ["upos"])

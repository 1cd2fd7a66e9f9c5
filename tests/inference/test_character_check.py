"""Character graphs of strangers: what our export writes passes, what could do harm does not."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tagger.errors import ModelError
from tagger.inference.character_graph import export_characters
from tagger.inference.characters import CharacterRuntime
from tagger.inference.folder import CHARACTER_GRAPH, CHARACTERS, Precision
from tagger.inference.graph_check import check_graph
from tests.inference.test_graph_check import add, constant, node, set_constant

CHARACTER_IDS, SIZE, HIDDEN, PROJECTED = 5, 3, 4, 6


def weights(hidden: int = HIDDEN, characters: int = CHARACTER_IDS) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    shapes = {
        "characters.characters.weight": (characters, SIZE),
        "projection.weight": (PROJECTED, 2 * hidden),
        "projection.bias": (PROJECTED,),
    }
    for direction in ("forward", "backward"):
        at = f"characters.{direction}_model.lstm"
        shapes[f"{at}.weight_ih_l0"] = (4 * hidden, SIZE)
        shapes[f"{at}.weight_hh_l0"] = (4 * hidden, hidden)
        shapes[f"{at}.bias_ih_l0"] = shapes[f"{at}.bias_hh_l0"] = (4 * hidden,)
    return {name: random.normal(0, 0.4, s).astype(np.float32) for name, s in shapes.items()}


@cache
def graph_of(precision: Precision = "int8") -> bytes:
    return export_characters(weights(), precision)


@pytest.mark.parametrize("precision", ["int8", "fp32"])
@pytest.mark.parametrize(("hidden", "characters"), [(4, 3), (4, 5), (1024, 300), (4, 30_000)])
def test_what_is_exported_passes(precision: Precision, hidden: int, characters: int) -> None:
    check_graph(export_characters(weights(hidden, characters), precision), "g")


def renamed(index: int, name: str) -> Callable[[onnx.ModelProto], object]:
    return lambda model: setattr(model.graph.input[index], "name", name)


def doubling(model: onnx.ModelProto) -> None:
    for i in range(40):
        before = f"double.{i - 1}" if i else "both"
        add(model, helper.make_node("Concat", [before, before], [f"double.{i}"], axis=0))


def all_pairs(model: onnx.ModelProto) -> None:
    """Symbols times symbols."""
    for name, shape in (("column", [-1, 1]), ("line", [1, -1])):
        model.graph.initializer.append(numpy_helper.from_array(np.array(shape), name))
    add(
        model,
        helper.make_node("Reshape", ["symbols", "column"], ["standing"]),
        helper.make_node("Reshape", ["symbols", "line"], ["lying"]),
        helper.make_node("Mul", ["standing", "lying"], ["square"]),
    )


def scans(model: onnx.ModelProto) -> None:
    """The recurrence again and again, over the same weights."""
    for i in range(400):
        again = onnx.NodeProto()
        again.CopyFrom(node(model.graph, "Scan"))
        again.output[:] = [f"again.{i}.{k}" for k in range(len(again.output))]
        add(model, again)


REFUSED: dict[str, tuple[Callable[[onnx.ModelProto], object], str]] = {
    "another operator": (lambda m: setattr(node(m.graph, "Tanh"), "op_type", "Loop"), "'Loop' is"),
    "places of forms": (renamed(2, "words"), "input 'words' is not one that a tagger gives"),
    "another input": (renamed(2, "forms"), "input 'forms' is not one that a tagger gives"),
    "symbols of another type": (
        lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", TensorProto.FLOAT),
        "input 'symbols' differs",
    ),
    "an output of the states": (
        lambda m: setattr(m.graph.output[0], "name", "both"),
        "output 'both' has the shape",
    ),
    "an output per symbol": (
        lambda m: setattr(m.graph.output[0], "name", "forward.rows"),
        "output 'forward.rows' has the shape",
    ),
    "states of another size": (
        lambda m: set_constant(m.graph, "flat", [-1, 2]),
        "a product of (4096, 4) and (8, 6)",
    ),
    "memory": (doubling, "Concat would make"),
    "a square": (all_pairs, "Mul would make"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_character_graph_with_one_thing_changed_is_refused(what: str) -> None:
    change, problem = REFUSED[what]
    model = onnx.load_from_string(graph_of())
    change(model)
    with pytest.raises(ModelError, match=rf"^g: not a usable ONNX graph: .*{re.escape(problem)}"):
        check_graph(model.SerializeToString(), "g")


def test_the_same_weights_again_and_again_are_refused() -> None:
    model = onnx.load_from_string(export_characters(weights(64), "int8"))
    check_graph(model.SerializeToString(), "g")
    scans(model)
    with pytest.raises(ModelError, match="more work than each of its weights on each token"):
        check_graph(model.SerializeToString(), "g")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a CharacterRuntime reads."""
    place = tmp_path / "model"
    place.mkdir()
    (place / CHARACTER_GRAPH).write_bytes(graph_of())
    (place / CHARACTERS).write_text('["", "<unknown>", " ", "a", "b"]', encoding="utf-8")
    return place


def test_a_checked_character_model_reads_sentences(folder: Path) -> None:
    found = CharacterRuntime(folder, 1).context([["ab", "c"], ["a"], [""]])
    assert found.shape == (4, PROJECTED)
    assert np.abs(found).max() <= 1


@pytest.mark.parametrize("name", [CHARACTER_GRAPH, CHARACTERS])
def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path, name: str) -> None:
    (folder / name).rename(folder.parent / name)
    (folder / name).symlink_to(folder.parent / name)
    with pytest.raises(ModelError, match=f"{name}: expected a file in the model folder, found a"):
        CharacterRuntime(folder, 1)


def test_characters_beyond_all_sizes_are_not_read(folder: Path) -> None:
    with (folder / CHARACTERS).open("ab") as stream:
        stream.truncate(2**40)  # takes no place on disk
    with pytest.raises(ModelError, match=r"characters\.json: expected at most"):
        CharacterRuntime(folder, 1)


def test_states_that_are_no_numbers_are_refused(folder: Path) -> None:
    model = onnx.load_from_string(graph_of())
    bias = constant(model.graph, "projection.bias")
    set_constant(model.graph, bias.name, np.full(PROJECTED, np.nan))
    (folder / CHARACTER_GRAPH).write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"characters\.onnx: gives numbers that are beyond all"):
        CharacterRuntime(folder, 1).context([["a"]])


def test_no_batch_has_more_sentences_than_were_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = CharacterRuntime(folder, 1)
    seen, run = [], runtime.session.run
    monkeypatch.setattr(
        runtime.session,
        "run",
        lambda i, *a, **k: seen.append(i["symbols"].shape) or run(i, *a, **k),
    )
    runtime.context([["a"]] * 1200 + [["ab"] * 40] * 300)
    assert seen == [(3, 512), (3, 512), (3 + 118, 32768 // 121), (121, 300 + 176 - 270)]

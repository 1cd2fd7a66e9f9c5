"""Transformer graphs of strangers: what our export writes passes, what could do harm is refused."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tagger.errors import ModelError
from tagger.inference.folder import TOKENIZER, TRANSFORMER, Precision
from tagger.inference.graph_check import check_graph
from tagger.inference.records import TransformerRecord
from tagger.inference.subwords import Frame
from tagger.inference.transformer import TransformerRuntime
from tagger.inference.transformer_graph import export_transformer
from tests.inference.test_graph_check import add, node, set_constant
from tests.training.encoders import PIECES, write_tokenizer

FRAME = Frame(first_id=2, last_id=3, pad_id=0, unknown_id=1, positions=40)
INNER = 12


RECORD = TransformerRecord(
    name="tiny",
    sha256="",
    family="bert",
    license="",
    hidden_size=8,
    layers=2,
    heads=2,
    activation="gelu",
    epsilon=1e-12,
    frame=FRAME,
)


def graph_of(
    precision: Precision = "int8",
    activation: str = "gelu",
    positions: int = 40,
    size: int = 8,
    layers: int = 2,
    heads: int = 2,
) -> bytes:
    random = np.random.default_rng(1)

    def layer(name: str, outputs: int, inputs: int) -> dict[str, NDArray[np.float32]]:
        matrix = random.normal(size=(outputs, inputs)).astype(np.float32)
        return {f"{name}.weight": matrix, f"{name}.bias": matrix[:, 0]}

    def norm(name: str) -> dict[str, NDArray[np.float32]]:
        return {f"{name}.{kind}": np.ones(size, np.float32) for kind in ("weight", "bias")}

    at = "transformer."
    weights = layer("projection", 6, size) | norm(f"{at}norm")
    for name, rows in (("pieces", len(PIECES)), ("positions", positions)):
        weights[f"{at}{name}.weight"] = np.ones((rows, size), np.float32)
    for i in range(layers):
        own = f"{at}layers.{i}."
        weights |= layer(f"{own}attention_inputs", 3 * size, size)
        weights |= layer(f"{own}attention_output", size, size)
        weights |= layer(f"{own}inner", INNER, size) | layer(f"{own}outer", size, INNER)
        weights |= norm(f"{own}attention_norm") | norm(f"{own}norm")
    record = replace(RECORD, hidden_size=size, layers=layers, heads=heads, activation=activation)
    return export_transformer(weights, record, precision)


@pytest.mark.parametrize("precision", ["int8", "fp32"])
@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "relu"])
@pytest.mark.parametrize("positions", [10, 40, 300, 512])
def test_what_export_writes_passes(precision: Precision, activation: str, positions: int) -> None:
    check_graph(graph_of(precision, activation, positions), "g")


def test_many_small_layers_over_long_windows_pass() -> None:
    check_graph(graph_of(positions=4_096, layers=12), "g")


@pytest.mark.parametrize("positions", [9, 4_097])
def test_windows_of_unusual_length_are_refused(positions: int) -> None:
    with pytest.raises(ModelError, match=rf"expected 10 to 4,096 positions, found {positions}"):
        check_graph(graph_of(positions=positions), "g")


def test_attention_of_many_heads_over_long_windows_is_refused() -> None:
    check_graph(graph_of(positions=4_096, size=16, heads=2), "g")
    with pytest.raises(ModelError, match=r"MultiHeadAttention would make 1,\d{3},\d{3},\d{3} "):
        check_graph(graph_of(positions=4_096, size=16, heads=16), "g")


def set_input(operator: str, at: int, name: str) -> Callable[[onnx.ModelProto], object]:
    return lambda m: node(m.graph, operator).input.__setitem__(at, name)


def other_lengths(model: onnx.ModelProto) -> None:
    """Lengths of our own, below 0, behind which ONNX Runtime once wrote."""
    minus = numpy_helper.from_array(np.array(-(10**6), np.int32), "minus")
    model.graph.initializer.append(minus)
    negative = helper.make_node("Mul", ["lengths.int32", "minus"], ["negative"])
    at = [n.op_type for n in model.graph.node].index("MultiHeadAttention")
    model.graph.node.insert(at, negative)
    model.graph.node[at + 1].input[4] = "negative"


def lengths_as_bytes(model: onnx.ModelProto) -> None:
    """Lengths that are below 0 where they are above 127."""
    cast = node(model.graph, "Cast")
    cast.input[0] = "bytes"
    narrow = helper.make_node("Cast", ["lengths"], ["bytes"], to=TensorProto.INT8)
    model.graph.node.insert(0, narrow)


def positions_node(model: onnx.ModelProto) -> onnx.NodeProto:
    return next(n for n in model.graph.node if list(n.output) == ["positions"])


def other_positions(model: onnx.ModelProto) -> None:
    """Another axis of the table."""
    found = positions_node(model)
    del found.attribute[:]
    found.attribute.append(helper.make_attribute("start", 1))


def whole_division(model: onnx.ModelProto) -> None:
    add(model, helper.make_node("Div", ["pieces", "pieces"], ["halt"]))


def loose_positions(model: onnx.ModelProto) -> None:
    """Positions that follow the batch."""
    positions_node(model).input[0] = "pieces"


def attentions(model: onnx.ModelProto) -> None:
    """Five hundred more."""
    first = node(model.graph, "MultiHeadAttention")
    for i in range(500):
        copy = onnx.NodeProto()
        copy.CopyFrom(first)
        copy.output[0] = f"again.{i}"
        add(model, copy)


def set_attribute(operator: str, name: str, value: object) -> Callable[[onnx.ModelProto], object]:
    def change(model: onnx.ModelProto) -> None:
        attributes = node(model.graph, operator).attribute
        attributes.remove(next(a for a in attributes if a.name == name))
        attributes.append(helper.make_attribute(name, value))

    return change


REFUSED: dict[str, tuple[Callable[[onnx.ModelProto], object], str]] = {
    "lengths that are not those given": (
        other_lengths,
        "MultiHeadAttention: a mask that is not made of the lengths",
    ),
    "lengths of places": (
        set_input("Cast", 0, "places"),
        "MultiHeadAttention: a mask that is not made of the lengths",
    ),
    "lengths that were bytes": (
        lengths_as_bytes,
        "MultiHeadAttention: a mask that is not made of the lengths",
    ),
    "whole numbers divided": (whole_division, "Div: a Div of other numbers than floats"),
    "heads that do not divide": (
        set_attribute("MultiHeadAttention", "num_heads", 3),
        "8 units for 3 heads",
    ),
    "no heads": (set_attribute("MultiHeadAttention", "num_heads", 0), "8 units for 0 heads"),
    "keys of another size": (
        set_input("MultiHeadAttention", 1, "layers.0.attention_inputs.bias"),
        "queries, keys and values that differ",
    ),
    "a bias of another size": (
        lambda m: set_constant(m.graph, "layers.0.attention_inputs.bias", np.ones(7)),
        "MultiHeadAttention: a bias that does not fit",
    ),
    "a bias of another size of a function": (
        lambda m: set_constant(m.graph, "layers.1.inner.bias", np.ones(7)),
        "BiasGelu: a bias that does not fit",
    ),
    "a norm of another size": (
        lambda m: set_constant(m.graph, "norm.bias", np.ones(7)),
        "LayerNormalization: weights and biases of a norm that differ",
    ),
    "a norm over another axis": (
        set_attribute("LayerNormalization", "axis", 0),
        "a norm over other than the last axis",
    ),
    "a norm with a number as epsilon": (
        set_attribute("LayerNormalization", "epsilon", 1),
        "a norm without epsilon",
    ),
    "a maximum over another axis": (
        set_attribute("ReduceMax", "axes", [1]),
        "a ReduceMax that keeps another axis",
    ),
    "a scale of attention": (
        lambda m: node(m.graph, "MultiHeadAttention").attribute.append(
            helper.make_attribute("scale", 1.0)
        ),
        "MultiHeadAttention with the attributes ['scale']",
    ),
    "positions that follow the batch": (loose_positions, "positions, found 0"),
    "positions of another axis": (other_positions, "positions that are not those of a table"),
    "positions twice": (
        lambda m: m.graph.node.append(
            helper.make_node("Shape", ["positions.weight"], ["positions"], start=1, end=2)
        ),
        "the name 'positions' is given twice",
    ),
    "fewer vectors of positions than said": (
        lambda m: set_constant(m.graph, "positions.axis", [1]),
        "the shapes",
    ),
    "an output of another shape": (
        lambda m: setattr(m.graph.output[0], "name", "embedded"),
        "output 'embedded' has the shape (150, 2, 8)",
    ),
    "an input of forms": (
        lambda m: setattr(m.graph.input[2], "name", "words"),
        "input 'words' is not one that a tagger gives",
    ),
    "attention again and again": (attentions, "more work than each of its weights on each token"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_transformer_graph_with_one_thing_changed_is_refused(what: str) -> None:
    change, problem = REFUSED[what]
    model = onnx.load_from_string(graph_of())
    change(model)
    with pytest.raises(ModelError, match=rf"^g: not a usable ONNX graph: .*{re.escape(problem)}"):
        check_graph(model.SerializeToString(), "g")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a TransformerRuntime reads."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / TRANSFORMER).write_bytes(graph_of())
    write_tokenizer(tmp_path / "model" / TOKENIZER)
    return tmp_path / "model"


def test_a_checked_transformer_reads_sentences_of_many_windows(folder: Path) -> None:
    sentences = [["the", "dogs"], ["a", "[SEP]", ""] * 60]
    assert TransformerRuntime(folder, RECORD, 1).context(sentences).shape == (182, 6)


@pytest.mark.parametrize("name", [TRANSFORMER, TOKENIZER])
def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path, name: str) -> None:
    (folder / name).rename(folder.parent / name)
    (folder / name).symlink_to(folder.parent / name)
    with pytest.raises(ModelError, match=f"{name}: expected a file in the model folder, found a"):
        TransformerRuntime(folder, RECORD, 1)


def test_a_tokenizer_beyond_all_sizes_is_not_read(folder: Path) -> None:
    with (folder / TOKENIZER).open("ab") as stream:
        stream.truncate(2**40)  # takes no place on disk
    with pytest.raises(ModelError, match=r"tokenizer\.json: expected at most 33,554,432 bytes"):
        TransformerRuntime(folder, RECORD, 1)


def test_more_positions_than_the_graph_has_are_refused(folder: Path) -> None:
    record = replace(RECORD, frame=replace(FRAME, positions=41))
    with pytest.raises(ModelError, match="expected 41 positions, found 40"):
        TransformerRuntime(folder, record, 1)


def test_states_that_are_no_numbers_are_refused(folder: Path) -> None:
    model = onnx.load_from_string(graph_of())
    set_constant(model.graph, "norm.weight", np.full(8, np.nan))
    (folder / TRANSFORMER).write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"transformer\.onnx: gives numbers that are beyond all"):
        TransformerRuntime(folder, RECORD, 1).context([["the"]])

"""Graphs of strangers: what our export writes passes, what could do harm reaches no runtime.

Each graph that is refused is one of ours with one thing changed.
"""

import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tagger.errors import ModelError
from tagger.inference import sessions
from tagger.inference.graph_check import check_graph
from tagger.inference.sessions import Session

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "models").rglob("*.onnx"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_graphs_pass(path: Path) -> None:
    check_graph(path.read_bytes(), path.name)


def test_what_is_checked_is_all_that_onnx_runtime_sees(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise AssertionError("the runtime saw an unchecked graph")

    monkeypatch.setattr(sessions.ort, "InferenceSession", unreachable)
    graph = (tiny_model / "sentence.onnx").read_bytes()
    with pytest.raises(ModelError, match="MatMulX"):
        Session(graph.replace(b"MatMulIntegerToFloat", b"MatMulXntegerToFloat"), "g", 1)


def node(graph: onnx.GraphProto, operator: str) -> onnx.NodeProto:
    return next(n for n in graph.node if n.op_type == operator)


def constant(graph: onnx.GraphProto, name: str) -> onnx.TensorProto:
    return next(c for c in graph.initializer if c.name == name)


def set_constant(graph: onnx.GraphProto, name: str, value: object) -> None:
    old = constant(graph, name)
    array = np.asarray(value, numpy_helper.to_array(old).dtype)
    old.CopyFrom(numpy_helper.from_array(array, name))


def add(model: onnx.ModelProto, *nodes: onnx.NodeProto) -> None:
    model.graph.node.extend(nodes)


def external(model: onnx.ModelProto) -> None:
    bias = constant(model.graph, "heads.bias")
    bias.ClearField("raw_data")
    bias.data_location = TensorProto.EXTERNAL
    bias.external_data.add(key="location", value="../../../../etc/passwd")


def body_of(model: onnx.ModelProto) -> onnx.GraphProto:
    return node(model.graph, "Scan").attribute[0].g


def doubling(model: onnx.ModelProto) -> None:
    for i in range(60):
        before = f"double.{i - 1}" if i else "layer.0.forward.states"
        add(model, helper.make_node("Concat", [before, before], [f"double.{i}"], axis=0))


def within_scan(model: onnx.ModelProto) -> None:
    body = body_of(model)
    body.node.append(node(model.graph, "Scan"))


def growing_shape(model: onnx.ModelProto) -> None:
    """A size that is 0 in long batches and enormous in short ones."""
    model.graph.initializer.append(numpy_helper.from_array(np.array([-(10**9)]), "many"))
    add(
        model,
        helper.make_node("Shape", ["lengths"], ["size"]),
        helper.make_node("Mul", ["size", "many"], ["shape"]),
        helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
    )


def outer_product(model: onnx.ModelProto) -> None:
    """Tokens times tokens."""
    both = numpy_helper.from_array(np.array([-1, 1]), "column")
    model.graph.initializer.append(both)
    model.graph.initializer.append(numpy_helper.from_array(np.array([1, -1]), "line"))
    add(
        model,
        helper.make_node("Reshape", ["rows", "column"], ["standing"]),
        helper.make_node("Reshape", ["rows", "line"], ["lying"]),
        helper.make_node("Mul", ["standing", "lying"], ["square"]),
        *(helper.make_node("Relu", ["square"], [f"square.{i}"]) for i in range(3)),
        helper.make_node("Sum", [f"square.{i}" for i in range(3)], ["sum"]),
    )


HUGE = np.array([2**40], np.int64)
SENTENCE: dict[str, tuple[Callable[[onnx.ModelProto], object], str]] = {
    "a custom operator": (
        lambda m: add(m, helper.make_node("Evil", ["rows"], ["x"], domain="evil")),
        "evil 'Evil' is not allowed",
    ),
    "an operator of another kind": (
        lambda m: add(m, helper.make_node("Range", ["rows"] * 3, ["x"])),
        "ONNX 'Range' is not allowed",
    ),
    "a domain more": (
        lambda m: m.opset_import.append(helper.make_opsetid("evil", 1)),
        "expected version 9 of ONNX with the operators",
    ),
    "another opset": (lambda m: setattr(m.opset_import[0], "version", 21), "expected version 9"),
    "another version": (lambda m: setattr(m, "ir_version", 10), "expected version 9"),
    "functions": (lambda m: m.functions.add(name="f"), "field 25 is not one that tagger writes"),
    "metadata": (lambda m: m.metadata_props.add(key="a"), "field 14 is not"),
    "training": (lambda m: m.training_info.add(), "field 20 is not"),
    "external data": (external, "field 13 is not one"),
    "a sparse constant": (lambda m: m.graph.sparse_initializer.add(), "field 15 is not one"),
    "a constant of fewer bytes": (
        lambda m: constant(m.graph, "heads.bias").dims.__setitem__(0, 2**40),
        "constant 'heads.bias': expected ",
    ),
    "a constant of dimensions below 0": (
        lambda m: constant(m.graph, "heads.bias").dims.__setitem__(0, -1),
        "constant 'heads.bias' has the shape (-1,)",
    ),
    "a constant of text": (
        lambda m: m.graph.initializer.append(
            helper.make_tensor("t", TensorProto.STRING, [], [b""])
        ),
        "field 6 is not one",
    ),
    "a constant twice": (
        lambda m: m.graph.initializer.append(constant(m.graph, "two")),
        "the name 'two' is given twice, or none",
    ),
    "a name that stands for nothing": (
        lambda m: node(m.graph, "Mul").input.__setitem__(0, "nothing"),
        "the name 'nothing' stands for nothing",
    ),
    "an output that nothing gives": (
        lambda m: setattr(m.graph.output[0], "name", "nothing"),
        "the name 'nothing' stands for nothing",
    ),
    "nodes out of order": (
        lambda m: m.graph.node.reverse(),
        "stands for nothing",
    ),
    "an attribute more": (
        lambda m: node(m.graph, "Mul").attribute.append(helper.make_attribute("x", 1)),
        "Mul with the attributes ['x']",
    ),
    "an input more": (lambda m: node(m.graph, "Mul").input.append("two"), "Mul with 3 inputs"),
    "an output more": (lambda m: node(m.graph, "Mul").output.append("x"), "Mul with 2 outputs"),
    "an attribute of another kind": (
        lambda m: setattr(node(m.graph, "Scan").attribute[1], "type", 3),
        "attribute num_scan_inputs is of another kind than it says",
    ),
    "a graph's input of another name": (
        lambda m: setattr(m.graph.input[0], "name", "evil"),
        "input 'evil' is not one that a tagger gives",
    ),
    "a table without width": (
        lambda m: m.graph.input[0].type.tensor_type.shape.dim[1].ClearField("dim_value"),
        "input 'table' has no width",
    ),
    "a loop within a loop": (within_scan, "a body within a body"),
    "a state that changes its shape": (
        lambda m: setattr(body_of(m).output[2], "name", "forward.product"),
        "a Scan whose states change their shape",
    ),
    "an output of another shape": (
        lambda m: setattr(m.graph.output[0], "name", "layer.0.no_cell"),
        "output 'layer.0.no_cell' has the shape (2, 8)",
    ),
    "a shape of a terabyte": (
        lambda m: (
            set_constant(m.graph, "layer.0.size", HUGE),
            set_constant(m.graph, "two", 2),
        ),
        "ConstantOfShape would make ",
    ),
    "doubled sixty times": (doubling, "Concat would make "),
    "a size that grows where the batch shrinks": (
        growing_shape,
        "a ConstantOfShape of unknown shape",
    ),
    "tokens by tokens": (outer_product, "Relu would make "),
    "an axis that is not there": (
        lambda m: setattr(node(m.graph, "Concat").attribute[0], "i", 7),
        "Concat: expected an axis of ",
    ),
    "scales that do not fit": (
        lambda m: set_constant(m.graph, "layer.0.forward.R.scale", np.ones(3)),
        "scales do not fit",
    ),
    "parts of other sizes": (
        lambda m: set_constant(m.graph, "sizes", [2**62, 2**62]),
        "a Split of other sizes",
    ),
    "too many nodes": (
        lambda m: add(m, *(helper.make_node("Not", ["rows"], [f"x{i}"]) for i in range(2001))),
        "more than 2,000 nodes",
    ),
}
LEXICAL: dict[str, tuple[Callable[[onnx.ModelProto], object], str]] = {
    "a Pad of a terabyte": (
        lambda m: set_constant(m.graph, "pads.0", [0, 2**38, 0, 0]),
        "Pad would make ",
    ),
    "a Pad below 0": (
        lambda m: set_constant(m.graph, "pads.0", [0, -1, 0, 0]),
        "a Pad of another rank",
    ),
    "a Slice from below 0": (
        lambda m: set_constant(m.graph, "begin.0.0", [-5]),
        "a Slice of unknown bounds",
    ),
    "a Reshape to another size": (
        lambda m: set_constant(m.graph, "inputs.shape", [-1, 2, 7]),
        "Reshape: a Reshape of ",
    ),
    "another number of directions": (
        lambda m: set_constant(m.graph, "inputs.shape", [-1, 4, 16]),
        "output 'inputs' has the shape ",
    ),
    "a product that does not fit": (
        lambda m: set_constant(m.graph, "inputs.half_weight", np.zeros((5, 64))),
        "MatMul: a product of ",
    ),
}


def refuse(path: Path, change: Callable[[onnx.ModelProto], object], problem: str) -> None:
    model = onnx.load_from_string(path.read_bytes())
    check_graph(model.SerializeToString(), "g")
    change(model)
    data = model.SerializeToString()
    tracemalloc.start()
    with pytest.raises(ModelError, match=rf"^g: not a usable ONNX graph: .*{re.escape(problem)}"):
        check_graph(data, "g")
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("what", SENTENCE)
def test_a_sentence_graph_with_one_thing_changed_is_refused(tiny_model: Path, what: str) -> None:
    refuse(tiny_model / "sentence.onnx", *SENTENCE[what])


@pytest.mark.parametrize("what", LEXICAL)
def test_a_lexical_graph_with_one_thing_changed_is_refused(tiny_model: Path, what: str) -> None:
    refuse(tiny_model / "lexical.onnx", *LEXICAL[what])


def test_work_beyond_each_weight_on_each_token_is_refused(tiny_model: Path) -> None:
    def squares(model: onnx.ModelProto) -> None:
        weights = np.zeros((64, 64), np.float32)
        model.graph.initializer.append(numpy_helper.from_array(weights, "w0"))
        for i in range(500):
            add(model, helper.make_node("MatMul", [f"w{i}", "w0"], [f"w{i + 1}"]))
        start = "layer.0.forward.states"
        model.graph.initializer.append(numpy_helper.from_array(np.zeros((8, 64), np.float32), "v"))
        add(model, helper.make_node("Cast", [start], ["x"], to=TensorProto.FLOAT))
        add(model, helper.make_node("MatMul", ["x", "v"], ["y0"]))
        for i in range(500):
            add(model, helper.make_node("MatMul", [f"y{i}", "w0"], [f"y{i + 1}"]))

    refuse(tiny_model / "sentence.onnx", squares, "more work than each of its weights")

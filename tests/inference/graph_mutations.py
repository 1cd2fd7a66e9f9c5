"""ONNX graphs spoilt at random: nodes, names, attributes, constants, shapes, versions."""

from collections.abc import Callable
from random import Random

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from onnx.checker import ValidationError

from tests.corpus import mutations

INTEGERS = (0, 1, 2, 3, 4, 7, -1, -2, 64, 1_000, 2**20, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63))
OPERATORS = (
    *"Add Mul Sum Max Relu Not Identity Cast Gather Slice Pad Shape ReduceMax Concat".split(),
    *"MatMul Reshape Transpose ReverseSequence ConstantOfShape Expand Split QuantizeLinear".split(),
    *"LSTM Scan Sigmoid Tanh Equal Unsqueeze ReduceSum Range Tile Loop If Evil Div".split(),
    *"MatMulIntegerToFloat Abs LayerNormalization MultiHeadAttention BiasGelu FastGelu".split(),
)


def _nodes(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """All nodes, those of bodies too."""
    bodies = [a.g for n in model.graph.node for a in n.attribute if a.HasField("g")]
    return [node for graph in (model.graph, *bodies) for node in graph.node]


def _graph(random: Random, model: onnx.ModelProto) -> onnx.GraphProto:
    bodies = [a.g for n in model.graph.node for a in n.attribute if a.HasField("g")]
    return random.choice([model.graph, model.graph, *bodies])


def _names(model: onnx.ModelProto) -> list[str]:
    names = [name for node in _nodes(model) for name in (*node.input, *node.output)]
    return [*dict.fromkeys(names), "", "nothing"]


def another_node(random: Random, model: onnx.ModelProto) -> None:
    """A node goes, comes twice, changes places, or does something else."""
    nodes = _graph(random, model).node
    i, j = random.randrange(len(nodes)), random.randrange(len(nodes))
    match random.randrange(4):
        case 0:
            del nodes[i]
        case 1:
            nodes.append(nodes[i])
            if random.random() < 0.8:
                for k, name in enumerate(nodes[-1].output):
                    nodes[-1].output[k] = f"{name}.again"
        case 2:
            copy = onnx.NodeProto()
            copy.CopyFrom(nodes[i])
            nodes[i].CopyFrom(nodes[j])
            nodes[j].CopyFrom(copy)
        case _:
            nodes[i].op_type = random.choice(OPERATORS)
            nodes[i].domain = random.choice(("", "", "com.microsoft", "evil"))


def another_name(random: Random, model: onnx.ModelProto) -> None:
    """A node takes or gives something else, more, or less."""
    node = random.choice(_nodes(model))
    names = random.choice((node.input, node.input, node.output))
    match random.randrange(4):
        case 0 if names:
            del names[random.randrange(len(names))]
        case 1:
            names.append(random.choice(_names(model)))
        case _ if names:
            names[random.randrange(len(names))] = random.choice(_names(model))


def another_attribute(random: Random, model: onnx.ModelProto) -> None:
    """An attribute of another value, or none, or one more."""
    nodes = _nodes(model)
    node = random.choice([n for n in nodes if n.attribute] or nodes)
    if not node.attribute or random.random() < 0.1:
        node.attribute.append(onnx.helper.make_attribute("axis", random.choice(INTEGERS)))
        return
    attribute = random.choice(node.attribute)
    if random.random() < 0.1:
        node.attribute.remove(attribute)
    elif attribute.HasField("i"):
        attribute.i = random.choice((attribute.i + 1, attribute.i - 1, *INTEGERS))
    elif attribute.HasField("f"):
        attribute.f = random.choice((0.0, -1.0, 1e-30, 1e30, float("inf"), float("nan")))
    elif attribute.ints:
        attribute.ints[random.randrange(len(attribute.ints))] = random.choice(INTEGERS)
    else:
        attribute.type = random.randrange(12)


def another_constant(random: Random, model: onnx.ModelProto) -> None:
    """A constant of other numbers, another type or shape, or one that is elsewhere."""
    constant = random.choice(model.graph.initializer)
    match random.randrange(7):
        case 0 if constant.dims:
            at = random.randrange(len(constant.dims))
            constant.dims[at] = random.choice((*INTEGERS, constant.dims[at] + 1))
        case 1:
            constant.data_type = random.randrange(24)
        case 2:
            constant.raw_data = mutations.truncate(random, constant.raw_data)
        case 3:
            constant.data_location = onnx.TensorProto.EXTERNAL
            constant.external_data.add(key="location", value="/etc/passwd")
        case 4:
            constant.dims.append(1)
        case _:
            _other_numbers(random, model)


def _other_numbers(random: Random, model: onnx.ModelProto) -> None:
    """Numbers that become shapes, or an array of another size altogether."""
    of_shapes = [c for c in model.graph.initializer if c.data_type == onnx.TensorProto.INT64]
    constant = random.choice(of_shapes if random.random() < 0.7 else model.graph.initializer)
    array = numpy_helper.to_array(constant).copy()
    if array.dtype == np.int64:
        flat = array.reshape(-1)
        at = random.randrange(len(flat))
        flat[at] = random.choice((*INTEGERS, int(flat[at]) + 1, int(flat[at]) - 1))
    elif random.random() < 0.5:
        array = np.resize(array, [n + random.choice((0, 1, -1, 3)) for n in array.shape])
    else:
        array = array.T
    constant.CopyFrom(numpy_helper.from_array(array, constant.name))


def another_end(random: Random, model: onnx.ModelProto) -> None:
    """An input or output of another name, type or shape; another version; something more."""
    graph = _graph(random, model)
    value = random.choice([*graph.input, *graph.output])
    tensor = value.type.tensor_type
    match random.randrange(6):
        case 0:
            value.name = random.choice(_names(model))
        case 1:
            tensor.elem_type = random.randrange(20)
        case 2 if tensor.shape.dim:
            random.choice(tensor.shape.dim).dim_value = random.choice(INTEGERS)
        case 3:
            tensor.shape.dim.add(dim_value=random.choice(INTEGERS))
        case 4:
            model.opset_import[0].version = random.randrange(30)
        case _:
            ends = random.choice((graph.input, graph.output))
            if random.random() < 0.5:
                ends.remove(ends[random.randrange(len(ends))])
            else:
                ends.append(value)


MUTATIONS: tuple[Callable[[Random, onnx.ModelProto], None], ...] = (
    *(another_node, another_node, another_name, another_name, another_attribute),
    *(another_constant,) * 4,
    another_end,
)


def spoilt_graph(random: Random, data: bytes) -> bytes:
    """A graph with one or two things changed; other bytes where it is none any more."""
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
        for _ in range(random.choice((1, 1, 1, 2))):
            random.choice(MUTATIONS)(random, model)
        return bytes(model.SerializeToString())
    except (DecodeError, ValidationError, ValueError, IndexError, TypeError, OverflowError):
        return mutations.flip(random, data)

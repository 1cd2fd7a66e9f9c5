"""ONNX files read without onnx: nodes, constants, inputs and outputs, and nothing else.

The messages and fields that our export writes are the schema
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Others are refused: functions, external
and sparse tensors, training graphs, metadata. A body may stand in a node of the graph, and none in
a node of a body.
"""

from typing import NamedTuple

from tagger.inference.protobuf import Field, WireError, read_message

IR_VERSION = 9
OPSETS = {"": 17, "com.microsoft": 1}
FLOAT, UINT8, INT8, INT32, INT64, BOOL, FLOAT16 = 1, 2, 3, 6, 7, 9, 10
SIZES = {FLOAT: 4, UINT8: 1, INT8: 1, INT32: 4, INT64: 8, BOOL: 1, FLOAT16: 2}  # bytes

MODEL = {
    1: Field("ir_version", "int"),
    7: Field("graph", "bytes"),
    8: Field("opsets", "many bytes"),
}
OPSET = {1: Field("domain", "text"), 2: Field("version", "int")}
GRAPH = {
    1: Field("nodes", "many bytes"),
    2: Field("name", "text"),
    5: Field("constants", "many bytes"),
    11: Field("inputs", "many bytes"),
    12: Field("outputs", "many bytes"),
}
NODE = {
    1: Field("inputs", "many texts"),
    2: Field("outputs", "many texts"),
    4: Field("operator", "text"),
    5: Field("attributes", "many bytes"),
    7: Field("domain", "text"),
}
ATTRIBUTE = {
    1: Field("name", "text"),
    2: Field("float", "float"),
    3: Field("int", "int"),
    4: Field("text", "text"),
    5: Field("tensor", "bytes"),
    6: Field("graph", "bytes"),
    8: Field("ints", "ints"),
    20: Field("type", "int"),
}
ATTRIBUTE_TYPES = {1: "float", 2: "int", 3: "text", 4: "tensor", 5: "graph", 7: "ints"}
TENSOR = {
    1: Field("shape", "ints"),
    2: Field("type", "int"),
    8: Field("name", "text"),
    9: Field("data", "bytes"),
}
NAMED_VALUE = {1: Field("name", "text"), 2: Field("type", "bytes")}
VALUE_TYPE = {1: Field("tensor", "bytes")}
TENSOR_TYPE = {1: Field("type", "int"), 2: Field("shape", "bytes")}
SHAPE = {1: Field("axes", "many bytes")}
AXIS = {1: Field("size", "int"), 2: Field("name", "text")}


class Constant(NamedTuple):
    """An array in the file; `data` are its bytes, as many as type and shape ask for."""

    name: str
    type: int
    shape: tuple[int, ...]
    data: memoryview


class Named(NamedTuple):
    """An input or output with its declared type and shape, None for axes that have no number."""

    name: str
    type: int
    shape: tuple[int | None, ...]


class Node(NamedTuple):
    """One step; attributes are numbers, tuples of numbers, texts, constants or a body."""

    operator: str
    domain: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, "Attribute"]


class Graph(NamedTuple):
    """A graph, or the body of a loop."""

    nodes: list[Node]
    constants: list[Constant]
    inputs: list[Named]
    outputs: list[Named]


Attribute = int | float | str | tuple[int, ...] | Constant | Graph


def read_onnx(data: bytes) -> Graph:
    """The graph of an ONNX file; raises WireError where there is anything that we do not write."""
    model = read_message(memoryview(data), MODEL)
    opsets = [read_message(opset, OPSET) for opset in model["opsets"]]
    versions = {opset["domain"]: opset["version"] for opset in opsets}
    if model["ir_version"] != IR_VERSION or versions != OPSETS or len(opsets) != len(OPSETS):
        raise WireError(
            f"expected version {IR_VERSION} of ONNX with the operators {OPSETS}, "
            f"found {model['ir_version']} with {versions}"
        )
    return _graph(model["graph"], may_have_body=True)


def _graph(data: memoryview, *, may_have_body: bool) -> Graph:
    found = read_message(data, GRAPH)
    return Graph(
        nodes=[_node(node, may_have_body=may_have_body) for node in found["nodes"]],
        constants=[_constant(tensor) for tensor in found["constants"]],
        inputs=[_named(value) for value in found["inputs"]],
        outputs=[_named(value) for value in found["outputs"]],
    )


def _node(data: memoryview, *, may_have_body: bool) -> Node:
    found = read_message(data, NODE)
    attributes: dict[str, Attribute] = {}
    for attribute in found["attributes"]:
        name, value = _attribute(attribute, may_have_body=may_have_body)
        if name in attributes:
            raise WireError(f"attribute {name} of {found['operator']} is there twice")
        attributes[name] = value
    return Node(found["operator"], found["domain"], found["inputs"], found["outputs"], attributes)


def _attribute(data: memoryview, *, may_have_body: bool) -> tuple[str, Attribute]:
    found = read_message(data, ATTRIBUTE)
    kind = ATTRIBUTE_TYPES.get(found["type"], "")
    others = [name for name in ATTRIBUTE_TYPES.values() if name != kind and found[name]]
    if not kind or others:
        raise WireError(f"attribute {found['name']} is of another kind than it says")
    if kind == "graph":
        if not may_have_body:
            raise WireError("a body within a body")
        return found["name"], _graph(found["graph"], may_have_body=False)
    if kind == "tensor":
        return found["name"], _constant(found["tensor"])
    value = found[kind]
    return found["name"], tuple(value) if kind == "ints" else value


def _constant(data: memoryview) -> Constant:
    """A tensor, its size checked against its bytes before anybody makes an array of it."""
    found = read_message(data, TENSOR)
    name, shape = found["name"], tuple(found["shape"])
    size = SIZES.get(found["type"])
    if size is None or found["type"] == BOOL:
        raise WireError(f"constant {name!r} is of type {found['type']}")
    if len(shape) > 4 or any(axis < 1 for axis in shape):
        raise WireError(f"constant {name!r} has the shape {shape}")
    for axis in shape:
        size *= axis
    if size != len(found["data"]):
        here = len(found["data"])
        raise WireError(f"constant {name!r}: expected {size:,} bytes for its shape, found {here:,}")
    return Constant(name, found["type"], shape, found["data"])


def _named(data: memoryview) -> Named:
    found = read_message(data, NAMED_VALUE)
    tensor = read_message(read_message(found["type"], VALUE_TYPE)["tensor"], TENSOR_TYPE)
    if tensor["type"] not in SIZES:
        raise WireError(f"{found['name']!r} is of type {tensor['type']}")
    axes = [read_message(axis, AXIS) for axis in read_message(tensor["shape"], SHAPE)["axes"]]
    if len(axes) > 4 or any(axis["size"] < 0 or (axis["size"] and axis["name"]) for axis in axes):
        raise WireError(f"{found['name']!r} has an impossible shape")
    return Named(
        found["name"],
        tensor["type"],
        tuple(axis["size"] if axis["size"] else None for axis in axes),
    )

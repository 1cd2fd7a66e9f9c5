"""Graphs of a stranger's model are gone through before ONNX Runtime sees them.

Only operators, fields and types that tagger's own export writes may be there, and with the largest
batch that is ever read no step may ask for memory far beyond the file's size, nor for more work
than each weight on each token. What is found out of order is one ModelError.
"""

import struct
from math import prod

from tagger.errors import ModelError
from tagger.inference.graph_kinds import Batch, batches_of, check_output, largest_input
from tagger.inference.graph_reader import INT64, Constant, Graph, Node, read_onnx
from tagger.inference.graph_tensors import GraphError, Outcome, Tensor, expect
from tagger.inference.operators import OPERATORS
from tagger.inference.protobuf import WireError

MOST_NODES = 2_000
MOST_GRAPH = 2**31 - 1  # bytes; protobuf has no longer messages
MOST_MEMORY = 2**30  # bytes beside FOLD times the graph's own
FOLD = 16
MOST_NUMBERS = 64  # of a constant that may become a shape: tags of a Split, say


def check_graph(data: bytes, name: str) -> None:
    """Raises ModelError that names the graph where it could do harm."""
    try:
        expect(len(data) <= MOST_GRAPH, f"expected at most {MOST_GRAPH:,} bytes")
        graph = read_onnx(data)
        for batch in batches_of(graph):
            _check(graph, batch, len(data))
    except (WireError, GraphError) as error:
        raise ModelError(f"{name}: not a usable ONNX graph: {error}") from None


def _check(graph: Graph, batch: Batch, size: int) -> None:
    """One largest batch through a graph of that many bytes."""
    walk = Walk(MOST_MEMORY + FOLD * size)
    for constant in graph.constants:
        walk.define(constant.name, tensor_of(constant))
    for value in graph.inputs:
        walk.define(value.name, largest_input(value, batch.sizes))
    walk.through(graph.nodes, [value.name for value in graph.outputs])
    is_bounded = walk.products <= batch.uses * size
    expect(is_bounded, "more work than each of its weights on each token")
    for value in graph.outputs:
        check_output(value.name, walk.look_up(value.name), batch, graph)


def tensor_of(constant: Constant) -> Tensor:
    """A constant, with its numbers where they may become a shape."""
    count = prod(constant.shape)
    value = None
    if constant.type == INT64 and len(constant.shape) <= 1 and count <= MOST_NUMBERS:
        value = struct.unpack(f"<{count}q", constant.data)
    return Tensor(constant.type, constant.shape, value, is_constant=True)


class Walk:
    """Goes through nodes in order, and keeps count of the bytes that are held at once."""

    def __init__(self, most_memory: int, outer: "Walk | None" = None) -> None:
        self._most = most_memory
        self._outer = outer
        self._tensors: dict[str, Tensor] = {}
        self.products = 0

    def define(self, name: str, tensor: Tensor) -> None:
        """Names a tensor; no name may be given twice."""
        is_new = name != "" and not self._is_known(name)
        expect(is_new, f"the name {name!r} is given twice, or none")
        self._tensors[name] = tensor

    def _is_known(self, name: str) -> bool:
        return name in self._tensors or (self._outer is not None and self._outer._is_known(name))

    def look_up(self, name: str) -> Tensor:
        """The tensor of a name, in a body also one of the graph outside."""
        if name in self._tensors:
            return self._tensors[name]
        expect(self._outer is not None, f"the name {name!r} stands for nothing")
        assert self._outer is not None
        return self._outer.look_up(name)

    def through(self, nodes: list[Node], outputs: list[str]) -> int:
        """Defines what the nodes give; the most bytes that are held at once."""
        expect(len(nodes) <= MOST_NODES, f"more than {MOST_NODES:,} nodes")
        last = {name: i for i, node in enumerate(nodes) for name in names_read(node)}
        last |= dict.fromkeys(outputs, len(nodes))
        held: dict[str, int] = {}
        now = most = 0
        for i, node in enumerate(nodes):
            outcome, within = self._step(node)
            for name, tensor in zip(node.outputs, outcome.outputs, strict=True):
                within += 0 if name else tensor.size
                if name:
                    self.define(name, tensor)
                    held[name] = tensor.size
                    now += tensor.size
            most = max(most, now + within)
            expect(most <= self._most, f"{node.operator} would make {most:,} bytes")
            for name in (*names_read(node), *node.outputs):
                if last.get(name, -1) <= i:
                    now -= held.pop(name, 0)
        return most

    def _step(self, node: Node) -> tuple[Outcome, int]:
        """What a node gives, and how many bytes it holds besides."""
        inputs = [self.look_up(name) for name in node.inputs]
        if (node.domain, node.operator) == ("", "Scan"):
            return self._loop(node, inputs)
        operator = OPERATORS.get((node.domain, node.operator))
        expect(operator is not None, f"{node.domain or 'ONNX'} {node.operator!r} is not allowed")
        assert operator is not None
        for what, found, (least, most) in (
            ("inputs", len(inputs), operator.inputs),
            ("outputs", len(node.outputs), operator.outputs),
        ):
            expect(least <= found <= most, f"{node.operator} with {found} {what}")
        others = node.attributes.keys() - operator.attributes
        expect(not others, f"{node.operator} with the attributes {sorted(others)}")
        try:
            outcome = operator.rule(node, inputs)
        except GraphError as error:
            raise GraphError(f"{node.operator}: {error}") from None
        self.products += outcome.products
        return outcome, outcome.memory

    def _loop(self, node: Node, inputs: list[Tensor]) -> tuple[Outcome, int]:
        """A Scan: states go from step to step, the other inputs and outputs have a step each."""
        body, num_scanned = node.attributes.get("body"), node.attributes.get("num_scan_inputs")
        expect(node.attributes.keys() == {"body", "num_scan_inputs"}, "a Scan of another kind")
        expect(isinstance(body, Graph) and isinstance(num_scanned, int), "a Scan without a body")
        assert isinstance(body, Graph)
        assert isinstance(num_scanned, int)
        num_states = len(inputs) - num_scanned
        scanned = inputs[num_states:] if 0 < num_scanned <= len(inputs) else []
        steps = {tensor.shape[0] for tensor in scanned if tensor.shape}
        fits = len(steps) == 1 and len(body.inputs) == len(inputs) and not body.constants
        expect(fits and all(tensor.shape for tensor in scanned), "a Scan of other inputs")
        given = inputs[:num_states] + [t._replace(shape=t.shape[1:], value=None) for t in scanned]
        walk = Walk(self._most, self)
        for value, tensor in zip(body.inputs, given, strict=True):
            walk.define(value.name, Tensor(tensor.type, tensor.shape))
        names = [value.name for value in body.outputs]
        most = walk.through(body.nodes, names)
        found = [walk.look_up(name)._replace(value=None, is_constant=False) for name in names]
        states = [Tensor(tensor.type, tensor.shape) for tensor in given[:num_states]]
        fits = found[:num_states] == states and len(found) == len(node.outputs)
        expect(fits, "a Scan whose states change their shape")
        (length,) = steps
        self.products += length * walk.products
        rows = [t._replace(shape=(length, *t.shape)) for t in found[num_states:]]
        return Outcome([*states, *rows]), most


def names_read(node: Node) -> list[str]:
    """All names that a node takes, those that its body takes from outside too."""
    body = node.attributes.get("body")
    if not isinstance(body, Graph):
        return node.inputs
    return node.inputs + [name for inner in body.nodes for name in inner.inputs]

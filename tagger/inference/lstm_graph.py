"""An LSTM layer as a loop of the sentence graph: both directions step together."""

from collections.abc import Sequence
from itertools import chain

import msgspec
import numpy as np
import onnx
from onnx import TensorProto, helper

from tagger.inference.graph import GraphBuilder, Multiplier
from tagger.inference.layers import DIRECTIONS, Floats, LSTMLayer

Kind = tuple[int, list[str | int]]  # type and shape


class Given(msgspec.Struct, frozen=True):
    """What a layer's gates get at each step, named per direction.

    `rows` of the table (of these `columns`, if not all), or what was `projected` from below, or
    both. `begins` are the hidden state and the cell of each direction before the first step,
    (2, 2, hidden_size); None: zeros.
    """

    rows: list[str]
    columns: tuple[int, int] | None = None
    begins: Floats | None = None
    projected: list[str] = []

    @property
    def steps(self) -> list[str]:
        """All of them."""
        return self.rows + self.projected


def rows_by_step(graph: GraphBuilder, rows: str, direction: str) -> str:
    """Which row of the table a direction reads at each step, (length, batch); forward comes first.

    Of what is numbered by `rows` the table has two rows each, forward and backward.
    """
    if direction == "forward":
        two = graph.constant("two", 2, np.int64)
        return graph.add("Mul", [rows, two], "forward.rows")
    one = graph.constant("one", 1, np.int64)
    following = graph.add("Add", ["forward.rows", one], "following_rows")
    return reversed_steps(graph, following, "backward.rows")


def reversed_steps(graph: GraphBuilder, steps: str, output: str) -> str:
    """(length, batch, …) with each sentence's steps in the opposite order."""
    return graph.add("ReverseSequence", [steps, "lengths"], output, time_axis=0, batch_axis=1)


def read_layer(
    graph: GraphBuilder, multiplier: Multiplier, layer: LSTMLayer, given: Given, name: str
) -> list[str]:
    """The hidden states of both directions, (length, batch, hidden_size) in the order they read."""
    body = _body(graph, multiplier, layer, given, name)
    batch = graph.add("Shape", ["lengths"], f"{name}.batch")
    size = graph.constant(f"{name}.size", [layer.hidden_size], np.int64)
    shape = graph.add("Concat", [batch, size], f"{name}.shape", axis=0)
    if given.begins is None:
        no_state = multiplier.no_state(shape, f"{name}.no_state")
        no_cell = graph.add("ConstantOfShape", [shape], f"{name}.no_cell")
        before = [no_state, no_state, no_cell, no_cell]
    else:
        before = _beginning(graph, multiplier, given.begins, shape, name)
    states = [f"{name}.{direction}.states" for direction in DIRECTIONS]
    last = [f"{name}.{direction}.last_{part}" for part in "hc" for direction in DIRECTIONS]
    graph.add_many(
        "Scan",
        [*before, *given.steps],
        [*last, *states],
        body=body,
        num_scan_inputs=len(given.steps),
    )
    return states


def _beginning(
    graph: GraphBuilder, multiplier: Multiplier, begins: Floats, shape: str, name: str
) -> list[str]:
    """The states and cells with which both directions begin, the same for each sentence."""
    states, cells = [], []
    for direction, (hidden, cell) in zip(DIRECTIONS, begins, strict=True):
        at = f"{name}.{direction}"
        state = multiplier.state(graph.constant(f"{at}.begin_h", hidden[None]), f"{at}.one_h")
        states.append(graph.add("Expand", [state, shape], f"{at}.h0"))
        one = graph.constant(f"{at}.begin_c", cell[None])
        cells.append(graph.add("Expand", [one, shape], f"{at}.c0"))
    return [*states, *cells]


def _body(
    graph: GraphBuilder, multiplier: Multiplier, layer: LSTMLayer, given: Given, name: str
) -> onnx.GraphProto:
    """One step of both directions, as the body of a loop over the steps."""
    outer, graph.nodes = graph.nodes, []
    size = layer.hidden_size
    graph.constant(f"{name}.sizes", [size] * 4, np.int64)
    if given.columns is not None:
        for part, column in zip(("first", "end"), given.columns, strict=True):
            graph.constant(f"{name}.{part}_column", [column], np.int64)
    for direction in DIRECTIONS:
        _step(graph, multiplier, layer, direction, given, name)
    hidden: Kind = (multiplier.state_type, ["batch", size])
    cell: Kind = (TensorProto.FLOAT, ["batch", size])
    row: Kind = (TensorProto.INT64, ["batch"])
    projected: Kind = (TensorProto.FLOAT, ["batch", 4 * size])

    def both(part: str, kind: Kind) -> list[onnx.ValueInfoProto]:
        return [helper.make_tensor_value_info(f"{d}.{part}", *kind) for d in DIRECTIONS]

    scanned = [both("step", row if given.rows else projected)]
    if given.rows and given.projected:
        scanned.append(both("context", projected))
    body = graph.inner(
        [*both("h", hidden), *both("c", cell), *chain.from_iterable(scanned)],
        [*both("new_h", hidden), *both("new_c", cell), *both("state", hidden)],
        f"{name}.step",
    )
    graph.nodes = outer
    return body


def _step(
    graph: GraphBuilder,
    multiplier: Multiplier,
    layer: LSTMLayer,
    direction: str,
    given: Given,
    name: str,
) -> None:
    """One step of one direction: c' = f*c + i*g, h' = o*tanh(c')."""
    multiplier.matrix(f"{name}.{direction}.R", layer.of(direction).states)

    def add(operator: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        return graph.add(operator, inputs, f"{direction}.{output}", **attributes)

    from_below = f"{direction}.step"
    if given.rows:
        row = add("Gather", ["table", from_below], "row")
        if given.columns is not None:
            ends = [f"{name}.first_column", f"{name}.end_column"]
            row = add("Slice", [row, *ends, "column_axis"], "part")
        is_half = multiplier.state_type == TensorProto.UINT8
        from_below = add("Cast", [row], "input", to=TensorProto.FLOAT) if is_half else row
        if given.projected:
            from_below = add("Add", [from_below, f"{direction}.context"], "both")
    product = multiplier.product(f"{direction}.h", f"{name}.{direction}.R", f"{direction}.product")
    total = add("Add", [product, from_below], "total")
    gates = [f"{direction}.{gate}" for gate in "ifog"]
    graph.add_many("Split", [total, f"{name}.sizes"], gates, axis=1)
    i, f, o = (add("Sigmoid", [gate], f"open_{gate[-1]}") for gate in gates[:3])
    g = add("Tanh", [gates[3]], "candidate")
    kept = add("Mul", [f, f"{direction}.c"], "kept")
    c = add("Add", [kept, add("Mul", [i, g], "written")], "new_c")
    hidden = add("Mul", [o, add("Tanh", [c], "shown")], "hidden")
    state = multiplier.state(hidden, f"{direction}.new_h")
    add("Identity", [state], "state")

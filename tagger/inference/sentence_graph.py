"""Weights to the sentence graph: rows of forms in context, through the LSTM, to emissions.

The first layer's product of inputs and weights depends on the form alone, so the lexical graph has
computed it already; what is left of an LSTM step is the product with the hidden state and the
gates. Both directions step together, the backward one over sentences reversed each in itself.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper

from tagger.inference.folder import Precision, emissions_of
from tagger.inference.graph import GraphBuilder, Multiplier
from tagger.inference.layers import DIRECTIONS, LSTMLayer, Weights, layers_of

Kind = tuple[int, list[str | int]]  # type and shape
TABLE_TYPES = {"int8": TensorProto.FLOAT16, "fp32": TensorProto.FLOAT}


def export_sentence(weights: Weights, tasks: Sequence[str], precision: Precision) -> bytes:
    """Graph: table (2 forms, 4 hidden_size), rows (length, batch), lengths (batch,) -> emissions.

    `rows` names forms; each has two rows in the table, forward and backward. Emissions, one output
    per task, have the shape (length, batch, num_tags); those beyond a sentence's length mean
    nothing.
    """
    graph = GraphBuilder()
    multiplier = Multiplier(graph, precision)
    layers = layers_of(weights)
    steps = [_forms_by_step(graph, direction) for direction in DIRECTIONS]
    states: list[str] = []
    for i, layer in enumerate(layers):
        if i > 0:
            steps = _project(graph, multiplier, layer, states, f"layer.{i}")
        states = _read(graph, multiplier, layer, steps, f"layer.{i}", of_forms=i == 0)
    num_tags = _emit(graph, multiplier, weights, states, tasks)
    size = 4 * layers[0].hidden_size
    return graph.model(
        [
            helper.make_tensor_value_info("table", TABLE_TYPES[precision], ["rows", size]),
            helper.make_tensor_value_info("rows", TensorProto.INT64, ["length", "batch"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["length", "batch", number])
            for name, number in num_tags.items()
        ],
    )


def _forms_by_step(graph: GraphBuilder, direction: str) -> str:
    """Which row of the table each direction reads at each step, (length, batch)."""
    if direction == "forward":
        two = graph.constant("two", 2, np.int64)
        return graph.add("Mul", ["rows", two], "forward.rows")
    one = graph.constant("one", 1, np.int64)
    following = graph.add("Add", ["forward.rows", one], "following_rows")
    return _reversed(graph, following, "backward.rows")


def _reversed(graph: GraphBuilder, steps: str, output: str) -> str:
    """(length, batch, …) with each sentence's steps in the opposite order."""
    return graph.add("ReverseSequence", [steps, "lengths"], output, time_axis=0, batch_axis=1)


def _project(
    graph: GraphBuilder, multiplier: Multiplier, layer: LSTMLayer, states: list[str], name: str
) -> list[str]:
    """What the layer's gates get from the layer below, per direction (length, batch, 4 size)."""
    forward, backward = states
    in_order = _reversed(graph, backward, f"{name}.backward_in_order")
    below = graph.add("Concat", [forward, in_order], f"{name}.below", axis=2)
    steps = []
    for direction in DIRECTIONS:
        at = f"{name}.{direction}"
        weights = layer.of(direction)
        multiplier.matrix(f"{at}.W", weights.inputs)
        product = multiplier.product(below, f"{at}.W", f"{at}.product")
        bias = graph.constant(f"{at}.bias", weights.bias)
        steps.append(graph.add("Add", [product, bias], f"{at}.projected"))
    return [steps[0], _reversed(graph, steps[1], f"{name}.backward.steps")]


def _read(
    graph: GraphBuilder,
    multiplier: Multiplier,
    layer: LSTMLayer,
    steps: list[str],
    name: str,
    of_forms: bool,
) -> list[str]:
    """The hidden states of both directions, (length, batch, hidden_size) in the order they read."""
    body = _body(graph, multiplier, layer, name, of_forms)
    batch = graph.add("Shape", ["lengths"], f"{name}.batch")
    size = graph.constant(f"{name}.size", [layer.hidden_size], np.int64)
    shape = graph.add("Concat", [batch, size], f"{name}.shape", axis=0)
    no_state = multiplier.no_state(shape, f"{name}.no_state")
    no_cell = graph.add("ConstantOfShape", [shape], f"{name}.no_cell")
    states = [f"{name}.{direction}.states" for direction in DIRECTIONS]
    last = [f"{name}.{direction}.last_{part}" for part in "hc" for direction in DIRECTIONS]
    graph.add_many(
        "Scan",
        [no_state, no_state, no_cell, no_cell, *steps],
        [*last, *states],
        body=body,
        num_scan_inputs=len(DIRECTIONS),
    )
    return states


def _body(
    graph: GraphBuilder, multiplier: Multiplier, layer: LSTMLayer, name: str, of_forms: bool
) -> onnx.GraphProto:
    """One step of both directions, as the body of a loop over the steps."""
    outer, graph.nodes = graph.nodes, []
    graph.constant(f"{name}.sizes", [layer.hidden_size] * 4, np.int64)
    for direction in DIRECTIONS:
        _step(graph, multiplier, layer, direction, name, of_forms)
    size = layer.hidden_size
    hidden: Kind = (multiplier.state_type, ["batch", size])
    cell: Kind = (TensorProto.FLOAT, ["batch", size])
    of_form: Kind = (TensorProto.INT64, ["batch"])
    projected: Kind = (TensorProto.FLOAT, ["batch", 4 * size])
    given = of_form if of_forms else projected

    def both(part: str, kind: Kind) -> list[onnx.ValueInfoProto]:
        return [helper.make_tensor_value_info(f"{d}.{part}", *kind) for d in DIRECTIONS]

    body = graph.inner(
        [*both("h", hidden), *both("c", cell), *both("step", given)],
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
    name: str,
    of_forms: bool,
) -> None:
    """One step of one direction: c' = f*c + i*g, h' = o*tanh(c')."""
    multiplier.matrix(f"{name}.{direction}.R", layer.of(direction).states)

    def add(operator: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        return graph.add(operator, inputs, f"{direction}.{output}", **attributes)

    from_form = f"{direction}.step"
    if of_forms:
        row = add("Gather", ["table", from_form], "row")
        is_half = multiplier.state_type == TensorProto.UINT8
        from_form = add("Cast", [row], "input", to=TensorProto.FLOAT) if is_half else row
    product = multiplier.product(f"{direction}.h", f"{name}.{direction}.R", f"{direction}.product")
    total = add("Add", [product, from_form], "total")
    gates = [f"{direction}.{gate}" for gate in "ifog"]
    graph.add_many("Split", [total, f"{name}.sizes"], gates, axis=1)
    i, f, o = (add("Sigmoid", [gate], f"open_{gate[-1]}") for gate in gates[:3])
    g = add("Tanh", [gates[3]], "candidate")
    kept = add("Mul", [f, f"{direction}.c"], "kept")
    c = add("Add", [kept, add("Mul", [i, g], "written")], "new_c")
    hidden = add("Mul", [o, add("Tanh", [c], "shown")], "hidden")
    state = multiplier.state(hidden, f"{direction}.new_h")
    add("Identity", [state], "state")


def _emit(
    graph: GraphBuilder,
    multiplier: Multiplier,
    weights: Weights,
    states: list[str],
    tasks: Sequence[str],
) -> dict[str, int]:
    """Emissions of all heads from the last layer's states; gives their numbers of tags by name."""
    heads = [f"heads.{i}.linear" for i in range(len(tasks))]
    kernel = np.concatenate([weights[f"{head}.weight"] for head in heads]).T
    biases = [weights[f"{head}.bias"] for head in heads]
    products = []
    for direction, of_states, part in zip(DIRECTIONS, states, np.split(kernel, 2), strict=True):
        multiplier.matrix(f"heads.{direction}", part)
        products.append(multiplier.product(of_states, f"heads.{direction}", f"says.{direction}"))
    products[1] = _reversed(graph, products[1], "says.backward_in_order")
    both = graph.add("Add", products, "says.both")
    bias = graph.constant("heads.bias", np.concatenate(biases))
    total = graph.add("Add", [both, bias], "says")
    sizes = [len(bias) for bias in biases]
    names = [emissions_of(task) for task in tasks]
    graph.add_many("Split", [total, graph.constant("sizes", sizes, np.int64)], names, axis=2)
    return dict(zip(names, sizes, strict=True))

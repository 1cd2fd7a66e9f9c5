"""Weights to the sentence graph: rows of forms in context, through the LSTM, to emissions.

The first layer's product of inputs and weights depends on the form alone, so the lexical graph has
computed it already; what is left of an LSTM step is the product with the hidden state and the
gates. Both directions step together, the backward one over sentences reversed each in itself. A
language model over words is a layer below the first, which gets its projected states beside its own
rows; those of one over characters, and a transformer's, come from a graph of their own.
"""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper

from tagger.inference.encoding import LANGUAGE_MODEL
from tagger.inference.folder import Precision, emissions_of
from tagger.inference.graph import GraphBuilder, Multiplier
from tagger.inference.layers import (
    DIRECTIONS,
    LSTMLayer,
    Weights,
    context_size,
    has_language_model,
    language_layer,
    layers_of,
    part_of,
)
from tagger.inference.lstm_graph import Given, read_layer, reversed_steps, rows_by_step

BEGINS = f"{LANGUAGE_MODEL}begins"
TABLE_TYPES = {"int8": TensorProto.FLOAT16, "fp32": TensorProto.FLOAT}


def export_sentence(weights: Weights, tasks: Sequence[str], precision: Precision) -> bytes:
    """Graph: table (2 forms, 4 hidden_size), rows (length, batch), lengths (batch,) -> emissions.

    `rows` names forms; each has two rows in the table, forward and backward. Emissions, one output
    per task, have the shape (length, batch, num_tags); those beyond a sentence's length mean
    nothing. With a character model or a transformer `context` (length, batch, size), its projected
    states, is an input too.
    """
    graph = GraphBuilder()
    multiplier = Multiplier(graph, precision)
    layers = layers_of(weights)
    rows = [rows_by_step(graph, "rows", direction) for direction in DIRECTIONS]
    size = 4 * layers[0].hidden_size
    given = Given(rows)
    inputs: list[tuple[str, int, list[str | int]]] = []
    if has_language_model(weights):
        language_model = language_layer(part_of(weights, LANGUAGE_MODEL))
        width = 4 * language_model.hidden_size
        graph.constant("column_axis", [1], np.int64)
        begins = weights[BEGINS]
        states = read_layer(
            graph, multiplier, language_model, Given(rows, (0, width), begins), "lm"
        )
        below = _in_order(graph, states, "lm")
        state = squashed(graph, multiplier, weights, below, "squashed")
        context = _context(graph, multiplier, weights, layers[0], state)
        given = Given(rows, (width, width + size), projected=context)
        size += width
    elif context_size(weights):
        context = _context(graph, multiplier, weights, layers[0], "context")
        given = Given(rows, projected=context)
        inputs.append(("context", TensorProto.FLOAT, ["length", "batch", context_size(weights)]))
    states = read_layer(graph, multiplier, layers[0], given, "layer.0")
    for i, layer in enumerate(layers[1:], start=1):
        given = Given([], projected=_project(graph, multiplier, layer, states, f"layer.{i}"))
        states = read_layer(graph, multiplier, layer, given, f"layer.{i}")
    num_tags = _emit(graph, multiplier, weights, states, tasks)
    return graph.model(
        [
            helper.make_tensor_value_info("table", TABLE_TYPES[precision], ["rows", size]),
            helper.make_tensor_value_info("rows", TensorProto.INT64, ["length", "batch"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
            *(helper.make_tensor_value_info(*one) for one in inputs),
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["length", "batch", number])
            for name, number in num_tags.items()
        ],
    )


def _project(
    graph: GraphBuilder, multiplier: Multiplier, layer: LSTMLayer, states: list[str], name: str
) -> list[str]:
    """What the layer's gates get from the layer below, per direction (length, batch, 4 size)."""
    below = _in_order(graph, states, name)
    steps = []
    for direction in DIRECTIONS:
        at = f"{name}.{direction}"
        weights = layer.of(direction)
        multiplier.matrix(f"{at}.W", weights.inputs)
        product = multiplier.product(below, f"{at}.W", f"{at}.product")
        bias = graph.constant(f"{at}.bias", weights.bias)
        steps.append(graph.add("Add", [product, bias], f"{at}.projected"))
    return [steps[0], reversed_steps(graph, steps[1], f"{name}.backward.steps")]


def _in_order(graph: GraphBuilder, states: list[str], name: str) -> str:
    """States of both directions side by side, (length, batch, 2 hidden_size)."""
    forward, backward = states
    in_order = reversed_steps(graph, backward, f"{name}.backward_in_order")
    return graph.add("Concat", [forward, in_order], f"{name}.below", axis=2)


def squashed(
    graph: GraphBuilder, multiplier: Multiplier, weights: Weights, below: str, output: str
) -> str:
    """A language model's states, projected, between -1 and 1."""
    multiplier.matrix("projection", weights["projection.weight"].T)
    product = multiplier.product(below, "projection", "projection.product")
    bias = graph.constant("projection.bias", weights["projection.bias"])
    return graph.add("Tanh", [graph.add("Add", [product, bias], "projected")], output)


def _context(
    graph: GraphBuilder, multiplier: Multiplier, weights: Weights, first: LSTMLayer, below: str
) -> list[str]:
    """What the first layer's gates get from projected states, per direction.

    Shape of each: (length, batch, 4 hidden_size).
    """
    context = multiplier.state(below, "context.state")
    size = context_size(weights)
    steps = []
    for direction in DIRECTIONS:
        multiplier.matrix(f"context.{direction}", first.of(direction).inputs[-size:])
        name = f"context.{direction}.product"
        steps.append(multiplier.product(context, f"context.{direction}", name))
    return [steps[0], reversed_steps(graph, steps[1], "context.backward.steps")]


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
    products[1] = reversed_steps(graph, products[1], "says.backward_in_order")
    both = graph.add("Add", products, "says.both")
    bias = graph.constant("heads.bias", np.concatenate(biases))
    total = graph.add("Add", [both, bias], "says")
    sizes = [len(bias) for bias in biases]
    names = [emissions_of(task) for task in tasks]
    graph.add_many("Split", [total, graph.constant("sizes", sizes, np.int64)], names, axis=2)
    return dict(zip(names, sizes, strict=True))

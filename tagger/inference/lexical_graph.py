"""Weights to the lexical graph: forms to what the encoder's first layer takes from them.

A form's vector (word, pretrained vector, characters, affixes) and its product with the first
layer's input weights depend on nothing else, so each form is computed once, however often it
occurs. Weights come as numpy arrays by the names of `network.model.Network`; no torch here.
"""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper

from tagger.inference.folder import Precision
from tagger.inference.graph import GraphBuilder
from tagger.inference.layers import DIRECTIONS, Weights, layers_of, reordered
from tagger.vocabulary import Vocabulary

PRETRAINED = "words.pretrained.values"
ONNX_GATES = "iofg"  # the order of its LSTM, which calls g c


def export_lexical(weights: Weights, precision: Precision) -> bytes:
    """Graph: words (forms,), characters and affixes (forms, …) -> inputs (forms, 2, 4 hidden_size).

    `inputs` are what the gates of the forward and the backward LSTM get from each form. With a
    table of pretrained vectors the ids of these are an input too, pretrained (forms,).
    """
    graph = GraphBuilder()
    word_vectors = _looked_up(graph, weights, "words.embedding.weight", "words", precision)
    is_cnn = "words.characters.convolutions.0.weight" in weights
    of_characters = (_character_cnn if is_cnn else _character_lstm)(graph, weights)
    affixes = _looked_up(graph, weights, "words.affixes.weight", "affixes", precision)
    axis = graph.constant("affix_axis", [1], np.int64)
    affix_sum = graph.add("ReduceSum", [affixes, axis], "affix_sum", keepdims=0)
    pretrained = _pretrained(graph, weights) if PRETRAINED in weights else []
    parts = [word_vectors, *pretrained, *of_characters, affix_sum]
    vectors = graph.add("Concat", parts, "vectors", axis=1)
    size = _first_inputs(graph, weights, vectors)
    inputs = [("words",), ("characters", "characters"), ("affixes", "affixes")]
    inputs += [("pretrained",)] if pretrained else []
    return graph.model(
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["forms", *more])
            for name, *more in inputs
        ],
        [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, ["forms", 2, size])],
    )


def _looked_up(
    graph: GraphBuilder, weights: Weights, name: str, ids: str, precision: Precision
) -> str:
    """Rows of a table of vectors, which is kept in 16 bits unless all is fp32."""
    if precision == "fp32":
        return graph.add("Gather", [graph.constant(name, weights[name]), ids], f"of_{ids}")
    table = graph.constant(name, weights[name], np.float16)
    rows = graph.add("Gather", [table, ids], f"half_of_{ids}")
    return graph.add("Cast", [rows], f"of_{ids}", to=TensorProto.FLOAT)


def _pretrained(graph: GraphBuilder, weights: Weights) -> list[str]:
    """Rows of the frozen table, which has 8 bits and a scale per row in either precision."""
    values = graph.constant("pretrained.values", weights[PRETRAINED], np.int8)
    scales = graph.constant("pretrained.scales", weights["words.pretrained.scales"])
    rows = graph.add("Gather", [values, "pretrained"], "pretrained.rows")
    factors = graph.add("Gather", [scales, "pretrained"], "pretrained.factors")
    floats = graph.add("Cast", [rows], "pretrained.floats", to=TensorProto.FLOAT)
    return [graph.add("Mul", [floats, factors], "of_pretrained")]


def _first_inputs(graph: GraphBuilder, weights: Weights, vectors: str) -> int:
    """Vectors times the first layer's input weights, biases added; gives 4 hidden_size."""
    first = layers_of(weights)[0]
    directions = [first.of(direction) for direction in DIRECTIONS]
    kernel = graph.constant("inputs.weight", np.concatenate([d.inputs for d in directions], 1))
    bias = graph.constant("inputs.bias", np.concatenate([d.bias for d in directions]))
    product = graph.add("MatMul", [vectors, kernel], "inputs.product")
    flat = graph.add("Add", [product, bias], "inputs.flat")
    size = 4 * first.hidden_size
    graph.add("Reshape", [flat, graph.constant("inputs.shape", [-1, 2, size], np.int64)], "inputs")
    return size


def _embedded_characters(graph: GraphBuilder, weights: Weights) -> str:
    table = graph.constant("character_vectors", weights["words.characters.embedding.weight"])
    return graph.add("Gather", [table, "characters"], "embedded")


def _is_real(graph: GraphBuilder, dtype: int) -> str:
    """1 for a character, 0 for padding; (forms, characters)."""
    pad = graph.constant("pad", Vocabulary.pad_id, np.int64)
    is_pad = graph.add("Equal", ["characters", pad], "is_pad")
    return graph.add("Cast", [graph.add("Not", [is_pad], "is_character")], "is_real", to=dtype)


def _character_cnn(graph: GraphBuilder, weights: Weights) -> list[str]:
    """The maximum of each filter over a form's characters, one (forms, filters) per width.

    What a filter's place makes of a character depends on nothing else, so it is looked up, and a
    convolution is a sum of what was looked up, each place shifted by one.
    """
    axes = graph.constant("channel_axis", [2], np.int64)
    is_real = graph.add("Unsqueeze", [_is_real(graph, TensorProto.FLOAT), axes], "mask")
    maxima: list[str] = []
    while f"words.characters.convolutions.{len(maxima)}.weight" in weights:
        i = len(maxima)
        convolved = _convolved(graph, weights, i)
        positive = graph.add("Relu", [convolved], f"positive.{i}")
        masked = graph.add("Mul", [positive, is_real], f"masked.{i}")
        maxima.append(graph.add("ReduceMax", [masked], f"maximum.{i}", axes=[1], keepdims=0))
    return maxima


def _convolved(graph: GraphBuilder, weights: Weights, number: int) -> str:
    """One convolution, (forms, characters, filters)."""
    at = f"words.characters.convolutions.{number}"
    kernel = weights[f"{at}.weight"]  # (filters, size, width)
    width = kernel.shape[2]
    before, after = width // 2, (width - 1) // 2  # torch pads both ends alike and cuts the rest off
    pads = graph.constant(f"pads.{number}", [0, before, 0, after], np.int64)
    padded = graph.add("Pad", ["characters", pads], f"padded.{number}")  # with 0, which is pad_id
    shape = graph.add("Shape", ["characters"], f"shape.{number}", start=1)
    axis = graph.constant(f"length_axis.{number}", [1], np.int64)
    terms = []
    for place in range(width):
        name = f"{number}.{place}"
        products = weights["words.characters.embedding.weight"] @ kernel[:, :, place].T
        begin = graph.constant(f"begin.{name}", [place], np.int64)
        end = graph.add("Add", [shape, begin], f"end.{name}")
        shifted = graph.add("Slice", [padded, begin, end, axis], f"shifted.{name}")
        table = graph.constant(f"products.{name}", products)
        terms.append(graph.add("Gather", [table, shifted], f"term.{name}"))
    bias = graph.constant(f"bias.{number}", weights[f"{at}.bias"])
    return graph.add("Sum", [*terms, bias], f"convolved.{number}")


def _character_lstm(graph: GraphBuilder, weights: Weights) -> list[str]:
    """The two last hidden states, (forms, 2 hidden_size)."""
    embedded = graph.add(
        "Transpose", [_embedded_characters(graph, weights)], "by_step", perm=[1, 0, 2]
    )
    directions = [
        {
            part: weights[f"words.characters.lstm.{part}_l0{suffix}"]
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        for suffix in ("", "_reverse")
    ]
    axis = graph.constant("character_axis", [1], np.int64)
    counted = [_is_real(graph, TensorProto.INT32), axis]
    lengths = graph.add("ReduceSum", counted, "true_lengths", keepdims=0)
    one = graph.constant("one", 1, np.int32)
    last = _lstm(graph, embedded, graph.add("Max", [lengths, one], "lengths"), directions)
    by_form = graph.add("Transpose", [last], "last_by_form", perm=[1, 0, 2])
    shape = graph.constant("flat", [0, -1], np.int64)
    return [graph.add("Reshape", [by_form, shape], "last_states")]


def _lstm(graph: GraphBuilder, inputs: str, lengths: str, directions: Sequence[Weights]) -> str:
    """A bidirectional LSTM; gives its last hidden states, (2, batch, hidden_size)."""
    stacked = [
        np.stack([reordered(weights[part], ONNX_GATES) for weights in directions])
        for part in ("weight_ih", "weight_hh")
    ]
    biases = np.stack(
        [
            np.concatenate(
                [reordered(w["bias_ih"], ONNX_GATES), reordered(w["bias_hh"], ONNX_GATES)]
            )
            for w in directions
        ]
    )
    constants = [
        graph.constant("characters.W", stacked[0]),
        graph.constant("characters.R", stacked[1]),
        graph.constant("characters.B", biases),
    ]
    outputs = ["", "characters.last"]
    size = directions[0]["weight_hh"].shape[1]
    graph.add_many(
        "LSTM",
        [inputs, *constants, lengths],
        outputs,
        hidden_size=size,
        direction="bidirectional",
    )
    return outputs[1]

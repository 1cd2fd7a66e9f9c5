"""Weights to the lexical graph: forms to what the encoder's first layer takes from them.

A form's vector (word, pretrained vector, characters, affixes) and its product with the first
layer's input weights depend on nothing else, so each form is computed once, however often it
occurs. The same holds of what a language model's LSTMs take from it. Weights come as numpy arrays
by the names of `network.model.Network`; no torch here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tagger.inference.encoding import LANGUAGE_MODEL
from tagger.inference.folder import Precision
from tagger.inference.graph import GraphBuilder
from tagger.inference.layers import (
    DIRECTIONS,
    LSTMLayer,
    Weights,
    has_language_model,
    language_layer,
    layers_of,
    part_of,
    reordered,
    without_context,
)
from tagger.inference.pretrained import quantised
from tagger.vocabulary import Vocabulary

PRETRAINED = "words.pretrained.values"
ONNX_GATES = "iofg"  # the order of its LSTM, which calls g c


def export_lexical(weights: Weights, precision: Precision) -> bytes:
    """Graph: words (forms,), characters and affixes (forms, …) -> inputs (forms, 2, 4 hidden_size).

    `inputs` are what the gates of the forward and the backward LSTM get from each form. With a
    table of pretrained vectors the ids of these are an input too, pretrained (forms,). With a
    language model so are its ids, `lm.words` and so on, and before the gates of the encoder stand
    those of the language model: (forms, 2, 4 its hidden_size + 4 hidden_size).
    """
    graph = GraphBuilder()
    own = _vectors(graph, weights, precision)
    first = layers_of(weights)[0]
    names = [*own]
    if has_language_model(weights):
        language_model = part_of(weights, LANGUAGE_MODEL)
        with graph.scope(LANGUAGE_MODEL):
            others = _vectors(graph, language_model, precision)
            layer = language_layer(language_model)
            _gates(graph, layer, "vectors", "inputs", precision)
        names += [(LANGUAGE_MODEL + name, *axes) for name, *axes in others]
        both = graph.add("Concat", ["vectors", f"{LANGUAGE_MODEL}vectors"], "both", axis=1)
        _gates(graph, without_context(first, weights), both, "of_encoder", precision)
        parts = [f"{LANGUAGE_MODEL}inputs", "of_encoder"]
        graph.add("Concat", parts, "inputs", axis=2)
        size = 4 * (layer.hidden_size + first.hidden_size)
    else:
        _gates(graph, without_context(first, weights), "vectors", "inputs", precision)
        size = 4 * first.hidden_size
    return graph.model(
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["forms", *axes])
            for name, *axes in names
        ],
        [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, ["forms", 2, size])],
    )


def _vectors(graph: GraphBuilder, weights: Weights, precision: Precision) -> list[tuple[str, ...]]:
    """Vectors of the forms as `vectors`; gives the inputs that they take, with axes."""
    word_vectors = _looked_up(graph, weights, "words.embedding.weight", "words", precision)
    is_cnn = "words.characters.convolutions.0.weight" in weights
    of_characters = (_character_cnn if is_cnn else _character_lstm)(graph, weights)
    affixes = _looked_up(graph, weights, "words.affixes.weight", "affixes", precision)
    axis = graph.constant("affix_axis", [1], np.int64)
    affix_sum = graph.add("ReduceSum", [affixes, axis], "affix_sum", keepdims=0)
    pretrained = _pretrained(graph, weights) if PRETRAINED in weights else []
    parts = [word_vectors, *pretrained, *of_characters, affix_sum]
    graph.add("Concat", parts, "vectors", axis=1)
    inputs = [("words",), ("characters", "characters"), ("affixes", "affixes")]
    return [*inputs, ("pretrained",)] if pretrained else [*inputs]


def _looked_up(
    graph: GraphBuilder, weights: Weights, name: str, ids: str, precision: Precision
) -> str:
    """Rows of a table of vectors, which is kept in 8 bits with a scale per row unless in fp32."""
    if precision == "fp32":
        return graph.add("Gather", [graph.constant(name, weights[name]), ids], f"of_{ids}")
    values, scales = quantised(weights[name])
    return scaled_rows(graph, values, scales, ids)


def _pretrained(graph: GraphBuilder, weights: Weights) -> list[str]:
    """Rows of the frozen table, which has 8 bits and a scale per row in either precision."""
    scales = weights["words.pretrained.scales"]
    return [scaled_rows(graph, weights[PRETRAINED], scales, "pretrained")]


def scaled_rows(
    graph: GraphBuilder, table: NDArray[np.int8], factors: NDArray[np.float32], ids: str
) -> str:
    """Rows of a table in 8 bits, each times its factor."""
    values = graph.constant(f"{ids}.values", table, np.int8)
    scales = graph.constant(f"{ids}.scales", factors)
    rows = graph.add("Gather", [values, ids], f"{ids}.rows")
    scale = graph.add("Gather", [scales, ids], f"{ids}.factors")
    floats = graph.add("Cast", [rows], f"{ids}.floats", to=TensorProto.FLOAT)
    return graph.add("Mul", [floats, scale], f"of_{ids}")


def _gates(
    graph: GraphBuilder, layer: LSTMLayer, vectors: str, output: str, precision: Precision
) -> None:
    """What the gates of both directions get from vectors, biases added: (forms, 2, 4 hidden_size).

    The matrix is kept in 16 bits unless all is in fp32.
    """
    directions = [layer.of(direction) for direction in DIRECTIONS]
    weights = np.concatenate([d.inputs for d in directions], 1)
    if precision == "fp32":
        kernel = graph.constant(f"{output}.weight", weights)
    else:
        half = graph.constant(f"{output}.half_weight", weights, np.float16)
        kernel = graph.add("Cast", [half], f"{output}.weight", to=TensorProto.FLOAT)
    bias = graph.constant(f"{output}.bias", np.concatenate([d.bias for d in directions]))
    product = graph.add("MatMul", [vectors, kernel], f"{output}.product")
    flat = graph.add("Add", [product, bias], f"{output}.flat")
    shape = graph.constant(f"{output}.shape", [-1, 2, 4 * layer.hidden_size], np.int64)
    graph.add("Reshape", [flat, shape], output)


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

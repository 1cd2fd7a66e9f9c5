"""Weights to the two ONNX graphs that predict runs: the lexical one and the sentence one.

The lexical graph turns forms into vectors; it depends on nothing else, so each form is computed
once. The sentence graph reads those vectors in context and gives emissions. Weights come as numpy
arrays by the names of `network.model.Network`; no torch here. onnx is imported by nobody else.

ONNX operators: https://onnx.ai/onnx/operators/ (LSTM: gates in the order i, o, f, c).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tagger.vocabulary import Vocabulary

OPSET = 17
IR_VERSION = 9
Weights = Mapping[str, NDArray[np.float32]]


class GraphBuilder:
    """Collects nodes and constants, naming what each step gives."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: object, dtype: type = np.float32) -> str:
        """Adds an array under `name` and gives the name back."""
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        """Adds a node of one output and gives the output's name back."""
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def lstm(self, inputs: str, lengths: str, directions: Sequence[Weights], name: str) -> str:
        """A bidirectional LSTM; gives its hidden states, (length, 2, batch, hidden_size)."""
        hidden_size = directions[0]["weight_hh"].shape[1]
        stacked = [
            np.stack([_reordered(weights[part]) for weights in directions])
            for part in ("weight_ih", "weight_hh")
        ]
        biases = np.stack(
            [
                np.concatenate([_reordered(w["bias_ih"]), _reordered(w["bias_hh"])])
                for w in directions
            ]
        )
        constants = [
            self.constant(f"{name}.W", stacked[0]),
            self.constant(f"{name}.R", stacked[1]),
            self.constant(f"{name}.B", biases),
        ]
        self.nodes.append(
            helper.make_node(
                "LSTM",
                [inputs, *constants, lengths],
                [f"{name}.states", f"{name}.last"],
                hidden_size=hidden_size,
                direction="bidirectional",
            )
        )
        return f"{name}.states"

    def model(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> bytes:
        """The checked model as bytes."""
        graph = helper.make_graph(self.nodes, "tagger", inputs, outputs, self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())


def _reordered(stacked: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gates from torch's order i, f, g, o to ONNX's i, o, f, c (c is g)."""
    i, f, g, o = np.split(stacked, 4)
    return np.concatenate([i, o, f, g])


def export_lexical(weights: Weights) -> bytes:
    """Graph: words (forms,), characters and affixes (forms, …) -> vectors (forms, size)."""
    graph = GraphBuilder()
    table = graph.constant("word_vectors", weights["words.embedding.weight"])
    word_vectors = graph.add("Gather", [table, "words"], "of_words")
    is_cnn = "words.characters.convolutions.0.weight" in weights
    of_characters = (_character_cnn if is_cnn else _character_lstm)(graph, weights)
    parts = [word_vectors, *of_characters, _affix_sum(graph, weights)]
    graph.add("Concat", parts, "vectors", axis=1)
    size = _lexical_size(weights)
    return graph.model(
        [
            helper.make_tensor_value_info("words", TensorProto.INT64, ["forms"]),
            helper.make_tensor_value_info("characters", TensorProto.INT64, ["forms", "characters"]),
            helper.make_tensor_value_info("affixes", TensorProto.INT64, ["forms", "affixes"]),
        ],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["forms", size])],
    )


def _embedded_characters(graph: GraphBuilder, weights: Weights) -> str:
    table = graph.constant("character_vectors", weights["words.characters.embedding.weight"])
    return graph.add("Gather", [table, "characters"], "embedded")


def _is_real(graph: GraphBuilder, dtype: int) -> str:
    """1 for a character, 0 for padding; (forms, characters)."""
    pad = graph.constant("pad", Vocabulary.pad_id, np.int64)
    is_pad = graph.add("Equal", ["characters", pad], "is_pad")
    return graph.add("Cast", [graph.add("Not", [is_pad], "is_character")], "is_real", to=dtype)


def _character_cnn(graph: GraphBuilder, weights: Weights) -> list[str]:
    """The maximum of each filter over a form's characters, one (forms, filters) per width."""
    embedded = graph.add(
        "Transpose", [_embedded_characters(graph, weights)], "by_channel", perm=[0, 2, 1]
    )
    axes = graph.constant("channel_axis", [1], np.int64)
    is_real = graph.add("Unsqueeze", [_is_real(graph, TensorProto.FLOAT), axes], "mask")
    maxima: list[str] = []
    while f"words.characters.convolutions.{len(maxima)}.weight" in weights:
        i = len(maxima)
        kernel = weights[f"words.characters.convolutions.{i}.weight"]
        width = kernel.shape[2]
        inputs = [
            embedded,
            graph.constant(f"kernel.{i}", kernel),
            graph.constant(f"bias.{i}", weights[f"words.characters.convolutions.{i}.bias"]),
        ]
        pads = [width // 2, (width - 1) // 2]  # torch pads both ends alike and cuts the rest off
        convolved = graph.add("Conv", inputs, f"convolved.{i}", pads=pads)
        positive = graph.add("Relu", [convolved], f"positive.{i}")
        masked = graph.add("Mul", [positive, is_real], f"masked.{i}")
        maxima.append(graph.add("ReduceMax", [masked], f"maximum.{i}", axes=[2], keepdims=0))
    return maxima


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
    graph.lstm(embedded, graph.add("Max", [lengths, one], "lengths"), directions, "characters")
    by_form = graph.add("Transpose", ["characters.last"], "last_by_form", perm=[1, 0, 2])
    shape = graph.constant("flat", [0, -1], np.int64)
    return [graph.add("Reshape", [by_form, shape], "last_states")]


def _affix_sum(graph: GraphBuilder, weights: Weights) -> str:
    """The sum of the affixes' vectors, (forms, affix size)."""
    table = graph.constant("affix_vectors", weights["words.affixes.weight"])
    found = graph.add("Gather", [table, "affixes"], "of_affixes")
    axis = graph.constant("affix_axis", [1], np.int64)
    return graph.add("ReduceSum", [found, axis], "affix_sum", keepdims=0)


def _lexical_size(weights: Weights) -> int:
    return int(weights["encoder.forward_layers.0.weight_ih_l0"].shape[1])


def export_sentence(weights: Weights, tasks: Sequence[str]) -> bytes:
    """Graph: vectors (length, batch, size), lengths (batch,) -> one emissions output per task.

    Emissions have the shape (length, batch, num_tags); those beyond a sentence's length mean
    nothing.
    """
    graph = GraphBuilder()
    shape = graph.constant("flat", [0, 0, -1], np.int64)
    states = "vectors"
    layer = 0
    while f"encoder.forward_layers.{layer}.weight_ih_l0" in weights:
        directions = [
            {
                part: weights[f"encoder.{direction}_layers.{layer}.{part}_l0"]
                for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            }
            for direction in ("forward", "backward")
        ]
        by_direction = graph.lstm(states, "lengths", directions, f"layer.{layer}")
        by_sentence = graph.add(
            "Transpose", [by_direction], f"layer.{layer}.by_sentence", perm=[0, 2, 1, 3]
        )
        states = graph.add("Reshape", [by_sentence, shape], f"layer.{layer}.flat")
        layer += 1
    outputs = [_head(graph, states, i, name, weights) for i, name in enumerate(tasks)]
    return graph.model(
        [
            helper.make_tensor_value_info(
                "vectors", TensorProto.FLOAT, ["length", "batch", _lexical_size(weights)]
            ),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"]),
        ],
        outputs,
    )


def _head(
    graph: GraphBuilder, states: str, number: int, name: str, weights: Weights
) -> onnx.ValueInfoProto:
    kernel = graph.constant(f"{name}.weight", weights[f"heads.{number}.linear.weight"].T)
    bias = graph.constant(f"{name}.bias", weights[f"heads.{number}.linear.bias"])
    product = graph.add("MatMul", [states, kernel], f"{name}.product")
    graph.add("Add", [product, bias], f"emissions.{name}")
    num_tags = len(weights[f"heads.{number}.linear.bias"])
    return helper.make_tensor_value_info(
        f"emissions.{name}", TensorProto.FLOAT, ["length", "batch", num_tags]
    )

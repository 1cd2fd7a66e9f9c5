"""Weights to the transformer graph: pieces of words in, of each token what the LSTM gets from them.

In int8 each matrix holds 7-bit integers with a scale per column, and what is multiplied with it is
quantised by the largest value of its own row: sums are of whole numbers, and what a token gets
depends on its window alone. Names are those of `network.transformer.Transformer`.
"""

from onnx import TensorProto, helper

from tagger.inference.folder import Precision
from tagger.inference.graph import MICROSOFT, GraphBuilder, Multiplier
from tagger.inference.layers import Weights, part_of
from tagger.inference.lexical_graph import scaled_rows
from tagger.inference.pretrained import quantised
from tagger.inference.records import TransformerRecord

TRANSFORMER = "transformer."  # what the names of its weights begin with
LEAST_MAXIMUM = 1e-30  # of a row: one of zeros is divided by this


def export_transformer(weights: Weights, record: TransformerRecord, precision: Precision) -> bytes:
    """Graph: pieces (windows, length), lengths (windows,), places (tokens,) -> context.

    `context` (tokens, size) are the projected states of the pieces that `places` names in the
    flattened `pieces`, between -1 and 1. Another output, `positions` (1,), is how many there are.
    """
    graph = GraphBuilder()
    own = part_of(weights, TRANSFORMER)
    rows = RowMultiplier(graph, precision)
    graph.add("Cast", ["lengths"], "lengths.int32", to=TensorProto.INT32)
    states = _embedded(graph, own, record, precision)
    for i in range(record.layers):
        states = _Layer(graph, rows, part_of(own, f"layers.{i}."), record, f"layers.{i}").read(
            states
        )
    context = _projected(graph, rows, weights, record, states)
    size = len(weights["projection.bias"])
    return graph.model(
        [
            helper.make_tensor_value_info("pieces", TensorProto.INT64, ["windows", "length"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT64, ["windows"]),
            helper.make_tensor_value_info("places", TensorProto.INT64, ["tokens"]),
        ],
        [
            helper.make_tensor_value_info(context, TensorProto.FLOAT, ["tokens", size]),
            helper.make_tensor_value_info("positions", TensorProto.INT64, [1]),
        ],
    )


class RowMultiplier:
    """Products of rows of any size with constant matrices, in the graph's precision."""

    def __init__(self, graph: GraphBuilder, precision: Precision) -> None:
        self._graph = graph
        self._is_int8 = precision == "int8"
        self._multiplier = Multiplier(graph, precision)
        if self._is_int8:
            graph.constant("least_maximum", LEAST_MAXIMUM)

    def products(self, rows: str, matrices: Weights) -> list[str]:
        """rows (…, inputs) times the transpose of each matrix (outputs, inputs), in fp32."""
        for name, matrix in matrices.items():
            self._multiplier.matrix(name, matrix.T)
        outputs = [f"{name}.product" for name in matrices]
        if not self._is_int8:
            for name, output in zip(matrices, outputs, strict=True):
                self._multiplier.product(rows, name, output)
            return outputs
        state, maximum = self._quantised(rows)
        for name, output in zip(matrices, outputs, strict=True):
            whole = self._multiplier.product(state, name, f"{name}.whole")
            self._graph.add("Mul", [whole, maximum], output)
        return outputs

    def _quantised(self, rows: str) -> tuple[str, str]:
        """Rows over their largest absolute value, in bytes, and that value."""
        add = self._graph.add
        sizes = add("Abs", [rows], f"{rows}.sizes")
        largest = add("ReduceMax", [sizes], f"{rows}.largest", axes=[-1], keepdims=1)
        maximum = add("Max", [largest, "least_maximum"], f"{rows}.maximum")
        state = add("Div", [rows, maximum], f"{rows}.normalised")
        return self._multiplier.state(state, f"{rows}.bytes"), maximum


def _embedded(
    graph: GraphBuilder, weights: Weights, record: TransformerRecord, precision: Precision
) -> str:
    """What the first layer reads, (windows, length, hidden_size)."""
    if precision == "int8":
        values, scales = quantised(weights["pieces.weight"])
        vectors = scaled_rows(graph, values, scales, "pieces")
    else:
        table = graph.constant("pieces.weight", weights["pieces.weight"])
        vectors = graph.add("Gather", [table, "pieces"], "of_pieces")
    shape = graph.add("Shape", ["pieces"], "length", start=1)
    bounds = [graph.constant(f"positions.{name}", [0], int) for name in ("begin", "axis")]
    table = graph.constant("positions.weight", weights["positions.weight"])
    positions = graph.add("Slice", [table, bounds[0], shape, bounds[1]], "of_positions")
    graph.add("Shape", [table], "positions", end=1)
    both = graph.add("Add", [vectors, positions], "embedded.sum")
    norm = [graph.constant(f"norm.{kind}", weights[f"norm.{kind}"]) for kind in ("weight", "bias")]
    return graph.add(
        "LayerNormalization", [both, *norm], "embedded", axis=-1, epsilon=record.epsilon
    )


class _Layer:
    """One layer: attention and the feed-forward network."""

    def __init__(
        self,
        graph: GraphBuilder,
        rows: RowMultiplier,
        weights: Weights,
        record: TransformerRecord,
        at: str,
    ) -> None:
        self._graph, self._rows, self._weights, self._at = graph, rows, weights, at
        self._record = record

    def read(self, states: str) -> str:
        """(windows, length, hidden_size) -> the same."""
        attended = self._product(self._attend(states), "attention_output")
        states = self._normalised(attended, states, "attention_output", "attention_norm")
        inner = self._activated(self._product(states, "inner"))
        return self._normalised(self._product(inner, "outer"), states, "outer", "norm")

    def _attend(self, states: str) -> str:
        stacked = self._weights["attention_inputs.weight"]
        size = self._record.hidden_size
        names = ("queries", "keys", "values")
        matrices = {
            f"{self._at}.{name}": stacked[i * size : (i + 1) * size] for i, name in enumerate(names)
        }
        products = self._rows.products(states, matrices)
        bias = self._constant("attention_inputs.bias")
        (attended,) = self._graph.add_many(
            "MultiHeadAttention",
            [*products, bias, "lengths.int32"],
            [f"{self._at}.attended"],
            MICROSOFT,
            num_heads=self._record.heads,
        )
        return attended

    def _product(self, states: str, name: str) -> str:
        matrix = {f"{self._at}.{name}": self._weights[f"{name}.weight"]}
        return self._rows.products(states, matrix)[0]

    def _activated(self, product: str) -> str:
        bias = self._constant("inner.bias")
        output = f"{self._at}.activated"
        if self._record.activation == "relu":
            return self._graph.add(
                "Relu", [self._graph.add("Add", [product, bias], f"{output}.sum")], output
            )
        operator = "BiasGelu" if self._record.activation == "gelu" else "FastGelu"
        return self._graph.add_many(operator, [product, bias], [output], MICROSOFT)[0]

    def _normalised(self, product: str, states: str, linear: str, norm: str) -> str:
        """The layer norm of the sum of both and the linear layer's bias.

        (ONNX Runtime's SkipLayerNormalization does all that in twice the time.)
        """
        graph, at = self._graph, f"{self._at}.{norm}"
        of_linear = graph.add("Add", [product, self._constant(f"{linear}.bias")], f"{at}.biased")
        total = graph.add("Add", [of_linear, states], f"{at}.total")
        own = [self._constant(f"{norm}.{kind}") for kind in ("weight", "bias")]
        return graph.add(
            "LayerNormalization", [total, *own], at, axis=-1, epsilon=self._record.epsilon
        )

    def _constant(self, name: str) -> str:
        return self._graph.constant(f"{self._at}.{name}", self._weights[name])


def _projected(
    graph: GraphBuilder,
    rows: RowMultiplier,
    weights: Weights,
    record: TransformerRecord,
    states: str,
) -> str:
    """The states of the pieces that are asked for, projected and squashed: (tokens, size)."""
    shape = graph.constant("flat", [-1, record.hidden_size], int)
    flat = graph.add("Reshape", [states, shape], "flat.states")
    picked = graph.add("Gather", [flat, "places"], "of_tokens")
    (product,) = rows.products(picked, {"projection": weights["projection.weight"]})
    bias = graph.constant("projection.bias", weights["projection.bias"])
    total = graph.add("Add", [product, bias], "projected")
    return graph.add("Tanh", [total], "context")

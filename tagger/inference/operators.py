"""The operators that a graph may have, those of our own export, with what they may be given."""

from collections.abc import Callable
from typing import NamedTuple

from tagger.inference import shape_rules as rules
from tagger.inference import transformer_rules
from tagger.inference.graph_reader import Node
from tagger.inference.graph_tensors import Outcome, Tensor

MICROSOFT = "com.microsoft"
Rule = Callable[[Node, list[Tensor]], Outcome]


class Operator(NamedTuple):
    """A rule, how many inputs and outputs a node may have, and which attributes."""

    rule: Rule
    inputs: tuple[int, int]
    outputs: tuple[int, int] = (1, 1)
    attributes: frozenset[str] = frozenset()


def _of(rule: Rule, inputs: int, *attributes: str) -> Operator:
    return Operator(rule, (inputs, inputs), attributes=frozenset(attributes))


MANY = 64  # inputs or outputs of a node
OPERATORS: dict[tuple[str, str], Operator] = {
    ("", "Abs"): _of(rules.alike, 1),
    ("", "Add"): _of(rules.added, 2),
    ("", "Cast"): _of(rules.as_type, 1, "to"),
    ("", "Concat"): Operator(rules.concat, (1, MANY), attributes=frozenset(["axis"])),
    ("", "ConstantOfShape"): _of(rules.constant_of_shape, 1, "value"),
    ("", "Div"): _of(rules.quotient, 2),
    ("", "Equal"): _of(rules.equal, 2),
    ("", "Expand"): _of(rules.expand, 2),
    ("", "Gather"): _of(rules.gather, 2),
    ("", "Identity"): _of(rules.alike, 1),
    ("", "LayerNormalization"): _of(transformer_rules.layer_norm, 3, "axis", "epsilon"),
    ("", "LSTM"): Operator(rules.lstm, (5, 5), (2, 2), frozenset(["hidden_size", "direction"])),
    ("", "MatMul"): _of(rules.matmul, 2),
    ("", "Max"): Operator(rules.together, (1, MANY)),
    ("", "Mul"): _of(rules.together, 2),
    ("", "Not"): _of(rules.alike, 1),
    ("", "Pad"): _of(rules.pad, 2),
    ("", "QuantizeLinear"): _of(rules.quantize, 3),
    ("", "ReduceMax"): _of(rules.reduce_max, 1, "axes", "keepdims"),
    ("", "ReduceSum"): _of(rules.reduce_sum, 2, "keepdims"),
    ("", "Relu"): _of(rules.alike, 1),
    ("", "Reshape"): _of(rules.reshape, 2),
    ("", "ReverseSequence"): _of(rules.reverse_sequence, 2, "time_axis", "batch_axis"),
    ("", "Shape"): _of(rules.shape, 1, "start", "end"),
    ("", "Sigmoid"): _of(rules.alike, 1),
    ("", "Slice"): _of(rules.slice_, 4),
    ("", "Split"): Operator(rules.split, (2, 2), (1, MANY), frozenset(["axis"])),
    ("", "Sum"): Operator(rules.together, (1, MANY)),
    ("", "Tanh"): _of(rules.alike, 1),
    ("", "Transpose"): _of(rules.transpose, 1, "perm"),
    ("", "Unsqueeze"): _of(rules.unsqueeze, 2),
    (MICROSOFT, "BiasGelu"): _of(transformer_rules.with_bias, 2),
    (MICROSOFT, "FastGelu"): _of(transformer_rules.with_bias, 2),
    (MICROSOFT, "MatMulIntegerToFloat"): _of(rules.integer_matmul, 5),
    (MICROSOFT, "MultiHeadAttention"): _of(transformer_rules.attention, 5, "num_heads"),
}

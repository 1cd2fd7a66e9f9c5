"""The shapes of what a transformer's operators give; GraphError where nothing fits.

Those of `com.microsoft` are described in
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
"""

from math import prod

from tagger.inference.graph_reader import FLOAT, INT32, Node
from tagger.inference.graph_tensors import Outcome, Tensor, expect, number
from tagger.inference.shape_rules import alike


def with_bias(node: Node, inputs: list[Tensor]) -> Outcome:
    """A function of floats and of a bias for each of the last axis."""
    data, bias = inputs
    is_float = data.type == bias.type == FLOAT
    expect(is_float and bias.shape == data.shape[-1:] != (), "a bias that does not fit")
    return alike(node, inputs)


def layer_norm(node: Node, inputs: list[Tensor]) -> Outcome:
    """Floats normalised over the last axis, with a weight and a bias for each of it."""
    data, weights, bias = inputs
    expect(number(node, "axis") == -1, "a norm over other than the last axis")
    expect(type(node.attributes.get("epsilon")) is float, "a norm without epsilon")
    expect(weights == bias, "weights and biases of a norm that differ")
    return with_bias(node, [data, bias])


def attention(node: Node, inputs: list[Tensor]) -> Outcome:
    """Attention of several heads within windows, (windows, length, size) three times.

    What lies behind a window's end is masked, and the ends are those that the graph was given:
    ONNX Runtime writes to where they point. The scores are (windows, heads, length, length).
    """
    queries, keys, values, bias, lengths = inputs
    heads = number(node, "num_heads")
    fits = len(queries.shape) == 3 and queries.type == FLOAT and bias.type == FLOAT
    expect(fits and queries[:2] == keys[:2] == values[:2], "queries, keys and values that differ")
    windows, length, size = queries.shape
    expect(heads > 0 and size % heads == 0, f"{size} units for {heads} heads")
    expect(bias.shape == (3 * size,), "a bias that does not fit")
    is_mask = lengths.is_lengths and lengths.type == INT32 and lengths.shape == (windows,)
    expect(is_mask, "a mask that is not made of the lengths of the windows")
    scores = windows * (heads + 1) * length * length  # the mask is as large as those of a head
    memory = 4 * (scores + 3 * prod(queries.shape))
    return Outcome([Tensor(FLOAT, queries.shape)], 2 * length * prod(queries.shape), memory)

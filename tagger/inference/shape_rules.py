"""The shapes of what each operator gives, from those of what it takes; GraphError where none fits.

Numbers that become shapes are followed too: constants, `Shape`, and the `Concat` and sums of these,
so that no shape shrinks where a batch grows, and what is true of the largest batch is true of all.
The operators: https://onnx.ai/onnx/operators/.
"""

from math import prod

from tagger.inference.graph_reader import BOOL, FLOAT, INT32, INT64, SIZES, UINT8, Constant, Node
from tagger.inference.graph_tensors import (
    Outcome,
    Tensor,
    axis_of,
    broadcast,
    constant_number,
    constant_numbers,
    expect,
    number,
    numbers,
)


def alike(node: Node, inputs: list[Tensor]) -> Outcome:
    """One input, one output of its shape."""
    return Outcome([Tensor(inputs[0].type, inputs[0].shape)])


def together(node: Node, inputs: list[Tensor]) -> Outcome:
    """Inputs of shapes that fit."""
    return Outcome([Tensor(inputs[0].type, broadcast([i.shape for i in inputs]))])


def added(node: Node, inputs: list[Tensor]) -> Outcome:
    """The same; of sums of shapes the numbers are known."""
    (result,) = together(node, inputs).outputs
    one, other = (i.value for i in inputs)
    if one and other and len(one) == len(other) and min(*one, *other) >= 0:
        result = result._replace(value=tuple([a + b for a, b in zip(one, other, strict=True)]))
    return Outcome([result])


def quotient(node: Node, inputs: list[Tensor]) -> Outcome:
    """Of floats: one of whole numbers by 0 would end the process."""
    expect(all(i.type == FLOAT for i in inputs), "a Div of other numbers than floats")
    return together(node, inputs)


def equal(node: Node, inputs: list[Tensor]) -> Outcome:
    """Truth values."""
    return Outcome([Tensor(BOOL, broadcast([i.shape for i in inputs]))])


def as_type(node: Node, inputs: list[Tensor]) -> Outcome:
    """Another type."""
    wanted, data = number(node, "to"), inputs[0]
    expect(wanted in SIZES, "a Cast to a type that no tagger has")
    is_lengths = data.is_lengths and wanted in (INT32, INT64)
    return Outcome([Tensor(wanted, data.shape, is_lengths=is_lengths)])


def gather(node: Node, inputs: list[Tensor]) -> Outcome:
    """Rows of a table."""
    table, ids = inputs
    expect(len(table.shape) > 0 and ids.type == INT64, "a Gather of no rows")
    return Outcome([Tensor(table.type, ids.shape + table.shape[1:])])


def slice_(node: Node, inputs: list[Tensor]) -> Outcome:
    """Part of one axis."""
    data, start, ends, axis = inputs
    first, at = constant_number(start), axis_of(data, constant_number(axis))
    end = ends.value or ()
    expect(len(end) == 1 and 0 <= first <= end[0], "a Slice of unknown bounds")
    size = max(0, min(data.shape[at], end[0]) - first)
    return Outcome([Tensor(data.type, (*data.shape[:at], size, *data.shape[at + 1 :]))])


def pad(node: Node, inputs: list[Tensor]) -> Outcome:
    """More at both ends of each axis."""
    data, pads = inputs[0], constant_numbers(inputs[1])
    rank = len(data.shape)
    expect(len(pads) == 2 * rank and min(pads, default=0) >= 0, "a Pad of another rank")
    sides = zip(data.shape, pads[:rank], pads[rank:], strict=True)
    return Outcome([Tensor(data.type, tuple(map(sum, sides)))])


def shape(node: Node, inputs: list[Tensor]) -> Outcome:
    """The sizes of the axes."""
    data = inputs[0]
    rank = len(data.shape)
    start, end = number(node, "start", 0), number(node, "end", rank)
    expect(0 <= start <= end <= rank, "a Shape of axes that are not there")
    sizes = data.shape[start:end]
    return Outcome([Tensor(INT64, (len(sizes),), sizes, is_constant=data.is_constant)])


def _without(tensor: Tensor, axis: int) -> Outcome:
    at = axis_of(tensor, axis)
    return Outcome([Tensor(tensor.type, tensor.shape[:at] + tensor.shape[at + 1 :])])


def reduce_max(node: Node, inputs: list[Tensor]) -> Outcome:
    """The maximum over one axis; one that stays, with a size of 1, is the last."""
    data, axes = inputs[0], numbers(node, "axes")
    expect(len(axes) == 1, "a ReduceMax of other than one axis")
    if number(node, "keepdims") == 0:
        return _without(data, axes[0])
    is_last = axes[0] == -1 and len(data.shape) > 0
    expect(number(node, "keepdims") == 1 and is_last, "a ReduceMax that keeps another axis")
    return Outcome([Tensor(data.type, (*data.shape[:-1], 1))])


def reduce_sum(node: Node, inputs: list[Tensor]) -> Outcome:
    """The sum over one axis."""
    expect(number(node, "keepdims") == 0, "a ReduceSum that keeps its axis")
    return _without(inputs[0], constant_number(inputs[1]))


def concat(node: Node, inputs: list[Tensor]) -> Outcome:
    """One behind the other; of shapes the numbers are known."""
    at = axis_of(inputs[0], number(node, "axis"))
    others = {i.shape[:at] + i.shape[at + 1 :] for i in inputs}
    same_rank = len({len(i.shape) for i in inputs}) == 1
    expect(same_rank and len(others) == 1, "a Concat of shapes that do not fit")
    first = inputs[0]
    size = sum([i.shape[at] for i in inputs])
    values = [i.value for i in inputs]
    value = tuple([n for v in values if v for n in v]) if None not in values else None
    return Outcome([Tensor(first.type, (*first.shape[:at], size, *first.shape[at + 1 :]), value)])


def unsqueeze(node: Node, inputs: list[Tensor]) -> Outcome:
    """One more axis."""
    data, at = inputs[0], constant_number(inputs[1])
    expect(0 <= at <= len(data.shape), "an Unsqueeze beyond the axes")
    return Outcome([Tensor(data.type, (*data.shape[:at], 1, *data.shape[at:]))])


def matmul(node: Node, inputs: list[Tensor]) -> Outcome:
    """A matrix product; the second factor is a matrix."""
    left, right = inputs[:2]
    fits = len(left.shape) > 1 and len(right.shape) == 2 and left.shape[-1] == right.shape[0]
    expect(fits, f"a product of {left.shape} and {right.shape}")
    result = Tensor(FLOAT, (*left.shape[:-1], right.shape[1]))
    return Outcome([result], prod(result.shape) * right.shape[0])


def integer_matmul(node: Node, inputs: list[Tensor]) -> Outcome:
    """The same of bytes, with a scale and a zero for states, and a scale for each column."""
    states, matrix, scale, scales, zero = inputs
    fits = states.type == zero.type == UINT8 and matrix.is_constant and zero.shape == ()
    expect(fits and scale.shape == () and scales.shape == matrix.shape[1:], "scales do not fit")
    return matmul(node, inputs)


def quantize(node: Node, inputs: list[Tensor]) -> Outcome:
    """Floats as bytes, of one scale."""
    data, scale, zero = inputs
    expect(scale.shape == zero.shape == () and zero.type == UINT8, "a scale that is no number")
    return Outcome([Tensor(UINT8, data.shape)])


def reshape(node: Node, inputs: list[Tensor]) -> Outcome:
    """Another shape: constants, 0 for an axis that stays, -1 once for what is left."""
    data, wanted = inputs[0], constant_numbers(inputs[1])
    zeros = [i for i, n in enumerate(wanted) if n == 0]
    expect(max(zeros, default=-1) < len(data.shape), "a Reshape beyond the axes")
    sizes = [data.shape[i] if n == 0 else n for i, n in enumerate(wanted)]
    known = prod(n for n in sizes if n != -1)
    total = prod(data.shape)
    expect(sizes.count(-1) == 1 and min(sizes) == -1 and known > 0, "a Reshape of unknown size")
    expect(total % known == 0, f"a Reshape of {data.shape} to {wanted}")
    return Outcome([Tensor(data.type, tuple([total // known if n == -1 else n for n in sizes]))])


def transpose(node: Node, inputs: list[Tensor]) -> Outcome:
    """The axes in another order."""
    data, order = inputs[0], numbers(node, "perm")
    expect(sorted(order) == list(range(len(data.shape))), "a Transpose of other axes")
    return Outcome([Tensor(data.type, tuple([data.shape[i] for i in order]))])


def reverse_sequence(node: Node, inputs: list[Tensor]) -> Outcome:
    """Each sentence backwards; (length, batch, …)."""
    data, lengths = inputs
    axes = number(node, "time_axis"), number(node, "batch_axis")
    fits = axes == (0, 1) and len(data.shape) > 1 and lengths.shape == data.shape[1:2]
    expect(fits, "a ReverseSequence of other axes")
    return alike(node, inputs)


def constant_of_shape(node: Node, inputs: list[Tensor]) -> Outcome:
    """One number everywhere."""
    sizes, value = inputs[0].value, node.attributes.get("value")
    expect(sizes is not None and min(sizes, default=0) >= 0, "a ConstantOfShape of unknown shape")
    assert sizes is not None
    if value is None:
        return Outcome([Tensor(FLOAT, sizes)])
    expect(isinstance(value, Constant) and prod(value.shape) == 1, "a ConstantOfShape of an array")
    assert isinstance(value, Constant)
    return Outcome([Tensor(value.type, sizes)])


def expand(node: Node, inputs: list[Tensor]) -> Outcome:
    """The same again and again, up to a shape."""
    data, sizes = inputs[0], inputs[1].value
    expect(sizes is not None and min(sizes, default=0) >= 0, "an Expand to an unknown shape")
    assert sizes is not None
    return Outcome([Tensor(data.type, broadcast([data.shape, sizes]))])


def split(node: Node, inputs: list[Tensor]) -> Outcome:
    """Parts of one axis."""
    data, sizes = inputs[0], constant_numbers(inputs[1])
    at = axis_of(data, number(node, "axis"))
    fits = len(sizes) == len(node.outputs) and min(sizes, default=0) > 0
    expect(fits and sum(sizes) == data.shape[at], "a Split of other sizes")
    before, behind = data.shape[:at], data.shape[at + 1 :]
    return Outcome([Tensor(data.type, (*before, size, *behind)) for size in sizes])


def lstm(node: Node, inputs: list[Tensor]) -> Outcome:
    """A bidirectional LSTM over all steps; only its last states are taken."""
    data, weights, states, biases, lengths = inputs
    size = number(node, "hidden_size")
    expect(node.attributes.get("direction") == "bidirectional", "an LSTM of one direction")
    expect(len(data.shape) == 3 and size > 0 and node.outputs[0] == "", "an LSTM of another kind")
    steps, batch, width = data.shape
    found = [tensor.shape for tensor in (weights, states, biases, lengths)]
    expected = [(2, 4 * size, width), (2, 4 * size, size), (2, 8 * size), (batch,)]
    expect(found == expected, f"an LSTM of the shapes {found}")
    all_states = Tensor(FLOAT, (steps, 8, batch, size))  # what it computes with
    products = steps * batch * 8 * size * (width + size)
    return Outcome([all_states, Tensor(FLOAT, (2, batch, size))], products)

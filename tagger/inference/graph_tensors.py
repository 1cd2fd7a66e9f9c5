"""What is known of a graph's tensors before it runs: types, shapes, numbers that become shapes."""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple, cast

from tagger.inference.graph_reader import SIZES, Node

Shape = tuple[int, ...]
Numbers = tuple[int, ...]


class GraphError(Exception):
    """A graph that does not do what a tagger's graph may; its text says what."""


class Tensor(NamedTuple):
    """What a name stands for; `value` of whole numbers that may become a shape.

    `is_constant` says that it stands in the file, `is_lengths` that it is what a graph was told of
    the lengths of sentences or windows.
    """

    type: int
    shape: Shape
    value: Numbers | None = None
    is_constant: bool = False
    is_lengths: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return prod(self.shape) * SIZES[self.type]


class Outcome(NamedTuple):
    """A node's outputs, how many products it sums up, how many bytes it needs besides."""

    outputs: list[Tensor]
    products: int = 0
    memory: int = 0


def expect(is_so: bool, problem: str) -> None:
    """Raises GraphError where it is not."""
    if not is_so:
        raise GraphError(problem)


def constant_numbers(tensor: Tensor) -> Numbers:
    """Whole numbers that stand in the file."""
    expect(tensor.is_constant and tensor.value is not None, "expected constants for a shape")
    assert tensor.value is not None
    return tensor.value


def constant_number(tensor: Tensor) -> int:
    """One of them."""
    numbers = constant_numbers(tensor)
    expect(len(numbers) == 1, "expected one constant")
    return numbers[0]


def number(node: Node, name: str, default: int | None = None) -> int:
    """An attribute that is a number."""
    value = node.attributes.get(name, default)
    expect(isinstance(value, int), f"expected a number as {name}")
    assert isinstance(value, int)
    return value


def numbers(node: Node, name: str) -> Numbers:
    """An attribute that is several numbers."""
    value = node.attributes.get(name)
    expect(type(value) is tuple, f"expected numbers as {name}")  # not a NamedTuple
    return cast(Numbers, value)


def axis_of(tensor: Tensor, axis: int) -> int:
    """An axis that the tensor has."""
    expect(0 <= axis < len(tensor.shape), f"expected an axis of {tensor.shape}, found {axis}")
    return axis


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The shape of arrays of these shapes together."""
    rank = max(map(len, shapes))
    filled = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    result = tuple([max(axes) for axes in zip(*filled, strict=True)])
    fits = all(n in (1, m) for shape in filled for n, m in zip(shape, result, strict=True))
    expect(fits, f"the shapes {list(shapes)} do not fit")
    return result

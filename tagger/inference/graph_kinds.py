"""The graphs of a model, known by their inputs, and the largest batches that they are given.

What holds of the largest batches holds of all, since sums of products of lengths and batches are
largest where one of them is.
"""

from collections.abc import Mapping
from typing import NamedTuple

from tagger.inference.encoding import LANGUAGE_MODEL, MOST_CHARACTERS, NUM_AFFIXES
from tagger.inference.graph_reader import FLOAT, FLOAT16, INT64, Graph, Named
from tagger.inference.graph_tensors import Shape, Tensor, expect
from tagger.inference.subwords import LEAST_POSITIONS, MOST_POSITIONS

FORMS_AT_ONCE = 256  # through the lexical graph
TOKENS_AT_ONCE = 4_096  # through the sentence graph, padding included
PIECES_AT_ONCE = 300  # through the transformer graph, padding included, or one window: few, so
# that what a layer computes stays in the cache
SYMBOLS_AT_ONCE = 32_768  # through the character graph, padding included, or one sentence
SENTENCES_AT_ONCE = 512  # there
ROWS = 32_000  # of the table
CONTEXT, POSITIONS = "context", "positions"  # outputs: of the transformer graph, the first of
# the character graph too
PAIRS = 64  # of pieces: for each so many one more use of each weight

INPUTS: Mapping[str, tuple[str, ...]] = {
    "words": ("forms",),
    "pretrained": ("forms",),
    "characters": ("forms", "characters"),
    "affixes": ("forms", "affixes"),
    "table": ("rows", ""),
    "rows": ("length", "batch"),
    "context": ("length", "batch", ""),
    "lengths": ("batch",),
    "pieces": ("batch", "length"),
    "places": ("tokens",),
    "symbols": ("length", "batch"),
    "behind": ("tokens",),
    "before": ("tokens",),
}
TYPES = {"table": (FLOAT, FLOAT16), "context": (FLOAT,)}


class Batch(NamedTuple):
    """A largest batch: the sizes of the inputs' axes by name, the outputs' axes but the last.

    `uses` is how often each byte of the graph may be multiplied with something.
    """

    sizes: Mapping[str, int]
    ends: Shape
    uses: int


def batches_of(graph: Graph) -> list[Batch]:
    """The largest ones."""
    names = {value.name for value in graph.inputs}
    if "pieces" in names:
        positions = positions_of(graph)
        windows = -(-PIECES_AT_ONCE // positions)
        return [_of_windows(2, PIECES_AT_ONCE // 2), _of_windows(positions, windows)]
    if "symbols" in names:
        length = SYMBOLS_AT_ONCE // SENTENCES_AT_ONCE
        return [_of_symbols(SYMBOLS_AT_ONCE, 2), _of_symbols(length, SENTENCES_AT_ONCE)]
    if "rows" in names:
        return [_of_sentences(TOKENS_AT_ONCE, 2), _of_sentences(2, TOKENS_AT_ONCE)]
    sizes = {"forms": FORMS_AT_ONCE, "characters": MOST_CHARACTERS, "affixes": NUM_AFFIXES}
    return [Batch(sizes, (FORMS_AT_ONCE, 2), FORMS_AT_ONCE * MOST_CHARACTERS)]


def _of_sentences(length: int, batch: int) -> Batch:
    sizes = {"rows": ROWS, "length": length, "batch": batch}
    return Batch(sizes, (length, batch), length * batch)


def _of_symbols(length: int, batch: int) -> Batch:
    """Of a character model, which reads as many tokens as go through the sentence graph."""
    sizes = {"length": length, "batch": batch, "tokens": TOKENS_AT_ONCE}
    return Batch(sizes, (TOKENS_AT_ONCE,), length * batch)


def _of_windows(length: int, batch: int) -> Batch:
    """Of a transformer, which looks at each pair of pieces too."""
    pieces = length * batch
    sizes = {"length": length, "batch": batch, "tokens": pieces}
    return Batch(sizes, (pieces,), pieces * (1 + length // PAIRS))


def positions_of(graph: Graph) -> int:
    """How long a window may be: the first axis of the constant whose shape `positions` is."""
    constants = {constant.name: constant.shape for constant in graph.constants}
    found = 0
    for node in graph.nodes:
        if node.outputs == [POSITIONS] and node.operator == "Shape":
            found = max((constants.get(name, (0,)) or (0,))[0] for name in node.inputs or [""])
    is_usual = LEAST_POSITIONS <= found <= MOST_POSITIONS
    expect(is_usual, f"expected {LEAST_POSITIONS} to {MOST_POSITIONS:,} positions, found {found}")
    return found


def largest_input(value: Named, sizes: Mapping[str, int]) -> Tensor:
    """An input of the largest batch; ONNX Runtime takes no other type or width than declared."""
    name = value.name.removeprefix(LANGUAGE_MODEL)
    axes = INPUTS.get(name, ("none",))
    expect({*axes} <= {*sizes, ""}, f"input {value.name!r} is not one that a tagger gives")
    is_usual = value.type in TYPES.get(name, (INT64,)) and len(value.shape) == len(axes)
    expect(is_usual, f"input {value.name!r} differs")
    shape = [
        sizes[axis] if axis else declared or 0
        for axis, declared in zip(axes, value.shape, strict=True)
    ]
    expect(min(shape) > 0, f"input {value.name!r} has no width")
    return Tensor(value.type, tuple(shape), is_lengths=value.name == "lengths")


def check_output(name: str, found: Tensor, batch: Batch, graph: Graph) -> None:
    """Raises GraphError where an output is not of the shape that it shall have."""
    if name == POSITIONS and len(batch.ends) == 1:
        expected = Tensor(INT64, (1,), (positions_of(graph),), is_constant=True)
        expect(found == expected, "positions that are not those of a table")
        return
    is_right = found.type == FLOAT and found.shape[:-1] == batch.ends
    expect(is_right, f"output {name!r} has the shape {found.shape}")

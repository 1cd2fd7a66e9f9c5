"""A batch that does not fit into memory, in parts whose gradients add up to the same."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from tagger.errors import TaggerError

SIGNS = (
    *("can't allocate memory", "bad_alloc", "out of memory"),  # torch's on the CPU, C++'s, GPUs'
    *("could not create a primitive", "could not execute a primitive"),  # oneDNN's, without a cause
)
T = TypeVar("T")


class MemoryShortError(TaggerError):
    """There is too little memory for the smallest part of a batch."""


def in_parts(
    items: Sequence[T], learn: Callable[[Sequence[T]], float], forget: Callable[[], None]
) -> tuple[float, int]:
    """The sum of what `learn` gives for the parts of a batch, and how many parts it took.

    One, or where memory does not suffice twice as many each time, after `forget` has undone what
    there was of them. Raises MemoryShortError where a part of one item does not fit.
    """
    number = 1
    while items:
        size = -(-len(items) // number)
        parts = [items[start : start + size] for start in range(0, len(items), size)]
        try:
            return sum([learn(part) for part in parts]), len(parts)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if size == 1:
                raise MemoryShortError(
                    "out of memory although a batch is read one sentence or lane at a time (a "
                    f"smaller hidden_size helps, or preprocess --max-length): {_first_line(error)}"
                ) from None
        forget()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        number *= 2
    return 0.0, 0


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def is_out_of_memory(error: Exception) -> bool:
    """Whether that is what went wrong, on whatever device."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)

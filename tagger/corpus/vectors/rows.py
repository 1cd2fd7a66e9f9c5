"""A row of a file of word vectors, and what all formats have in common."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.errors import VectorsError

Floats = NDArray[np.float32]
LONGEST_LINE = 1 << 20  # bytes; more is no row of vectors, and is not read into memory
KNOWN = "word2vec's text or binary, GloVe's text and fastText's .vec are known"


class Row(NamedTuple):
    """A word as its bytes; `numbers` reads its vector, and raises VectorsError where it is none."""

    word: bytes
    numbers: Callable[[], Floats]


def finite(numbers: NDArray[np.generic] | Sequence[bytes], place: str) -> Floats:
    """The numbers in 32 bits; raises ValueError where one is none, VectorsError for NaN and inf."""
    with np.errstate(over="ignore"):
        found = np.asarray(numbers, np.float32)
    is_finite = np.isfinite(found)
    if not is_finite.all():
        odd = found[~is_finite][0]
        raise VectorsError(f"{place}: expected numbers of 32 bits, found {odd}")
    return found

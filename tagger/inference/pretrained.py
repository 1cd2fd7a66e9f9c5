"""Pretrained word vectors as a model has them: a frozen table in whole numbers of 8 bits.

Training reads the same table as prediction, so what the 8 bits cost is learned with.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.inference.records import VectorsRecord
from tagger.vocabulary import Vocabulary

LARGEST = 127


class Pretrained(msgspec.Struct, frozen=True, kw_only=True):
    """A word's vector is its row of `values` times its scale; those of padding and unknown are 0.

    Shapes: values (words, size), scales (words, 1).
    """

    record: VectorsRecord
    vocabulary: Vocabulary
    values: NDArray[np.int8]
    scales: NDArray[np.float32]


def quantised(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows as whole numbers up to 127 and a scale per row; off by half a scale at most.

    Shape: (words, size) -> the same and (words, 1).
    """
    largest = np.abs(rows).max(1, keepdims=True)
    scales = np.maximum(largest, np.finfo(np.float32).tiny * LARGEST) / np.float32(LARGEST)
    return np.rint(rows / scales).astype(np.int8), scales

"""`weights.safetensors` of a language model: numbers of 32 bits that a network can compute with."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.model_files import read_bytes

LARGEST = 1e6  # of a weight: products of such stay numbers


def read_weights(folder: Path, name: str) -> dict[str, NDArray[np.float32]]:
    """Arrays by name; raises ModelError where they are none, or no such numbers."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path, content = folder / name, read_bytes(folder, name)
    try:
        weights: dict[str, NDArray[np.float32]] = load(content)
    except SafetensorError as error:
        raise ModelError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    except (KeyError, ValueError, TypeError, AttributeError):  # types that numpy does not have
        raise ModelError(f"{path}: expected floats of 32 bits, found others") from None
    for key, weight in weights.items():
        if weight.dtype != np.float32:
            raise ModelError(f"{path}: {key}: expected floats of 32 bits, found {weight.dtype}")
        if weight.size and not np.abs(weight).max() < LARGEST:  # nor where it is no number
            raise ModelError(f"{path}: {key}: has numbers that are beyond all use")
    return weights

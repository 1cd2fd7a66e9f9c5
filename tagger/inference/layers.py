"""Weights by name, as training left them, to the layers of the encoder.

Torch stacks an LSTM's gates as i, f, g, o (input, forget, candidate, output); here they are i, f,
o, g: those with a sigmoid first. The matrices are transposed: states times matrix.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.inference.encoding import LANGUAGE_MODEL

CHARACTER_MODEL = "characters."  # what the names of a character model's weights begin with
Floats = NDArray[np.float32]
Weights = Mapping[str, NDArray[Any]]  # floats, but for tables in 8 bits
DIRECTIONS = ("forward", "backward")


class Direction(msgspec.Struct, frozen=True):
    """One direction of a layer.

    Shapes: inputs (input_size, 4 hidden_size), states (hidden_size, 4 hidden_size), bias
    (4 hidden_size,).
    """

    inputs: Floats
    states: Floats
    bias: Floats


class LSTMLayer(msgspec.Struct, frozen=True):
    """Both directions of a layer."""

    forward: Direction
    backward: Direction

    @property
    def hidden_size(self) -> int:
        """Units per direction."""
        return len(self.forward.states)

    def of(self, direction: str) -> Direction:
        """The weights of `forward` or `backward`."""
        return self.forward if direction == "forward" else self.backward


def part_of(weights: Weights, prefix: str) -> Weights:
    """Those whose names begin with `prefix`, without it."""
    return {
        name.removeprefix(prefix): array
        for name, array in weights.items()
        if name.startswith(prefix)
    }


def language_layer(weights: Weights) -> LSTMLayer:
    """The LSTMs of a language model."""
    return LSTMLayer(*(_direction(weights, f"{name}_model.lstm") for name in DIRECTIONS))


def has_language_model(weights: Weights) -> bool:
    """Whether a language model over words is within."""
    return any(name.startswith(LANGUAGE_MODEL) for name in weights)


def has_character_model(weights: Weights) -> bool:
    """Whether a language model over characters is within."""
    return any(name.startswith(CHARACTER_MODEL) for name in weights)


def context_size(weights: Weights) -> int:
    """How many of the first layer's inputs are projected states, of whatever model is within."""
    return len(weights["projection.weight"]) if "projection.weight" in weights else 0


def without_context(first: LSTMLayer, weights: Weights) -> LSTMLayer:
    """The first layer with the inputs alone that depend on the form."""
    size = len(first.forward.inputs) - context_size(weights)
    return LSTMLayer(
        *(
            Direction(direction.inputs[:size], direction.states, direction.bias)
            for direction in (first.forward, first.backward)
        )
    )


def layers_of(weights: Weights) -> list[LSTMLayer]:
    """The encoder's layers, the first one first."""
    layers: list[LSTMLayer] = []
    while f"encoder.forward_layers.{len(layers)}.weight_ih_l0" in weights:
        directions = [
            _direction(weights, f"encoder.{name}_layers.{len(layers)}") for name in DIRECTIONS
        ]
        layers.append(LSTMLayer(*directions))
    return layers


def _direction(weights: Weights, at: str) -> Direction:
    inputs, states, bias, other_bias = (
        reordered(weights[f"{at}.{part}_l0"], "ifog")
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return Direction(
        np.ascontiguousarray(inputs.T), np.ascontiguousarray(states.T), bias + other_bias
    )


def reordered(stacked: Floats, order: str) -> Floats:
    """Gates from torch's order i, f, g, o to another."""
    gates = dict(zip("ifgo", np.split(stacked, 4), strict=True))
    return np.concatenate([gates[gate] for gate in order])

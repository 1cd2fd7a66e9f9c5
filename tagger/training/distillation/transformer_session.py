"""A fine-tuned transformer at work in torch, on a GPU, where its graph would run on the CPU."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tagger.errors import ModelError
from tagger.inference.folder import WEIGHTS
from tagger.inference.records import TransformerRecord
from tagger.inference.weights import read_weights
from tagger.network.transformer import Transformer, TransformerSizes
from tagger.training.device import autocast, checked_precision
from tagger.training.optimisation import TRANSFORMER

PIECES_AT_ONCE = 16_000  # few would leave a GPU idle
BIAS, WEIGHT = "projection.bias", "projection.weight"


class TransformerSession:
    """What `inference.sessions.Session` is for the transformer's graph, from weights of 32 bits.

    `seconds` is the CPU time that this process has spent in it.
    """

    def __init__(self, folder: Path, record: TransformerRecord, device: torch.device) -> None:
        """Raises ModelError where the folder's weights are none of such a transformer."""
        arrays = read_weights(folder, WEIGHTS)
        weights = {name: torch.from_numpy(array) for name, array in arrays.items()}
        try:
            with torch.device("meta"):
                network = Transformer(_sizes(record, weights))
            own = {k.removeprefix(TRANSFORMER): v for k, v in weights.items() if TRANSFORMER in k}
            network.load_state_dict(own, assign=True)
            self._weight, self._bias = (weights[name].to(device) for name in (WEIGHT, BIAS))
        except (KeyError, RuntimeError) as error:
            problem = " ".join(str(error).split())
            raise ModelError(
                f"{folder / WEIGHTS}: not those of its transformer: {problem}"
            ) from None
        self._network = network.to(device).eval()
        self._device = device
        self._precision = checked_precision("auto", device)
        self.seconds = 0.0

    @torch.inference_mode()
    def run(
        self,
        inputs: Mapping[str, NDArray[Any]],
        outputs: Sequence[str] | None = None,
        *,
        problem: str = "",
    ) -> list[NDArray[np.float32]]:
        """The context of each token, the only output there is. Shape: (tokens, size)."""
        begun = time.process_time()
        given = {name: torch.from_numpy(ids).to(self._device) for name, ids in inputs.items()}
        with autocast(self._precision, self._device):
            states = self._network(given["pieces"], given["lengths"])
        picked = states.flatten(0, 1)[given["places"]]
        context = functional.linear(picked.float(), self._weight, self._bias).tanh()
        found = context.cpu().numpy()
        self.seconds += time.process_time() - begun
        return [found]


def _sizes(record: TransformerRecord, weights: Mapping[str, Tensor]) -> TransformerSizes:
    """As the record and the shapes of the weights have it; raises KeyError where one is missing."""
    return TransformerSizes(
        num_pieces=len(weights[TRANSFORMER + "pieces.weight"]),
        positions=len(weights[TRANSFORMER + "positions.weight"]),
        hidden_size=record.hidden_size,
        inner_size=len(weights[TRANSFORMER + "layers.0.inner.weight"]),
        layers=record.layers,
        heads=record.heads,
        activation=record.activation,
        epsilon=record.epsilon,
    )

"""Everything a training is at one moment, in one object: what an exact resume needs."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tagger.network.model import Network
from tagger.training.device import device_of, random_state, set_random_state


@dataclass(slots=True)
class TrainingState:
    """Weights, optimiser, averages, schedule position, random states, history, best weights.

    `epoch` and `batch` say which batch comes next (both from 0); `plan` is the order of the
    epoch's batches. `setbacks` counts the losses that were no number; each halved the learning
    rate. torch's global random state belongs to it too.
    """

    network: Network
    average: dict[str, Tensor]
    optimiser: torch.optim.AdamW
    random: np.random.Generator
    scaler: torch.amp.GradScaler
    step: int = 0
    setbacks: int = 0
    epoch: int = 0
    batch: int = 0
    plan: list[list[int]] = field(default_factory=list)
    loss_sum: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)
    best_score: float = -1.0
    best_epoch: int = -1
    best: dict[str, Tensor] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """A copy of all that changes, as tensors, numbers, strings, lists and dicts."""
        return {
            "network": {k: v.clone() for k, v in self.network.state_dict().items()},
            "average": {k: v.clone() for k, v in self.average.items()},
            "optimiser": cloned(self.optimiser.state_dict()),
            "random": self.random.bit_generator.state,
            "torch_random": torch.get_rng_state(),
            "device_random": random_state(device_of(self.network)),
            "scaler": cloned(self.scaler.state_dict()),
            "best": {k: v.clone() for k, v in self.best.items()},
            **{name: cloned(getattr(self, name)) for name in _PLAIN},
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Back to the moment at which `as_dict` was called, also in another process."""
        self.network.load_state_dict(saved["network"])
        device = device_of(self.network)
        self.average = {k: v.to(device, copy=True) for k, v in saved["average"].items()}
        self.optimiser.load_state_dict(cloned(saved["optimiser"]))  # torch keeps what it gets
        self.random.bit_generator.state = saved["random"]
        torch.set_rng_state(saved["torch_random"])
        set_random_state(device, saved.get("device_random"))
        if saved.get("scaler"):
            self.scaler.load_state_dict(saved["scaler"])
        self.best = {k: v.clone() for k, v in saved["best"].items()}
        for name in _PLAIN:
            setattr(self, name, cloned(saved.get(name, 0)))  # setbacks are none in older files


_PLAIN = (
    "step",
    "setbacks",
    "epoch",
    "batch",
    "plan",
    "loss_sum",
    "history",
    "best_score",
    "best_epoch",
)


def cloned(value: Any) -> Any:
    """A copy of tensors, lists and dicts, however deep."""
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {k: cloned(v) for k, v in value.items()}
    if isinstance(value, list):
        return [cloned(v) for v in value]
    return value

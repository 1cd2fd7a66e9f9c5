"""Everything a language model's training is at one moment, in one object."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from tagger.network.character_model import CharacterModel
from tagger.network.language_model import LanguageModel
from tagger.training.device import device_of, random_state, set_random_state
from tagger.training.state import cloned

LanguageNetwork = LanguageModel | CharacterModel


@dataclass(slots=True)
class PretrainingState:
    """Everything a language model's training is at one moment: what an exact resume needs.

    Shapes: positions (2, lanes), states (2, 2, lanes, hidden_size): direction, then hidden state
    and memory. `setbacks` is as in `TrainingState`.
    """

    network: LanguageNetwork
    optimiser: torch.optim.AdamW
    scaler: torch.amp.GradScaler
    positions: Tensor
    states: Tensor
    step: int = 0
    setbacks: int = 0
    tokens: int = 0
    loss_sum: float = 0.0
    loss_tokens: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """A copy of all that changes, as tensors, numbers, strings, lists and dicts."""
        changing = {
            "network": dict(self.network.state_dict()),
            "optimiser": self.optimiser.state_dict(),
            "positions": self.positions,
            "states": self.states,
            "torch_random": torch.get_rng_state(),
            "device_random": random_state(device_of(self.network)),
            "scaler": self.scaler.state_dict(),
            **{name: getattr(self, name) for name in _PLAIN},
        }
        copy: dict[str, Any] = cloned(changing)
        return copy

    def restore(self, saved: dict[str, Any]) -> None:
        """Back to the moment at which `as_dict` was called, also in another process."""
        self.network.load_state_dict(saved["network"])
        self.optimiser.load_state_dict(cloned(saved["optimiser"]))  # torch keeps what it gets
        self.positions.copy_(saved["positions"])
        self.states.copy_(saved["states"])
        torch.set_rng_state(saved["torch_random"])
        set_random_state(device_of(self.network), saved.get("device_random"))
        if saved.get("scaler"):
            self.scaler.load_state_dict(saved["scaler"])
        for name in _PLAIN:
            setattr(self, name, cloned(saved.get(name, 0)))  # setbacks are none in older files


_PLAIN = ("step", "setbacks", "tokens", "loss_sum", "loss_tokens", "history")

"""How weights change: AdamW, the learning rate's course, averaged weights.

AdamW: Loshchilov and Hutter 2019. Averaging: Polyak and Juditsky 1992, as an exponential moving
average.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tagger.training.settings import Optimisation

LEAST_BATCH_TOKENS = 100
TRANSFORMER = "transformer."  # what the names of its weights begin with
NO_RATES: Mapping[str, float] = {}


class Schedule(NamedTuple):
    """How often all is read, and in batches of how many tokens."""

    epochs: int
    batch_tokens: int


def plan_schedule(settings: Optimisation, num_tokens: int) -> Schedule:
    """The settings' epochs and batch size; what they leave open fits a corpus of `num_tokens`.

    A small one gets smaller batches, down to LEAST_BATCH_TOKENS, and then more epochs, until it
    makes about `least_steps` steps.
    """
    batch_tokens = settings.batch_tokens
    if batch_tokens is None:
        wanted = settings.usual_epochs * num_tokens // settings.least_steps
        batch_tokens = min(settings.usual_batch_tokens, max(LEAST_BATCH_TOKENS, wanted))
    epochs = settings.epochs
    if epochs is None:
        steps_per_epoch = max(1, num_tokens // batch_tokens)
        epochs = max(settings.usual_epochs, -(-settings.least_steps // steps_per_epoch))
    return Schedule(epochs, batch_tokens)


def make_optimiser(
    network: nn.Module, settings: Optimisation, own_rates: Mapping[str, float] = NO_RATES
) -> torch.optim.AdamW:
    """AdamW over all weights; biases are not decayed.

    Those whose names begin with a key of `own_rates` have the rate that it says.
    """
    inner: dict[str, list[nn.Parameter]] = {prefix: [] for prefix in own_rates}
    others: list[nn.Parameter] = []
    for name, weights in network.named_parameters():
        prefix = next((prefix for prefix in own_rates if name.startswith(prefix)), None)
        (others if prefix is None else inner[prefix]).append(weights)
    groups = _groups(others)
    for prefix, of_part in inner.items():
        if of_part:
            groups += [{**group, "lr": own_rates[prefix]} for group in _groups(of_part)]
    return torch.optim.AdamW(
        groups,
        lr=settings.learning_rate,
        betas=(0.9, 0.99),
        weight_decay=settings.weight_decay,
        fused=True,
    )


def _groups(parameters: Sequence[nn.Parameter]) -> list[dict[str, Any]]:
    return [
        {"params": [p for p in parameters if p.ndim > 1]},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


def learning_rate(step: int, num_steps: int, settings: Optimisation) -> float:
    """The rate at a step (from 0): a linear rise over `warm_up`, then a linear fall to 0."""
    warm_up = max(1, round(settings.warm_up * num_steps))
    if step < warm_up:
        return settings.learning_rate * (step + 1) / warm_up
    return settings.learning_rate * max(0.0, num_steps - step) / max(1, num_steps - warm_up)


def clip_gradients(network: nn.Module, most: float) -> None:
    """Scales all gradients down where their norm together is higher."""
    weights = list(network.parameters())
    is_mps = weights[0].device.type == "mps"  # torch has no joint kernel there
    torch.nn.utils.clip_grad_norm_(weights, most, foreach=None if is_mps else True)


@torch.no_grad()
def update_average(average: dict[str, Tensor], network: nn.Module, decay: float, step: int) -> None:
    """Moves the average towards the weights; early on faster, so that it forgets the beginning."""
    weight = 1.0 - min(decay, (1 + step) / (10 + step))
    current = network.state_dict()
    torch._foreach_lerp_([average[k] for k in current], list(current.values()), weight)

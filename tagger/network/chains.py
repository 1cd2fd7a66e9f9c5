"""The log-partition of linear chains and its gradient, by the forward-backward algorithm.

The gradient of a log-partition is made of marginals (Sutton and McCallum 2012, section 4.3), so
both recursions run at once, in one loop, and nothing is left to be differentiated step by step: a
third of the kernels, whose number is what such a loop costs on a GPU.
"""

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tagger.network.lstm import mirrored_positions, rearranged

SMALLEST = 1e-300  # under this share of a step's probability a tag counts as not reached


def log_partition(
    emissions: Tensor, mask: Tensor, start: Tensor, between: Tensor, end: Tensor
) -> Tensor:
    """Log-sum of the scores of all tag sequences of each sentence. All in float64.

    Shapes: emissions (batch, length, num_tags), mask (batch, length), start and end (num_tags,),
    between (num_tags, num_tags) -> (batch,). Every sentence needs at least one unmasked token,
    unmasked ones come first.
    """
    found = _LogPartition.apply(emissions, mask, start, between, end)  # type: ignore[no-untyped-call]
    return cast(Tensor, found)


class _LogPartition(torch.autograd.Function):
    @staticmethod
    def forward(
        context: Any, emissions: Tensor, mask: Tensor, start: Tensor, between: Tensor, end: Tensor
    ) -> Tensor:
        emissions, mask = emissions.transpose(0, 1), mask.T
        mirror = mirrored_positions(mask.sum(0), len(mask))
        both = torch.stack([emissions, rearranged(emissions, mirror)])
        steps = torch.stack([between, between.T]).exp()
        reached, chances, scales = _chained(both, torch.stack([start, end]), steps)
        last, sentences = mask.sum(0) - 1, torch.arange(mask.shape[1], device=mask.device)
        ending = chances[0, last, sentences].clamp_(min=SMALLEST).log_() + end
        of_rest, onward = rearranged(reached[1], mirror), rearranged(chances[1], mirror)
        context.save_for_backward(chances[0], of_rest, onward, steps[0], mask, ending)
        return ending.logsumexp(1) + (scales[0] * mask).sum(0)

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        chances, of_rest, onward, steps, mask, ending = context.saved_tensors
        weights = (gradient * mask).unsqueeze(2)
        of_tokens = chances * of_rest
        of_tokens *= weights / of_tokens.sum(2, keepdim=True).clamp_(min=SMALLEST)
        total = ((chances[:-1] @ steps) * onward[1:]).sum(2, keepdim=True).clamp_(min=SMALLEST)
        shares = onward[1:] * (weights[1:] / total)
        of_steps = steps * (chances[:-1].flatten(0, 1).T @ shares.flatten(0, 1))
        of_ends = ending.softmax(1) * gradient.unsqueeze(1)
        of_starts = of_tokens[0].sum(0)
        return of_tokens.transpose(0, 1), None, of_starts, of_steps, of_ends.sum(0)


def _chained(emissions: Tensor, starts: Tensor, steps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of each position how the tags are reached, without and with its emissions, and a scale.

    Both are shares: of the sum so far, and of the best tag's, whose log is the scale, which adds
    to those of the positions before. Scores of one step may differ by 690. Shapes: emissions
    (chains, length, batch, num_tags), starts (chains, num_tags), steps (chains, num_tags,
    num_tags) -> twice that of emissions, (chains, length, batch).
    """
    highest, best = starts.amax(1, keepdim=True), emissions.amax(3, keepdim=True)
    emitted = (emissions - best).exp_()
    reached, scales = torch.empty_like(emissions), torch.empty_like(best)
    reached[:, 0] = (starts - highest).exp_().clamp_(min=SMALLEST).unsqueeze(1)
    for i in range(emissions.shape[1]):
        if i:
            torch.clamp(emitted[:, i - 1] @ steps, min=SMALLEST, out=reached[:, i])
        emitted[:, i] *= reached[:, i]
        torch.amax(emitted[:, i], 2, keepdim=True, out=scales[:, i])
        emitted[:, i] /= scales[:, i]
    logs = scales.log_().add_(best).squeeze(3)
    logs[:, 0] += highest
    return reached, emitted, logs

"""Heads: encoder states to emissions, and the loss against gold tags. One per task.

Softmax and CRF have the same three methods beside `forward`: `loss`, `soft_loss` and `transitions`.
"""

from typing import Literal

from torch import Tensor, nn

from tagger.inference.decoding import Transitions
from tagger.network.crf import CRF
from tagger.tasks import IGNORED

HeadKind = Literal["softmax", "crf"]


class Head(nn.Module):
    """A linear layer to one score per tag, in fp32 at least, also under autocast.

    Shape: (…, input_size) -> (…, num_tags).
    """

    def __init__(self, *, input_size: int, legal: Transitions) -> None:
        super().__init__()
        self.linear = nn.Linear(input_size, len(legal.start))
        self.legal = legal
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, states: Tensor) -> Tensor:
        emissions: Tensor = self.linear(states)
        return emissions.float() if emissions.dtype.itemsize < 4 else emissions


class SoftmaxHead(Head):
    """Every token's tag for itself."""

    def loss(self, emissions: Tensor, tags: Tensor) -> Tensor:
        """Sum of the negative log-likelihoods of the gold tags; shapes as in `CRFHead.loss`."""
        return nn.functional.cross_entropy(
            emissions.flatten(0, 1), tags.flatten(), ignore_index=IGNORED, reduction="sum"
        )

    def soft_loss(self, emissions: Tensor, distributions: Tensor, temperature: float) -> Tensor:
        """Sum of the cross-entropies against a teacher's; shapes as in `CRFHead.soft_loss`."""
        return -((emissions / temperature).log_softmax(-1) * distributions).sum()

    def transitions(self) -> Transitions:
        """What the scheme allows."""
        return self.legal


class CRFHead(Head):
    """A sentence's tags as one sequence."""

    def __init__(self, *, input_size: int, legal: Transitions) -> None:
        super().__init__(input_size=input_size, legal=legal)
        self.crf = CRF(legal)

    def loss(self, emissions: Tensor, tags: Tensor) -> Tensor:
        """Sum of the negative log-likelihoods of the gold sequences.

        Shapes: emissions (batch, length, num_tags), tags (batch, length) with IGNORED beyond the
        sentence's end. A sentence with no tags at all, or with a token before its last tag that
        has none, counts for nothing.
        """
        mask = tags != IGNORED
        tagged = _without_holes(mask)
        if not tagged.any():
            return emissions.sum() * 0.0
        return self.crf.loss(emissions[tagged], tags[tagged], mask[tagged]).sum()

    def soft_loss(self, emissions: Tensor, distributions: Tensor, temperature: float) -> Tensor:
        """Sum of the expected negative log-likelihoods under a teacher's probabilities.

        Shapes: emissions and distributions (batch, length, num_tags) -> (). Rows of tokens of which
        the teacher says nothing, and beyond a sentence's end, are 0; a sentence with such a row
        before its last other one, or with no other, counts for nothing.
        """
        mask = distributions.sum(-1) > 0
        tagged = _without_holes(mask)
        if not tagged.any():
            return emissions.sum() * 0.0
        return self.crf.soft_loss(
            emissions[tagged], distributions[tagged], mask[tagged], temperature
        ).sum()

    def transitions(self) -> Transitions:
        """The learned scores of the legal steps."""
        return self.crf.transitions()


def _without_holes(mask: Tensor) -> Tensor:
    """Which rows begin with True and have no False before a True. Shape: (batch,)."""
    has_hole = (mask[:, 1:] & ~mask[:, :-1]).any(1)
    return mask[:, 0] & ~has_hole


HEADS: dict[HeadKind, type[SoftmaxHead] | type[CRFHead]] = {"softmax": SoftmaxHead, "crf": CRFHead}

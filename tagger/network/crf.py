"""A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001).

Scores of tag sequences, their normaliser and the loss. The best sequence is found in
`inference/decoding`, which needs no torch.
"""

import torch
from torch import Tensor, nn

from tagger.inference.decoding import FORBIDDEN, Transitions
from tagger.network.chains import log_partition


class CRF(nn.Module):
    """Learned transition scores over those that the tag scheme allows.

    `legal` holds 0 for an allowed step and a large negative score for a forbidden one; forbidden
    steps stay forbidden whatever is learned.
    """

    start_legal: Tensor
    between_legal: Tensor
    end_legal: Tensor

    def __init__(self, legal: Transitions) -> None:
        super().__init__()
        num_tags = len(legal.start)
        self.start = nn.Parameter(torch.zeros(num_tags))
        self.between = nn.Parameter(torch.zeros(num_tags, num_tags))
        self.end = nn.Parameter(torch.zeros(num_tags))
        for name in ("start", "between", "end"):
            values = torch.tensor(getattr(legal, name))
            self.register_buffer(f"{name}_legal", values, persistent=False)

    def scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Start (num_tags,), between (num_tags, num_tags) and end (num_tags,), all legal."""
        return (
            self.start.masked_fill(self.start_legal < 0, FORBIDDEN),
            self.between.masked_fill(self.between_legal < 0, FORBIDDEN),
            self.end.masked_fill(self.end_legal < 0, FORBIDDEN),
        )

    def transitions(self) -> Transitions:
        """The scores as arrays, for decoding."""
        start, between, end = (score.detach().cpu().numpy() for score in self.scores())
        return Transitions(start, between, end)

    def loss(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Negative log-likelihood of each sentence's tags.

        Shapes: emissions (batch, length, num_tags), tags (batch, length), mask (batch, length)
        -> (batch,). Every sentence needs at least one unmasked token, unmasked ones come first.
        """
        return self.log_partition(emissions, mask) - self.score(emissions, tags, mask)

    def soft_loss(
        self, emissions: Tensor, distributions: Tensor, mask: Tensor, temperature: float = 1.0
    ) -> Tensor:
        """Expected negative log-likelihood of tags that are drawn token by token.

        Each token's tag by its row of `distributions`, independently of the others; all scores are
        divided by `temperature`. Forbidden steps, which such draws may take, count as 0.
        Shapes: emissions and distributions (batch, length, num_tags), mask (batch, length)
        -> (batch,). Rows beyond a sentence's end are 0.
        """
        starts, steps, ends = (
            score.masked_fill(score <= FORBIDDEN, 0.0) for score in self.scores()
        )
        last = distributions[torch.arange(len(mask)), mask.sum(1) - 1]
        stepped = ((distributions[:, :-1] @ steps) * distributions[:, 1:]).sum((1, 2))
        expected = (emissions * distributions).sum((1, 2)) + stepped
        expected = expected + distributions[:, 0] @ starts + last @ ends
        normaliser = self.log_partition(emissions / temperature, mask, temperature)
        return normaliser - expected / temperature

    def score(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """The score of one tag sequence per sentence; shapes as in `loss`."""
        start, between, end = self.scores()
        tags = tags.masked_fill(~mask, 0)
        emitted = emissions.gather(2, tags.unsqueeze(2)).squeeze(2)
        stepped = between[tags[:, :-1], tags[:, 1:]]
        last = tags.gather(1, mask.sum(1, keepdim=True) - 1).squeeze(1)
        return (
            start[tags[:, 0]] + (emitted * mask).sum(1) + (stepped * mask[:, 1:]).sum(1) + end[last]
        )

    def log_partition(self, emissions: Tensor, mask: Tensor, temperature: float = 1.0) -> Tensor:
        """Log-sum of the scores of all legal tag sequences; shapes as in `loss`.

        Scores of transitions are divided by `temperature`. It is made in float64 (see `chains`),
        which Apple's GPUs do not have: there the CPU makes it.
        """
        device = torch.device("cpu") if emissions.device.type == "mps" else emissions.device
        scores = (score.to(device).double() / temperature for score in self.scores())
        found = log_partition(emissions.to(device).double(), mask.to(device), *scores)
        return found.to(emissions)

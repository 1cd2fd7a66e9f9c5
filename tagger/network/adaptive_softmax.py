"""A softmax over many words that spends little on the rare ones (Grave et al. 2017).

torch's own does not work under autocast (its sums are of one type, its terms of another).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

DIVISOR = 2  # each class of rarer targets is told apart in so many times fewer dimensions


class AdaptiveSoftmax(nn.Module):
    """The most frequent targets and the classes of rarer ones in a head, each class by itself.

    Targets are numbered by frequency; a class ends before each of `cutoffs`, the first of which
    ends the head's own targets, and at `num_targets`.
    """

    def __init__(self, *, input_size: int, num_targets: int, cutoffs: tuple[int, ...]) -> None:
        super().__init__()
        self.ends = [*(cutoff for cutoff in cutoffs if cutoff < num_targets), num_targets]
        self.head = nn.Linear(input_size, self.ends[0] + len(self.ends) - 1)
        self.narrow = nn.ModuleList()
        self.classes = nn.ModuleList()
        for i, (start, end) in enumerate(pairwise(self.ends), start=1):
            size = max(4, input_size // DIVISOR**i)
            self.narrow.append(nn.Linear(input_size, size, bias=False))
            self.classes.append(nn.Linear(size, end - start))
        for module in (self.head, *self.classes):
            nn.init.zeros_(module.bias)

    def losses(self, states: Tensor, targets: Tensor) -> Tensor:
        """Negative log-likelihood of each target, in fp32.

        Shapes: states (tokens, input_size), targets (tokens,) -> (tokens,).
        """
        in_head = targets.clone()
        of_classes = []
        for i, (start, end) in enumerate(pairwise(self.ends)):
            found = ((targets >= start) & (targets < end)).nonzero().squeeze(1)
            in_head[found] = self.ends[0] + i
            if len(found):
                scores = self.classes[i](self.narrow[i](states[found])).float()
                within = cross_entropy(scores, targets[found] - start, reduction="none")
                of_classes.append((found, within))
        losses = cross_entropy(self.head(states).float(), in_head, reduction="none")
        for found, within in of_classes:
            losses = losses.index_add(0, found, within)
        return losses

    def log_probabilities(self, states: Tensor) -> Tensor:
        """Of every target. Shapes: states (tokens, input_size) -> (tokens, num_targets)."""
        head = self.head(states).float().log_softmax(1)
        parts = [head[:, : self.ends[0]]]
        for i, (narrow, rare) in enumerate(zip(self.narrow, self.classes, strict=True)):
            of_class = head[:, self.ends[0] + i].unsqueeze(1)
            parts.append(of_class + rare(narrow(states)).float().log_softmax(1))
        return torch.cat(parts, dim=1)

"""Dropout for sequences: one mask for a whole sentence, and words that turn unknown."""

import torch
from torch import Tensor, nn


class LockedDropout(nn.Module):
    """Drops the same features at every position of a sentence (Gal and Ghahramani 2016).

    Shape: (batch, length, size) -> the same.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, states: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return states
        keep = 1.0 - self.rate
        mask = states.new_empty(states.shape[0], 1, states.shape[2]).bernoulli_(keep)
        return states * (mask / keep)


class WordDropout(nn.Module):
    """Replaces words by the unknown word, so that its vector is learned too.

    Shape: word ids (batch, length) -> the same.
    """

    def __init__(self, rate: float, unknown_id: int) -> None:
        super().__init__()
        self.rate = rate
        self.unknown_id = unknown_id

    def forward(self, words: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return words
        dropped = torch.rand(words.shape, device=words.device) < self.rate
        return words.masked_fill(dropped, self.unknown_id)

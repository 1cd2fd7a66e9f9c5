"""Sentences to what a model thinks of each token: a probability for every tag of every task."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tagger.inference.forward_backward import marginals
from tagger.inference.pipeline import batched_by_length

if TYPE_CHECKING:
    from tagger.inference.pipeline import Tagger

Floats = NDArray[np.floating[Any]]


def distributions(tagger: "Tagger", sentences: Sequence[Sequence[str]]) -> list[dict[str, Floats]]:
    """Of each sentence (of at least one token) by task. Shape: (length, num_tags).

    A chain's are its marginals. Sentences are read whole, so none should be very long.
    """
    heads = tagger.description.heads
    transitions = [head.transitions() for head in heads]
    lengths = [len(sentence) for sentence in sentences]
    found: list[dict[str, Floats]] = [{} for _ in sentences]
    order = sorted(range(len(sentences)), key=lengths.__getitem__)
    for indices in batched_by_length(order, lengths):
        sizes = [lengths[i] for i in indices]
        emissions = tagger.runtime.emissions([sentences[i] for i in indices])
        for head, of_head, chain in zip(heads, emissions, transitions, strict=True):
            chances = marginals(of_head, sizes, chain).tokens
            for i, size, row in zip(indices, sizes, chances, strict=True):
                found[i][head.task.name] = row[:size]
    return found

"""The largest batch that would fit into memory, told before the first step.

On a GPU the fullest batch of the corpus and half of it are learned for a trial, and torch says what
that took at most: a part for each token, and a part that does not depend on them. On the CPU nobody
says; there the batch is read forward only, and what is kept for the way back is counted. Measured
for six networks and batches, a step took 0.57 to 1.14 times as much (docs/several.md).

Nothing of the training changes: no weight, no random number, no step.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from tagger.training.batches import EncodedSentence, SoftSentence, count_tagged, plan_batches
from tagger.training.device import autocast
from tagger.training.free_memory import free_bytes
from tagger.training.loop import Training
from tagger.training.memory import is_out_of_memory

USABLE = 0.9  # of what is free: some is lost between tensors, other programs want some
BEYOND_KEPT = 1.25  # a step on the CPU at most, against what is kept for the way back
Sentences = Sequence[EncodedSentence | SoftSentence]


class Cost(NamedTuple):
    """Bytes that a step takes, beside what the training holds already."""

    fixed: float
    per_token: float

    def of(self, tokens: float) -> float:
        """What a batch of so many tokens takes, padding included."""
        return self.fixed + self.per_token * tokens


class Headroom(NamedTuple):
    """What is free, and what a step takes with the fullest batch, in bytes; and sizes in tokens.

    `fullest` is that batch, padding included, `longest` the longest sentence, and `largest` the
    most that fits; 0 if not even one sentence does, when `needed` is not known and 0 too.
    """

    free: int
    needed: int
    fullest: int
    longest: int
    largest: int

    @property
    def is_enough(self) -> bool:
        """Whether all batches fit as they are."""
        return self.fullest <= self.largest


def headroom(training: Training) -> Headroom | None:
    """How a training that has not begun fits into memory; None where it is not known what is free.

    Each of several ranks has its share of a batch, and on the CPU of the memory.
    """
    free = free_bytes(training.device)
    if free is None:
        return None
    ranks = training.group.size
    if training.device.type == "cpu" and ranks > 1:
        free //= int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    batch = _fullest(training)
    fullest, longest = _tokens(batch), max(training.lengths)
    cost = _cost(training, training.group.share(batch) or batch[:1])
    if cost is None:
        return Headroom(free=free, needed=0, fullest=fullest, longest=longest, largest=0)
    largest = ranks * max(0.0, USABLE * free - cost.fixed) / cost.per_token
    return Headroom(
        free=free,
        needed=round(cost.of(fullest / ranks)),
        fullest=fullest,
        longest=longest,
        largest=_rounded(largest),
    )


def _rounded(number: float) -> int:
    """Down to two digits, which is more than is known."""
    unit: int = 10 ** max(0, len(str(int(number))) - 2)
    return int(number) // unit * unit


def _cost(training: Training, sentences: Sentences) -> Cost | None:
    """Of a step with some sentences, or with as many as fit; None if none does."""
    device, network = training.device, training.state.network
    probe = _measured if device.type == "cuda" else _counted
    was_training = network.training
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        network.train()
        try:
            found = _of_what_fits(sentences, lambda some: probe(training, some))
        finally:
            training.state.optimiser.zero_grad(set_to_none=True)
            network.train(was_training)
    return None if found is None else Cost(found.fixed + _to_come(training), found.per_token)


def _fullest(training: Training) -> Sentences:
    """Of the batches with the most tokens that with the longest sentences."""
    lengths = training.lengths
    plan = plan_batches(lengths, training.schedule.batch_tokens, None)

    def size(batch: Sequence[int]) -> tuple[int, int]:
        longest = max(lengths[i] for i in batch)
        return longest * len(batch), longest

    return training.data.sentences(max(plan, key=size))


def _of_what_fits(sentences: Sentences, probe: Callable[[Sentences], Cost]) -> Cost | None:
    while True:
        try:
            return probe(sentences)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
        if len(sentences) == 1:
            return None
        sentences = sentences[-(len(sentences) // 2) :]


def _to_come(training: Training) -> int:
    """What a training takes beside its batches: AdamW's moments, and what it computes from them.

    The best weights, and those of the step while the averaged ones are scored.
    """
    weights = _bytes(training.state.network.parameters())
    return 3 * weights + 2 * _bytes(training.state.average.values())


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _tokens(sentences: Sentences) -> int:
    """Padding included."""
    return len(sentences) * max(map(len, sentences))


def _loss(training: Training, sentences: Sentences) -> Tensor:
    num_tagged = count_tagged(sentences, training.tasks)
    batch = training.data.batch(sentences).to(training.device)
    with autocast(training.precision, training.device):
        return batch.loss(training.state.network, num_tagged)


def _counted(training: Training, sentences: Sentences) -> Cost:
    """By what is kept for the way back, weights apart; their gradients are what is fixed."""
    weights = {w.untyped_storage().data_ptr() for w in training.state.network.parameters()}
    kept: dict[int, tuple[int, Tensor]] = {}  # tensors too, so that no place is given twice

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        _loss(training, sentences)
    total = sum(size for size, _ in kept.values())
    fixed = _bytes(training.state.network.parameters())
    return Cost(fixed, BEYOND_KEPT * total / _tokens(sentences))


def _measured(training: Training, sentences: Sentences) -> Cost:
    """By the peaks of two trial steps on a GPU; gradients are in them."""
    before = torch.cuda.memory_allocated(training.device)
    half = sentences[-(len(sentences) // 2) :] if len(sentences) > 1 else ()
    peaks = [_peak(training, some) - before for some in (half, sentences) if some]
    if len(peaks) == 1:
        fixed = float(_bytes(training.state.network.parameters()))
        return Cost(fixed, max(1.0, (peaks[0] - fixed) / _tokens(sentences)))
    more = _tokens(sentences) - _tokens(half)
    per_token = max(1.0, (peaks[1] - peaks[0]) / more)
    return Cost(max(0.0, peaks[1] - per_token * _tokens(sentences)), per_token)


def _peak(training: Training, sentences: Sentences) -> int:
    """The most bytes that tensors took while a batch was learned."""
    training.state.optimiser.zero_grad(set_to_none=True)
    torch.cuda.reset_peak_memory_stats(training.device)
    _loss(training, sentences).backward()  # type: ignore[no-untyped-call]
    most: int = torch.cuda.max_memory_allocated(training.device)
    return most

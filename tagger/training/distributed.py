"""Several processes that train one network together, on one machine or on many.

Each process is a rank. All hold the same weights, each reads its share of every batch, and the
gradients are added up before each step: one sum over all of them, flattened, with the loss. That is
simpler than torch's DistributedDataParallel, and exact: a share may be empty or read in pieces, a
weight without a gradient stays without one, and what is divided by is the whole batch's number of
tagged tokens, which every rank knows, so that the sum is the gradient of one process that reads the
whole batch. One process is a group of one, for which there is nothing to add up.

`torchrun` says in the environment who a process is. Tensors on the CPU go by gloo, on CUDA by NCCL.
TAGGER_TIMEOUT says there how many seconds the others may take for their share of a step.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from tagger.errors import TaggerError, UsageError

TIMEOUT = "TAGGER_TIMEOUT"
USUAL_SECONDS = 1800.0  # so long the others may take for their share of a step
MEETING = timedelta(minutes=30)  # so long they may take to start
LONG = timedelta(days=30)  # so long the first may take for what it does alone
POLL_SECONDS = 0.2
_source = re.compile(r"\[[^\]\s]*\.(?:cc|cpp|h|hpp):\d+\] *").sub
T = TypeVar("T")


class DistributedError(TaggerError):
    """The other processes of a training are not there any more, or do not answer."""


class Group:
    """The ranks of a training, seen from one of them; by default it is alone."""

    def __init__(
        self,
        *,
        rank: int = 0,
        size: int = 1,
        prompt: dist.ProcessGroup | None = None,
        patient: dist.ProcessGroup | None = None,
    ) -> None:
        self.rank = rank
        self.size = size
        self._prompt = prompt  # the same processes, which have to answer in time
        self._patient = patient  # and in no hurry

    @property
    def is_first(self) -> bool:
        """Whether this is the rank that speaks and writes."""
        return self.rank == 0

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """This rank's part: every item is in one rank's; none where there are too few."""
        return items[self.rank :: self.size]

    def seed(self, seed: int, step: int) -> None:
        """Gives every rank but the first random numbers of its own for a step.

        The first goes on with its own, which are in the checkpoint: so that holds as little as that
        of one process, and may be gone on with by any number of ranks.
        """
        if self.rank:
            found = np.random.SeedSequence((seed, step, self.rank)).generate_state(1, np.uint64)
            torch.manual_seed(int(found[0]))

    def add_up(self, weights: Iterable[Tensor], loss: float, *others: Tensor) -> float:
        """Makes the ranks' gradients, and any other tensors, their sums; gives the loss's sum.

        A weight that has a gradient on one rank has it on all.
        """
        if self.size == 1:
            return loss
        weights = list(weights)
        parts = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
        parts += others
        there = parts[0].new_tensor([float(w.grad is not None) for w in weights] + [loss])
        flat = torch.cat([*(part.flatten() for part in parts), there])
        with self._speaking():
            carried = flat.cpu() if flat.device.type == "mps" else flat  # no backend of its own
            dist.all_reduce(carried, group=self._prompt)
        flat = carried.to(flat.device)
        sums = torch.split(flat, [*(part.numel() for part in parts), len(there)])
        for part, total in zip(parts, sums[:-1], strict=True):
            part.copy_(total.view_as(part))
        *is_there, loss_sum = sums[-1].tolist()
        for weight, part, found in zip(weights, parts, is_there, strict=False):
            weight.grad = part if found else None
        return float(loss_sum)

    def highest(self, number: int) -> int:
        """The highest of the ranks' numbers, known to all of them."""
        if self.size == 1:
            return number
        found = torch.tensor(number)
        with self._speaking():
            dist.all_reduce(found, dist.ReduceOp.MAX, group=self._prompt)
        return int(found)

    def gathered(self, value: T) -> list[T]:
        """What each rank has, on all of them."""
        if self.size == 1:
            return [value]
        found: list[Any] = [None] * self.size
        with self._speaking():
            dist.all_gather_object(found, value, group=self._prompt)
        return found

    def of_first(self, make: Callable[[], T]) -> T:
        """What the first rank makes, on all of them; the others wait as long as it takes."""
        if self.size == 1:
            return make()
        found: list[Any] = [make() if self.is_first else None]
        with self._speaking():
            self.wait()
            dist.broadcast_object_list(found, group=self._prompt)
        made: T = found[0]
        return made

    def wait(self) -> None:
        """Until all ranks are here, also when that takes hours; signals are heard meanwhile."""
        if self.size == 1:
            return
        with self._speaking():
            arrived = dist.all_reduce(torch.zeros(()), group=self._patient, async_op=True)
            while not arrived.is_completed():
                time.sleep(POLL_SECONDS)
            arrived.wait()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Raises DistributedError where another rank has ended or does not answer."""
        try:
            yield
        except RuntimeError as error:
            raise DistributedError(
                f"expected an answer of all {self.size} processes within {answer_seconds():g} "
                f"seconds ({TIMEOUT}), found that one has ended or does not answer: "
                f"{_problem(error)} (--resume goes on from the last state)"
            ) from None


ALONE = Group()


def answer_seconds() -> float:
    """How long the others may take for their share of a step; raises UsageError for no number."""
    given = os.environ.get(TIMEOUT, "")
    if not given:
        return USUAL_SECONDS
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONG.total_seconds():
        raise UsageError(
            f"{TIMEOUT}: expected seconds, more than 0 and at most 30 days, found {given!r}"
        )
    return seconds


def _problem(error: Exception) -> str:
    """What torch says, on one line, without where in its own source that is."""
    return " ".join(_source("", str(error)).split())


@contextmanager
def joined() -> Iterator[Group]:
    """The group of the processes that torchrun started, until the block ends; else one of one."""
    size = int(os.environ.get("WORLD_SIZE", "1")) if "RANK" in os.environ else 1
    if size == 1:
        yield ALONE
        return
    in_time = timedelta(seconds=answer_seconds())
    try:
        dist.init_process_group("cpu:gloo,cuda:nccl" if _has_nccl() else "gloo", timeout=MEETING)
        prompt = dist.new_group(timeout=in_time)
        patient = dist.new_group(backend="gloo", timeout=LONG)
    except (RuntimeError, ValueError) as error:
        raise DistributedError(
            f"the {size} processes do not find each other: {_problem(error)}"
        ) from None
    try:
        yield Group(rank=dist.get_rank(), size=size, prompt=prompt, patient=patient)
    finally:
        dist.destroy_process_group()


def _has_nccl() -> bool:
    return torch.cuda.is_available() and dist.is_nccl_available()

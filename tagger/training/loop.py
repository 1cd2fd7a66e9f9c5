"""The training loop: it yields reports and shows nothing; somebody else does."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor

from tagger.errors import TaggerError
from tagger.evaluation.scores import Score
from tagger.inference.encoding import LANGUAGE_MODEL
from tagger.network.model import Network
from tagger.training.batches import (
    EncodedSentence,
    SoftSentence,
    count_tagged,
    plan_batches,
)
from tagger.training.build import build_network
from tagger.training.data import TrainingData
from tagger.training.dev_scores import score_network
from tagger.training.device import (
    CPU,
    autocast,
    checked_precision,
    loss_scaler,
    use_deterministic,
)
from tagger.training.distributed import ALONE, Group
from tagger.training.language_inputs import tunable
from tagger.training.memory import in_parts
from tagger.training.optimisation import (
    TRANSFORMER,
    clip_gradients,
    learning_rate,
    make_optimiser,
    plan_schedule,
    update_average,
)
from tagger.training.settings import Settings
from tagger.training.state import TrainingState

SETBACK_RATE = 0.5  # of the learning rate is left behind a loss that was no number


class DivergedError(TaggerError):
    """A training whose loss is no number any more; no weight was changed by it."""


class StepReport(msgspec.Struct, frozen=True, kw_only=True):
    """One batch was learned, in `parts` if memory was short. `epoch` and `batch` count from 1."""

    epoch: int
    batch: int
    num_batches: int
    tokens: int
    loss: float
    parts: int = 1


class EpochReport(msgspec.Struct, frozen=True, kw_only=True):
    """One epoch was learned and scored on dev with the averaged weights. Times in seconds."""

    epoch: int
    loss: float
    learning_rate: float
    tokens: int
    seconds: float
    cpu_seconds: float
    dev: dict[str, float]
    score: float
    best: bool


class Training:
    """A network being trained; `run` goes on from wherever `state` is.

    Of several processes each has its `group`, and all run alike: the same reports come from each.
    """

    def __init__(
        self,
        data: TrainingData,
        settings: Settings,
        group: Group = ALONE,
        device: torch.device = CPU,
    ) -> None:
        torch.set_num_threads(settings.threads)
        use_deterministic(device)
        self.data = data
        self.settings = settings
        self.group = group
        self.device = device
        self.precision = checked_precision(settings.optimisation.precision, device)
        self.tasks = [task.name for task in data.tasks]
        self.lengths = [len(sentence) for sentence in data.train]
        self.schedule = plan_schedule(settings.optimisation, self._tokens_an_epoch())
        self.state = self._beginning()
        self._peaks = [group["lr"] for group in self.state.optimiser.param_groups]

    def _beginning(self) -> TrainingState:
        """The state before the first step; torch's random numbers begin anew too."""
        torch.manual_seed(self.settings.seed)
        network = self._fresh_network()
        if network.transformer is not None:
            assert self.data.transformer is not None
            network.transformer.load_state_dict(self.data.transformer.weights)
        network = network.to(self.device)
        own_rates = {
            TRANSFORMER: self.settings.transformer.learning_rate,
            LANGUAGE_MODEL: self.settings.language_model.rate,
        }
        return TrainingState(
            network=network,
            average={k: v.clone() for k, v in network.state_dict().items()},
            optimiser=make_optimiser(network, self.settings.optimisation, own_rates),
            random=np.random.default_rng(self.settings.seed),
            scaler=loss_scaler(self.precision, self.device),
        )

    def begin_anew(self) -> None:
        """Back to before the first step, for all who know the state."""
        self.state.restore(self._beginning().as_dict())

    @property
    def most_setbacks(self) -> int:
        """How many losses may be no number."""
        return self.settings.optimisation.setbacks

    def run(self) -> Iterator[StepReport | EpochReport]:
        """Trains to the end, or until dev gets no better for `patience` epochs."""
        while self.state.epoch < self.schedule.epochs and not self.is_stale():
            yield from self._run_epoch()

    def is_stale(self) -> bool:
        """Whether the last `patience` epochs brought nothing."""
        state = self.state
        return state.epoch - 1 - state.best_epoch >= self.settings.optimisation.patience

    def best_network(self) -> Network:
        """A network with the averaged weights of the best epoch."""
        network = self._fresh_network()
        network.load_state_dict(self.state.best)
        return network.eval()

    def _fresh_network(self) -> Network:
        data, reader = self.data, self.data.language_model
        sizes = None if reader is None else (reader.vector_size, reader.state_size)
        return build_network(
            self.settings,
            data.tasks,
            data.vocabularies,
            data.pretrained,
            sizes,
            None if data.transformer is None else data.transformer.sizes,
            tunable(reader).copy() if reader and self.settings.language_model.fine_tune else None,
        )

    def _run_epoch(self) -> Iterator[StepReport | EpochReport]:
        state = self.state
        began, cpu_began = time.perf_counter(), time.process_time()
        if not state.plan:
            state.plan = self._planned()
        tokens = 0
        for indices in state.plan[state.batch :]:
            sentences = self.data.sentences(indices)
            loss, parts = self._step(sentences)
            num_tokens = sum(map(len, sentences))
            tokens += num_tokens
            yield StepReport(
                epoch=state.epoch + 1,
                batch=state.batch,
                num_batches=len(state.plan),
                tokens=num_tokens,
                loss=loss,
                parts=parts,
            )
        scores = self.score_dev()
        report = self._close_epoch(
            scores,
            tokens=tokens,
            seconds=time.perf_counter() - began,
            cpu_seconds=time.process_time() - cpu_began,
        )
        yield report

    def _planned(self) -> list[list[int]]:
        """The batches of this epoch, in their order: of the corpus, and of what a teacher labelled.

        Its sentences have numbers behind those of the corpus.
        """
        size, random = self.schedule.batch_tokens, self.state.random
        plan = plan_batches(self.lengths, size, random)
        soft = self.data.soft
        if soft is None:
            return plan
        read = soft.read_in(self.state.epoch, self.schedule.epochs)
        lengths = [int(soft.lengths[i % len(soft)]) for i in read]
        first = len(self.lengths) + read.start
        plan += [[first + i for i in batch] for batch in plan_batches(lengths, size, random)]
        random.shuffle(plan)
        return plan

    def _tokens_an_epoch(self) -> int:
        """As many as there would be with the usual number of epochs."""
        own, soft = sum(self.lengths), self.data.soft
        if soft is None:
            return own
        labelled = self.settings.distillation.passes * int(soft.lengths.sum())
        return own + round(labelled / self.settings.optimisation.usual_epochs)

    def _step(self, sentences: Sequence[EncodedSentence | SoftSentence]) -> tuple[float, int]:
        state, options = self.state, self.settings.optimisation
        num_steps = self.schedule.epochs * len(state.plan)
        position = state.epoch * len(state.plan) + state.batch  # epochs may differ in their steps
        rate = learning_rate(position, num_steps, options) * SETBACK_RATE**state.setbacks
        for group, peak in zip(state.optimiser.param_groups, self._peaks, strict=True):
            group["lr"] = rate * (peak / options.learning_rate)
        self.group.seed(self.settings.seed, state.step)
        value, parts = self.gradients(sentences)
        if not math.isfinite(value):
            raise DivergedError(
                f"epoch {state.epoch + 1}, step {state.step + 1}: expected a finite loss, found "
                f"{value} (a lower --learning-rate helps, or a smaller optimisation.clip)"
            )
        state.scaler.unscale_(state.optimiser)
        clip_gradients(state.network, options.clip)
        state.scaler.step(state.optimiser)
        state.scaler.update()
        update_average(state.average, state.network, options.average, state.step)
        state.step += 1
        state.batch += 1
        state.loss_sum += value
        return value, parts

    def gradients(self, sentences: Sequence[EncodedSentence | SoftSentence]) -> tuple[float, int]:
        """Leaves the gradients of a batch in the network, summed over the ranks.

        Gives its loss, where no finite number the gradients mean nothing, and in how many parts
        memory let it be read.
        """
        network = self.state.network.train()
        self._forget_gradients()
        num_tagged = count_tagged(sentences, self.tasks)
        own = self.group.share(sentences)
        value, parts = in_parts(
            own, lambda part: self._add_gradients(part, num_tagged), self._forget_gradients
        )
        return self.group.add_up(network.parameters(), value), parts

    def _forget_gradients(self) -> None:
        self.state.optimiser.zero_grad(set_to_none=True)

    def _add_gradients(
        self, sentences: Sequence[EncodedSentence | SoftSentence], num_tagged: Mapping[str, int]
    ) -> float:
        """Adds the gradients of a part of a batch with so many tagged tokens; its loss."""
        batch = self.data.batch(sentences).to(self.device)
        with autocast(self.precision, self.device):
            loss = batch.loss(self.state.network, num_tagged)
        value = loss.item()
        if math.isfinite(value):
            self.state.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        return value

    def _close_epoch(self, scores: Sequence[Score], **measured: Any) -> EpochReport:
        state = self.state
        score = sum(score.value for score in scores) / len(scores)
        is_best = score > state.best_score
        if is_best:
            state.best_score, state.best_epoch = score, state.epoch
            state.best = {name: weight.clone() for name, weight in state.average.items()}
        report = EpochReport(
            epoch=state.epoch + 1,
            loss=state.loss_sum / max(1, state.batch),
            learning_rate=state.optimiser.param_groups[0]["lr"],
            dev={score.task: score.value for score in scores},
            score=score,
            best=is_best,
            **measured,
        )
        state.history.append(msgspec.to_builtins(report))
        state.epoch += 1
        state.batch, state.plan, state.loss_sum = 0, [], 0.0
        return report

    def score_dev(self) -> list[Score]:
        """Scores of the averaged weights on dev, one per task."""
        with self._averaged() as network:
            return score_network(network, self.data, self.group)

    @contextmanager
    def _averaged(self) -> Iterator[Network]:
        """The network with its averaged weights for a while."""
        network = self.state.network
        current: dict[str, Tensor] = {k: v.clone() for k, v in network.state_dict().items()}
        network.load_state_dict(self.state.average)
        try:
            yield network.eval()
        finally:
            network.load_state_dict(current)

"""The training loop: it yields reports and shows nothing; somebody else does."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor

from tagger.errors import TaggerError
from tagger.evaluation.scores import Score, score_task
from tagger.inference.decoding import decode
from tagger.network.model import Network
from tagger.sentence import Sentence
from tagger.tasks import Task
from tagger.training.batches import Batch, SoftBatch, plan_batches
from tagger.training.build import build_network
from tagger.training.data import TrainingData
from tagger.training.optimisation import (
    learning_rate,
    make_optimiser,
    plan_schedule,
    update_average,
)
from tagger.training.settings import Settings
from tagger.training.state import TrainingState

DEV_BATCH_TOKENS = 4000


class DivergedError(TaggerError):
    """A training whose loss is no number any more; no weight was changed by it."""


class StepReport(msgspec.Struct, frozen=True, kw_only=True):
    """One batch was learned. `epoch` and `batch` count from 1."""

    epoch: int
    batch: int
    num_batches: int
    tokens: int
    loss: float


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
    """A network being trained; `run` goes on from wherever `state` is."""

    def __init__(self, data: TrainingData, settings: Settings) -> None:
        torch.set_num_threads(settings.threads)
        torch.manual_seed(settings.seed)
        torch.use_deterministic_algorithms(True)
        # torch would also fill new memory, an aid for debugging that takes a quarter of the time.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        self.data = data
        self.settings = settings
        self.lengths = [len(sentence) for sentence in data.train]
        self.schedule = plan_schedule(settings.optimisation, self._tokens_an_epoch())
        network = self._fresh_network()
        if network.transformer is not None:
            assert data.transformer is not None
            network.transformer.load_state_dict(data.transformer.weights)
        transformer_rate = settings.transformer.learning_rate
        state = TrainingState(
            network=network,
            average={k: v.clone() for k, v in network.state_dict().items()},
            optimiser=make_optimiser(network, settings.optimisation, transformer_rate),
            random=np.random.default_rng(settings.seed),
        )
        self._peaks = [group["lr"] for group in state.optimiser.param_groups]
        self.state = state

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
        )

    def _run_epoch(self) -> Iterator[StepReport | EpochReport]:
        state = self.state
        began, cpu_began = time.perf_counter(), time.process_time()
        if not state.plan:
            state.plan = self._planned()
        tokens = 0
        for indices in state.plan[state.batch :]:
            batch = self.data.batch(indices)
            loss = self._step(batch)
            tokens += batch.num_tokens
            yield StepReport(
                epoch=state.epoch + 1,
                batch=state.batch,
                num_batches=len(state.plan),
                tokens=batch.num_tokens,
                loss=loss,
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

    def _step(self, batch: Batch | SoftBatch) -> float:
        state, options = self.state, self.settings.optimisation
        num_steps = self.schedule.epochs * len(state.plan)
        rate = learning_rate(state.step, num_steps, options)
        for group, peak in zip(state.optimiser.param_groups, self._peaks, strict=True):
            group["lr"] = rate * (peak / options.learning_rate)
        state.network.train()
        state.optimiser.zero_grad(set_to_none=True)
        loss = batch.loss(state.network)
        value = loss.item()
        if not math.isfinite(value):
            raise DivergedError(
                f"epoch {state.epoch + 1}, step {state.step + 1}: expected a finite loss, found "
                f"{value} (a lower --learning-rate helps, or a smaller optimisation.clip)"
            )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(state.network.parameters(), options.clip, foreach=True)
        state.optimiser.step()
        update_average(state.average, state.network, options.average, state.step)
        state.step += 1
        state.batch += 1
        state.loss_sum += value
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
            return score_network(network, self.data)

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


@torch.inference_mode()
def score_network(network: Network, data: TrainingData) -> list[Score]:
    """Scores of a network on dev, one per task."""
    transitions = {name: network.head(name).transitions() for name in network.names}
    predicted: dict[str, list[list[int]]] = {name: [[]] * len(data.dev) for name in transitions}
    for indices in plan_batches([len(s) for s in data.dev_encoded], DEV_BATCH_TOKENS, None):
        batch = Batch([data.dev_encoded[i] for i in indices], data.dev_lexicon, ())
        lengths = batch.inputs.lengths.tolist()
        for name, emissions in network(batch.inputs).items():
            found = decode(emissions.numpy(), lengths, transitions[name])
            for i, ids in zip(indices, found, strict=True):
                predicted[name][i] = ids
    return [_score(task, data.dev, predicted[task.name]) for task in data.tasks]


def _score(task: Task, dev: Sequence[Sentence], predicted: Sequence[Sequence[int]]) -> Score:
    tagged = [i for i, sentence in enumerate(dev) if task.name in sentence.columns]
    gold = [dev[i].columns[task.name] for i in tagged]
    return score_task(task, gold, [task.decode(predicted[i]) for i in tagged])

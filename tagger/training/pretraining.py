"""A language model's training: it yields reports and shows nothing; somebody else does."""

import math
import time
from collections.abc import Iterator
from typing import Any, Protocol

import msgspec
import numpy as np
import torch
from torch import Tensor

from tagger.inference.language_folder import CharacterFiles, Perplexity, WordFiles
from tagger.network.kernels import keep_few_kernels
from tagger.network.language_model import State
from tagger.training.device import (
    CPU,
    autocast,
    checked_precision,
    loss_scaler,
)
from tagger.training.distributed import ALONE, Group
from tagger.training.language_data import Ids, Lanes, windows_of
from tagger.training.language_settings import PretrainingSettings
from tagger.training.loop import SETBACK_RATE, DivergedError
from tagger.training.memory import in_parts
from tagger.training.optimisation import clip_gradients
from tagger.training.pretraining_state import LanguageNetwork, PretrainingState
from tagger.training.token_files import Tokens

SCORED_TOKENS = 100_000  # of what is held out, in reports on the way
DEV_LANES, DEV_WINDOW = 16, 64


class Text(Protocol):
    """A text as a kind of language model reads it; a token is a word or a character.

    Shape of `train` and `dev`: (tokens,).
    """

    @property
    def train(self) -> Tokens:
        """What is learned from."""

    @property
    def dev(self) -> Tokens:
        """What is held out."""

    @property
    def normalisation(self) -> str:
        """What is done to words before they are looked up."""

    @property
    def held_out_characters(self) -> int:
        """How many characters are predicted there."""

    def new_network(self, settings: Any) -> LanguageNetwork:
        """With fresh weights, of the sizes that the settings of its kind ask for."""

    def losses(
        self, network: Any, windows: list[Ids], states: tuple[State, State]
    ) -> tuple[tuple[Tensor, Tensor], tuple[State, State]]:
        """Each direction's loss over a window, summed, and the states behind it.

        Shape of each window: (size + 1, lanes); the last row is only predicted.
        """

    def unknown(self) -> float:
        """The share of held-out tokens that are not told apart."""

    def files(self, **of_any_kind: Any) -> WordFiles | CharacterFiles:
        """What the folder of the trained model holds."""


class PretrainingStep(msgspec.Struct, frozen=True, kw_only=True):
    """A window of every lane was learned, in `parts` if memory was short.

    `loss` in nats a token; `step` counts from 1.
    """

    step: int
    num_steps: int
    tokens: int
    loss: float
    parts: int = 1


class PretrainingReport(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the training is done: mean loss since the last report, held-out perplexity."""

    step: int
    num_steps: int
    tokens: int
    loss: float
    learning_rate: float
    seconds: float
    cpu_seconds: float
    tokens_per_second: float
    held_out: Perplexity


class Pretraining:
    """A language model being trained; `run` goes on from wherever `state` is.

    Of several processes each has its `group` and reads its share of the lanes; all run alike.
    """

    def __init__(
        self,
        data: Text,
        settings: PretrainingSettings,
        group: Group = ALONE,
        device: torch.device = CPU,
    ) -> None:
        keep_few_kernels()
        torch.set_num_threads(settings.threads)
        self.data = data
        self.settings = settings
        self.group = group
        self.precision = checked_precision(settings.precision, device)
        self.device = device
        self._lanes = self._new_lanes()
        epoch = self._lanes[0].steps(settings.window)
        self.num_steps = max(1, round(settings.epochs * epoch))
        self.state = self._beginning()

    def _new_lanes(self) -> tuple[Lanes, ...]:
        """The text in both directions, at the beginning of each lane."""
        return tuple(
            Lanes(self.data.train, self._num_lanes, backward=backward) for backward in (False, True)
        )

    def _beginning(self) -> PretrainingState:
        """The state before the first step; torch's random numbers begin anew too."""
        data, settings = self.data, self.settings
        torch.manual_seed(settings.seed)
        network = data.new_network(settings).to(self.device)
        size = (2, 2, self._num_lanes, settings.hidden_size)
        return PretrainingState(
            network=network,
            optimiser=torch.optim.AdamW(
                network.parameters(),
                lr=settings.learning_rate,
                betas=(0.9, 0.99),
                weight_decay=settings.weight_decay,
                fused=True,
            ),
            positions=torch.from_numpy(np.stack([lanes.positions for lanes in self._new_lanes()])),
            states=torch.zeros(size, device=self.device),
            scaler=loss_scaler(self.precision, self.device),
        )

    def begin_anew(self) -> None:
        """Back to before the first step, for all who know the state."""
        self.state.restore(self._beginning().as_dict())

    @property
    def most_setbacks(self) -> int:
        """How many losses may be no number."""
        return self.settings.setbacks

    @property
    def _num_lanes(self) -> int:
        """As many as were asked for, fewer of a short text."""
        settings = self.settings
        return max(1, min(settings.lanes, len(self.data.train) // (settings.window + 1)))

    def run(self) -> Iterator[PretrainingStep | PretrainingReport]:
        """Trains to the end; a report that was due when it was stopped comes first."""
        state = self.state
        began, cpu_began, tokens = time.perf_counter(), time.process_time(), state.tokens
        while True:
            if self._report_is_due():
                yield self._report(
                    seconds=time.perf_counter() - began,
                    cpu_seconds=time.process_time() - cpu_began,
                    tokens=state.tokens - tokens,
                )
                began, cpu_began = time.perf_counter(), time.process_time()
                tokens = state.tokens
            if state.step >= self.num_steps:
                return
            yield self._step()

    def _report_is_due(self) -> bool:
        state, due = self.state, len(self.state.history) + 1
        if state.step == (state.history[-1]["step"] if state.history else 0):
            return False
        is_part = state.step * self.settings.reports >= due * self.num_steps
        return is_part or state.step == self.num_steps

    def _report(self, *, seconds: float, cpu_seconds: float, tokens: int) -> PretrainingReport:
        """Closes a part of the training, in which so many tokens were read in this process."""
        state = self.state
        report = PretrainingReport(
            step=state.step,
            num_steps=self.num_steps,
            tokens=state.tokens,
            loss=state.loss_sum / max(1, state.loss_tokens),
            learning_rate=self._rate(),
            seconds=seconds,
            cpu_seconds=cpu_seconds,
            tokens_per_second=tokens / seconds,
            held_out=self.group.of_first(lambda: self.score(SCORED_TOKENS)),
        )
        state.history.append(msgspec.to_builtins(report))
        state.loss_sum, state.loss_tokens = 0.0, 0
        return report

    def score(self, most_tokens: int | None = None) -> Perplexity:
        """Perplexity of held-out text, of its first so many tokens."""
        tokens = self.data.dev[:most_tokens]
        return score_language_model(self.state.network, tokens, self.data)

    def _rate(self) -> float:
        """The learning rate of the next step: a linear rise, then a cosine to 0."""
        settings, step = self.settings, self.state.step
        highest = settings.learning_rate * SETBACK_RATE**self.state.setbacks
        warm_up = max(1, round(settings.warm_up * self.num_steps))
        if step < warm_up:
            return highest * (step + 1) / warm_up
        share = (step - warm_up) / max(1, self.num_steps - warm_up)
        return highest * 0.5 * (1 + math.cos(math.pi * share))

    def _step(self) -> PretrainingStep:
        state, settings = self.state, self.settings
        random = np.random.default_rng((settings.seed, state.step))
        found = []
        for i, lanes in enumerate(self._lanes):
            forgets = random.random(self._num_lanes) < (settings.forget if state.step else 1.0)
            lanes.positions = state.positions[i].numpy()
            tokens, anew = lanes.next(settings.window, forgets)
            found.append(tokens)
            state.positions[i] = torch.from_numpy(lanes.positions)
            state.states[i, :, torch.from_numpy(anew)] = 0.0
        number = 2 * found[0][:-1].size
        loss, parts = self._learn(found, number)
        state.step += 1
        state.tokens += number // 2
        state.loss_sum += loss * number
        state.loss_tokens += number
        return PretrainingStep(
            step=state.step,
            num_steps=self.num_steps,
            tokens=number // 2,
            loss=loss,
            parts=parts,
        )

    def _learn(self, tokens: list[Any], number: int) -> tuple[float, int]:
        """Learns a window of every lane, with so many targets in all; the loss per target."""
        state, settings = self.state, self.settings
        for group in state.optimiser.param_groups:
            group["lr"] = self._rate()
        self.group.seed(settings.seed, state.step)
        value, parts = self.gradients(tokens, number)
        if not math.isfinite(value):
            raise DivergedError(
                f"step {state.step + 1}: expected a finite loss, found {value} "
                "(a lower --learning-rate helps, or a smaller clip)"
            )
        state.scaler.unscale_(state.optimiser)
        clip_gradients(state.network, settings.clip)
        state.scaler.step(state.optimiser)
        state.scaler.update()
        return value, parts

    def gradients(self, tokens: list[Any], number: int) -> tuple[float, int]:
        """Leaves gradients in the network and what is in mind behind the window in the state.

        Both are of all ranks' lanes together. Gives their loss, where no finite number neither
        means anything, and in how many parts memory let them be read.
        """
        state = self.state
        state.network.train()
        self._forget_gradients()
        own = self.group.share(range(self._num_lanes))
        after = torch.zeros_like(state.states)
        value, parts = in_parts(
            [*own],
            lambda lanes: self._add_gradients(tokens, number, [*lanes], after),
            self._forget_gradients,
        )
        value = self.group.add_up(state.network.parameters(), value, after)
        state.states = after
        return value, parts

    def _forget_gradients(self) -> None:
        self.state.optimiser.zero_grad(set_to_none=True)

    def _add_gradients(
        self, tokens: list[Any], number: int, lanes: list[int], after: Tensor
    ) -> float:
        """Adds the gradients of some lanes, and puts what is in mind behind them into `after`."""
        state = self.state
        before = [State(*part) for part in state.states[:, :, lanes]]
        own = [window[:, lanes] for window in tokens]
        with autocast(self.precision, self.device):
            losses, states = self.data.losses(state.network, own, (before[0], before[1]))
        loss = (losses[0] + losses[1]) / number
        value = loss.item()
        if math.isfinite(value):
            state.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        after[:, :, lanes] = torch.stack([torch.stack([*of]) for of in states]).to(after)
        return value


@torch.no_grad()
def score_language_model(network: LanguageNetwork, tokens: Tokens, data: Text) -> Perplexity:
    """Perplexity of at least two tokens in the order of the text, in fp32, the state carried on.

    Each direction predicts every token but the one that it reads first.
    """
    network.eval()
    number = len(tokens) - 1
    num_lanes = max(1, min(DEV_LANES, len(tokens) // (DEV_WINDOW + 1)))
    states = (network.no_state(num_lanes), network.no_state(num_lanes))
    sums = [0.0, 0.0]
    windows = [windows_of(text, num_lanes, DEV_WINDOW) for text in (tokens, tokens[::-1])]
    for found in zip(*windows, strict=True):
        lanes = found[0].shape[1]  # in the end it is the last lane alone
        before = tuple(State(*(part[-lanes:] for part in state)) for state in states)
        losses, states = data.losses(network, [*found], (before[0], before[1]))
        sums = [total + loss.item() for total, loss in zip(sums, losses, strict=True)]
    forward, backward = (math.exp(total / number) for total in sums)
    return Perplexity(forward=forward, backward=backward, tokens=number)

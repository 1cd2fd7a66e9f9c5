"""A training on the screen: a bar and figures on a terminal, a line per epoch elsewhere."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tagger.cli.console import is_lively, note
from tagger.training.loop import EpochReport, StepReport

if TYPE_CHECKING:
    from rich.progress import Progress

    from tagger.training.loop import Training

After = Callable[[StepReport | EpochReport], None]


def _nobody(report: StepReport | EpochReport) -> None:
    """Nobody else is told."""


def follow(training: "Training", after: After = _nobody) -> None:
    """Runs a training to its end and shows how it goes; `after` is told each report."""
    if not is_lively():
        for report in training.run():
            if isinstance(report, EpochReport):
                note(epoch_line(report, training.schedule.epochs))
            after(report)
        return
    _follow_lively(training, after)


def _follow_lively(training: "Training", after: After) -> None:
    epochs = training.schedule.epochs
    with training_bar() as bar:
        running = bar.add_task("", total=epochs, speed="", loss="")
        meter = Meter()
        for report in training.run():
            if isinstance(report, StepReport):
                meter.add(report.tokens, report.loss)
                bar.update(
                    running,
                    completed=report.epoch - 1 + report.batch / report.num_batches,
                    description=f"epoch {report.epoch}/{epochs}",
                    speed=f"{meter.tokens_per_second:,.0f} tokens/s",
                    loss=f"loss {meter.loss:.3f}",
                )
            else:
                bar.console.print(epoch_line(report, epochs), highlight=False)
            after(report)


def training_bar() -> "Progress":
    """A bar with a description, speed, loss and the time that is left."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[speed]}"),
        TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=Console(stderr=True),
        transient=True,
    )


def epoch_line(report: EpochReport, epochs: int) -> str:
    """`epoch 3/20: loss 0.512, upos 94.10, xpos 93.22, 8,512 tokens/s (best so far)`."""
    scores = ", ".join(f"{name} {100 * value:.2f}" for name, value in report.dev.items())
    best = " (best so far)" if report.best else ""
    return (
        f"epoch {report.epoch}/{epochs}: loss {report.loss:.3f}, {scores}, "
        f"{report.tokens / report.seconds:,.0f} tokens/s{best}"
    )


class Meter:
    """Smoothed loss and speed of the last batches."""

    def __init__(self) -> None:
        self.loss = 0.0
        self.tokens_per_second = 0.0
        self._last = time.perf_counter()

    def add(self, tokens: int, loss: float) -> None:
        """Counts one batch; a tenth of its figures enters the smoothed ones."""
        now = time.perf_counter()
        speed = tokens / max(1e-9, now - self._last)
        share = 0.1 if self.tokens_per_second else 1.0
        self.tokens_per_second += share * (speed - self.tokens_per_second)
        self.loss += share * (loss - self.loss)
        self._last = now

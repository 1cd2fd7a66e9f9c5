"""What training commands share that can be stopped and gone on with: the words and the saving."""

import os
import sys
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import typer

from tagger.cli.console import note, warn
from tagger.cli.interruption import Interruption
from tagger.training.distributed import Group
from tagger.training.loop import DivergedError
from tagger.training.unfinished import State, Unfinished

TELL_SECONDS = 10.0


class Trainable(Protocol):
    """What the trainings of a tagger and of a language model have in common."""

    group: Group

    @property
    def state(self) -> State:
        """Where it is."""

    @property
    def most_setbacks(self) -> int:
        """How many losses may be no number."""

    def begin_anew(self) -> None:
        """Back to before the first step."""


Trained = TypeVar("Trained", bound=Trainable)


def command_line() -> str:
    """The command as it was given, but for --resume."""
    return " ".join(["tagger", *(word for word in sys.argv[1:] if word != "--resume")])


def resuming(command: str, group: Group) -> str:
    """The command that goes on; of several machines each was given its own."""
    if group.size == 1:
        return f"{command} --resume"
    if os.environ.get("LOCAL_WORLD_SIZE") != str(group.size):
        return f"the same torchrun command on every machine, with {command} --resume"
    return f"torchrun --nproc-per-node {group.size} -m {command} --resume"


def saving(
    name: str,
    state: State,
    states: Unfinished,
    interruption: Interruption,
    command: str,
    milestone: type,
    group: Group,
) -> Callable[[object], None]:
    """What is to be done behind each report of a part of a training.

    The state is saved behind a `milestone`, and when the last time is long ago; where an end was
    asked for of one of the group, at once, and the command ends.
    """

    is_told = False

    def after(report: object) -> None:
        nonlocal is_told
        parts = getattr(report, "parts", 1)
        if parts > 1 and not is_told:
            is_told = True
            warn(
                f"out of memory: this batch was read in {parts} parts, and so will others be that "
                "do not fit; what is learned of them is the same"
            )
        interruption.number = group.highest(interruption.number or 0) or None
        if interruption.number is None:
            states.after(name, state, is_epoch=isinstance(report, milestone))
            return
        states.save(name, state)
        note(f"saved behind step {state.step:,}; to go on: {resuming(command, group)}")
        raise typer.Exit(interruption.exit_code)

    return after


class Counting:
    """Tells how many tokens were `cut` or `labelled`, now and then; ends the command if asked.

    What `lasts` is gone on with later, the rest begun again.
    """

    def __init__(
        self, done: str, interruption: Interruption, command: str, *, lasts: bool = False
    ) -> None:
        self._done = done
        self._next = "to go on" if lasts else "to begin again"
        self._interruption = interruption
        self._command = command
        self._told = self._began = time.monotonic()
        self._first: int | None = None

    def __call__(self, tokens: int) -> None:
        """So many tokens are done."""
        if self._interruption.number is not None:
            stopped = f"stopped while the text was {self._done}"
            note(f"{stopped}; {self._next}: {self._command} --resume")
            raise typer.Exit(self._interruption.exit_code)
        now = time.monotonic()
        self._first = tokens if self._first is None else self._first
        if now - self._told > TELL_SECONDS:
            self._told = now
            speed = (tokens - self._first) / (now - self._began)
            note(f"{self._done} {tokens:,} tokens, {speed:,.0f} a second")


def run_saving(
    name: str,
    training: Trained,
    follow: Callable[[Trained, Callable[[object], None]], None],
    after: Callable[[object], None],
    states: Unfinished,
) -> None:
    """Follows a training to its end.

    A loss that is no number takes it back to its last checkpoint, or to the beginning, with half
    the learning rate, which is saved at once. Raises DivergedError where that was done too often.
    """
    while True:
        try:
            follow(training, after)
        except DivergedError as error:
            setbacks, most = training.state.setbacks + 1, training.most_setbacks
            if setbacks > most:
                raise
            training.begin_anew()
            states.restore(name, training.state)
            training.state.setbacks = setbacks
            states.save(name, training.state)
            warn(
                f"{error}; going on behind step {training.state.step:,} with half the learning "
                f"rate (setback {setbacks} of {most} at most)"
            )
        else:
            return

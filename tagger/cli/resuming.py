"""What training commands share that can be stopped and gone on with: the words and the saving."""

import sys
import time
from collections.abc import Callable

import typer

from tagger.cli.console import note
from tagger.cli.interruption import Interruption
from tagger.training.unfinished import State, Unfinished

TELL_SECONDS = 10.0


def command_line() -> str:
    """The command as it was given, but for --resume."""
    return " ".join(["tagger", *(word for word in sys.argv[1:] if word != "--resume")])


def saving(
    name: str,
    state: State,
    states: Unfinished,
    interruption: Interruption,
    command: str,
    milestone: type,
) -> Callable[[object], None]:
    """What is to be done behind each report of a part of a training.

    The state is saved behind a `milestone`, and when the last time is long ago; where an end was
    asked for, at once, and the command ends.
    """

    def after(report: object) -> None:
        if interruption.number is None:
            states.after(name, state, is_epoch=isinstance(report, milestone))
            return
        states.save(name, state)
        note(f"saved behind step {state.step:,}; to go on: {command} --resume")
        raise typer.Exit(interruption.exit_code)

    return after


class Counting:
    """Tells how many tokens were `cut` or `labelled`, now and then; ends the command if asked."""

    def __init__(self, done: str, interruption: Interruption, command: str) -> None:
        self._done = done
        self._interruption = interruption
        self._command = command
        self._told = self._began = time.monotonic()
        self._first: int | None = None

    def __call__(self, tokens: int) -> None:
        """So many tokens are done."""
        if self._interruption.number is not None:
            note(f"stopped while text was {self._done}; to go on: {self._command} --resume")
            raise typer.Exit(self._interruption.exit_code)
        now = time.monotonic()
        self._first = tokens if self._first is None else self._first
        if now - self._told > TELL_SECONDS:
            self._told = now
            speed = (tokens - self._first) / (now - self._began)
            note(f"{self._done} {tokens:,} tokens, {speed:,.0f} a second")

"""What training commands share that can be stopped and gone on with: the words and the saving."""

import os
import sys
from collections.abc import Callable

import typer

from tagger.cli.console import note
from tagger.cli.interruption import Interruption
from tagger.training.distributed import Group
from tagger.training.unfinished import State, Unfinished


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

    def after(report: object) -> None:
        interruption.number = group.highest(interruption.number or 0) or None
        if interruption.number is None:
            states.after(name, state, is_epoch=isinstance(report, milestone))
            return
        states.save(name, state)
        note(f"saved behind step {state.step:,}; to go on: {resuming(command, group)}")
        raise typer.Exit(interruption.exit_code)

    return after

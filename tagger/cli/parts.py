"""A part of `tagger train` to its end: the segmenter, a teacher, the tagger."""

from tagger.cli.console import note
from tagger.cli.interruption import Interruption
from tagger.cli.progress import follow
from tagger.cli.resuming import run_saving, saving
from tagger.training.loop import EpochReport, Training
from tagger.training.unfinished import Unfinished


def run_part(
    name: str,
    training: Training,
    states: Unfinished,
    interruption: Interruption,
    command: str,
) -> None:
    """From its checkpoint if it has one."""
    if states.restore(name, training.state):
        state = training.state
        note(f"{name}: going on behind step {state.step:,}, in epoch {state.epoch + 1}")
    group = training.group
    after = saving(name, training.state, states, interruption, command, EpochReport, group)
    run_saving(name, training, follow, after, states)

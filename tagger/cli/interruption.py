"""Ctrl-C and SIGTERM during a long command: the first asks for an end, the second ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tagger.cli.console import note

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether the end was asked for, and by which signal."""

    number: int | None = None

    @property
    def exit_code(self) -> int:
        """What a shell expects of a process that a signal ended."""
        return 128 + (self.number or 0)


@contextmanager
def interruptible(promise: str) -> Iterator[Interruption]:
    """Notes the first signal and says what happens now; the second one has its usual effect."""
    found = Interruption()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def ask(number: int, frame: FrameType | None) -> None:
        found.number = number
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        note(promise)

    for number in SIGNALS:
        signal.signal(number, ask)
    try:
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

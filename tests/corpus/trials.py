"""One thing done with one spoilt file: at random, within a time limit, cut down where it fails."""

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import NamedTuple

import msgspec

import tagger
from tagger.corpus.overruling import DIALECTS, Asked
from tagger.errors import TaggerError
from tests.corpus.mutations import Input, mutated
from tests.corpus.promises import ACTIONS, BrokenError

PACKAGE = str(Path(tagger.__file__).parent)
LIMIT = 2.0  # CPU seconds for one input
MOST_SECONDS = 30  # to cut an input down
OPTIONS: dict[str, list[object]] = {
    "dialect": [*DIALECTS],
    "columns": [
        *("form=1,ner=2", "form=2,ner=3", "form=1", "form=3,xpos=1,ner=2", "ner=9,form=1", ""),
        *("form=0", "x", "form=²", "form=1,ner=999999999", f"form=1,ner={'9' * 5_000}"),
    ],
    "separator": ["\t", " ", "/", "_", "|", "::", "a", "", "\n"],
    "comments": [True, False],
    "encoding": ["latin-1", "utf-16", "utf-16-le", "shift_jis", "utf-7"],
}


class Hang(BaseException):
    """An input has taken too long."""


class Trial(NamedTuple):
    """An input, what is done with it, and what is said of it."""

    input: Input
    action: str
    asked: Asked = Asked()


def random_trial(random: Random, pool: list[Input]) -> Trial:
    """One of the pool spoilt, any action; in one of five cases with options of any kind."""
    (action,) = random.choices(list(ACTIONS), [weight for weight, _ in ACTIONS.values()])
    return Trial(mutated(random, pool), action, _asked(random))


def _asked(random: Random) -> Asked:
    if random.random() < 0.8:
        return Asked()
    names = random.sample(list(OPTIONS), random.randint(1, 2))
    return msgspec.convert({name: random.choice(OPTIONS[name]) for name in names}, Asked)


def attempt(trial: Trial, folder: Path) -> set[str]:
    """Does what the trial says with its input, as a file of the folder; marks of what it gave.

    Raises TaggerError, or what must not be: BrokenError, Hang, any other exception.
    """
    path = folder / f"input{trial.input.suffix}"
    path.write_bytes(trial.input.data)
    if trial.input.suffix == ".ann":
        path.with_suffix(".txt").write_bytes(trial.input.text)
    with _limited():
        return ACTIONS[trial.action][1](path, trial.asked)


@contextmanager
def _limited() -> Iterator[None]:
    """Raises Hang where the block takes more than LIMIT seconds of this process."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def failure_of(trial: Trial, folder: Path) -> str:
    """The kind of failure, empty where there is none."""
    try:
        attempt(trial, folder)
    except TaggerError:
        pass
    except (Exception, Hang) as error:
        return kind_of(error)
    return ""


def kind_of(error: BaseException) -> str:
    """The promise that was broken, or the exception's type and where in tagger it was raised."""
    if isinstance(error, BrokenError):
        return f"BrokenError: {error}"
    codes = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    inner = [code for code in codes if code.co_filename.startswith(PACKAGE)]
    if isinstance(error, Hang) or not inner:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(inner[-1].co_filename).name}, {inner[-1].co_name}"


def smallest(trial: Trial, folder: Path) -> Trial:
    """A trial that fails with as much as possible of its input left out, for it to fail alike."""
    kind = failure_of(trial, folder)
    deadline = time.monotonic() + MOST_SECONDS
    size = max(len(trial.input.data), len(trial.input.text))
    while size and time.monotonic() < deadline:
        start = 0
        while start < max(len(trial.input.data), len(trial.input.text)):
            less = [
                trial.input._replace(data=_without(trial.input.data, start, size)),
                trial.input._replace(text=_without(trial.input.text, start, size)),
            ]
            shorter = [trial._replace(input=i) for i in less if i != trial.input]
            found = next((t for t in shorter if failure_of(t, folder) == kind), None)
            start = start if found else start + size
            trial = found or trial
            if time.monotonic() > deadline:
                break
        size //= 2
    return trial


def _without(data: bytes, start: int, size: int) -> bytes:
    return data[:start] + data[start + size :]

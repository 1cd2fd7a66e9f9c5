"""A training that is not finished: its states in a folder beside the model folder to come.

`run.json` says what is trained on what, so that nothing else goes on from these states; each part
of the training (segmenter, tagger) has its checkpoint. While it lasts, the folder is locked. Of
several processes the first has all to do with it, and the others hear from that.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec
import torch

from tagger import __version__
from tagger.atomic import atomic_file
from tagger.errors import TaggerError, UsageError
from tagger.inference.records import (
    CorpusRecord,
    LanguageModelRecord,
    TransformerRecord,
    VectorsRecord,
)
from tagger.training.checkpoint import CheckpointError, load_state, save_state
from tagger.training.distributed import ALONE, Group

SAVE_SECONDS = 300.0  # at most so long after the last checkpoint comes the next
RUN, LOCK = "run.json", "lock"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What is trained: another run must not go on from these states."""

    settings: dict[str, Any]
    tasks: tuple[str, ...]
    data: tuple[CorpusRecord, ...]
    segmenter: bool
    vectors: VectorsRecord | None = None
    language_model: LanguageModelRecord | None = None
    distillation: dict[str, Any] | None = None
    transformer: TransformerRecord | None = None
    versions: tuple[str, str] = (__version__, str(torch.__version__))


class State(Protocol):
    """What `TrainingState` and `PretrainingState` have in common."""

    step: int
    setbacks: int

    def as_dict(self) -> dict[str, Any]:
        """All that changes."""

    def restore(self, saved: dict[str, Any]) -> None:
        """Back to that moment."""


def unfinished_folder(output: Path) -> Path:
    """Where a training towards a model folder keeps its states."""
    return output.with_name(f"{output.name}.unfinished")


@contextmanager
def unfinished(
    output: Path,
    run: Run,
    warn: Callable[[str], None],
    *,
    resume: bool,
    force: bool,
    group: Group = ALONE,
) -> Iterator["Unfinished"]:
    """The folder of a training towards `output`, locked until the block ends.

    `resume` goes on from what it holds, `force` throws that away. Raises UsageError where it holds
    something and neither is asked for, where that is of another run, or where another process
    trains there. `warn` is told of what does not stop a resumption.
    """
    folder = unfinished_folder(output)
    if not group.is_first:
        group.wait()
        yield Unfinished(folder, warn, group)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = locked(folder / LOCK)
    except OSError as error:
        raise TaggerError(f"{folder}: cannot be written: {error.strerror}") from None
    with lock:
        has_run = (folder / RUN).exists()
        if has_run and resume:
            _check(folder, run, warn)
        elif has_run and not force:
            raise UsageError(
                f"{folder}: holds a training that was interrupted: --resume goes on with it, "
                "--force begins anew"
            )
        else:
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != LOCK:
                    path.unlink()
            with atomic_file(folder / RUN) as stream:
                stream.write(msgspec.json.encode(run) + b"\n")
        group.wait()
        yield Unfinished(folder, warn, group)


def _check(folder: Path, run: Run, warn: Callable[[str], None]) -> None:
    """Raises UsageError where the folder is another run's."""
    path = folder / RUN
    try:
        before = msgspec.json.decode(path.read_bytes(), type=Run)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{path}: not what a training has there: {error}") from None
    run = msgspec.json.decode(msgspec.json.encode(run), type=Run)  # JSON knows no tuples
    for field in (
        "settings",
        "tasks",
        "data",
        "segmenter",
        "vectors",
        "language_model",
        "distillation",
        "transformer",
    ):
        if getattr(before, field) != getattr(run, field):
            raise UsageError(
                f"{folder}: was begun with other {field}: give the same command as then and "
                "--resume, or --force to begin anew"
            )
    if before.versions != run.versions:
        warn(
            f"{folder}: was begun by tagger {before.versions[0]} and torch {before.versions[1]}: "
            "the weights may differ from those of one run"
        )


class Unfinished:
    """The states of a training in a folder that is this process's own."""

    def __init__(self, folder: Path, warn: Callable[[str], None], group: Group = ALONE) -> None:
        self.folder = folder
        self._warn = warn
        self._group = group
        self._saved = time.monotonic()

    def await_first(self) -> None:
        """Waits for files that the first rank writes into the folder.

        Raises UsageError where this process, on another machine, does not see them.
        """
        self._group.wait()
        if not (self.folder / RUN).is_file():
            raise UsageError(
                f"{self.folder}: expected a folder that all machines share, found none here"
            )

    def restore(self, name: str, state: State) -> bool:
        """Takes a part of the training to where its checkpoint is; whether there was one.

        All ranks then have the state of the first, bit for bit, also where there was none.
        """
        path = self.folder / f"{name}.safetensors"
        found = load_state(path, self._warn) if self._group.is_first else None
        if self._group.size == 1 and found is None:
            return False
        saved, is_there = self._group.of_first(lambda: (found or state.as_dict(), bool(found)))
        try:
            state.restore(saved)
        except (KeyError, RuntimeError, ValueError, TypeError, AttributeError) as error:
            problem = " ".join(str(error).split())
            raise CheckpointError(f"{path}: does not fit this training: {problem}") from None
        return is_there

    def after(self, name: str, state: State, *, is_epoch: bool) -> None:
        """Saves the state behind every epoch, and behind a step if the last time is long ago."""
        if is_epoch or time.monotonic() - self._saved > SAVE_SECONDS:
            self.save(name, state)

    def save(self, name: str, state: State) -> None:
        """Saves the state as it is, between two steps."""
        if not self._group.is_first:
            return
        save_state(self.folder / f"{name}.safetensors", state.as_dict())
        self._saved = time.monotonic()

    def remove(self) -> None:
        """Takes the folder away: the training is finished."""
        if not self._group.is_first:
            return
        shutil.rmtree(self.folder)


def locked(path: Path) -> BinaryIO:
    """The file, locked by this process until it ends; raises UsageError where another has it."""
    stream = path.open("wb")
    try:
        import fcntl
    except ImportError:  # not a Unix: two trainings there are not kept apart
        return stream
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise UsageError(f"{path.parent}: another training is at work there") from None
    return stream

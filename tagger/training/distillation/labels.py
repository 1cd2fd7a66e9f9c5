"""What a teacher says of texts, on disk: for each token and task the likeliest tags, in 16 bits.

A folder holds the texts (see `texts`), `labels.json`, which says who labelled what,
`tasks.json`, and `labels.bin`: a record for each token, boundaries included, so that a place in
the one file is that place in the other. Records are appended, so that labelling goes on where it
was cut short.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.atomic import atomic_file
from tagger.errors import TaggerError, UsageError
from tagger.inference.records import CorpusRecord, TeacherRecord
from tagger.tasks import Task
from tagger.training.distillation.texts import open_texts
from tagger.training.token_files import FORMS

ASKED, TASKS, LABELS = "labels.json", "tasks.json", "labels.bin"
FORMAT = 1
Floats = NDArray[np.floating[Any]]
Records = NDArray[np.void]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What labels.json holds: by whom the labels are, of what, and how many tags of a token."""

    teachers: tuple[TeacherRecord, ...]
    texts: tuple[CorpusRecord, ...] = ()
    segmenter: str = ""
    kept_out: tuple[str, ...] = ()  # SHA-256 of corpora
    most_tokens: int
    top: int
    format: int = FORMAT


def begin_labels(folder: Path, asked: Asked) -> None:
    """Makes the folder, or checks that what it holds is what is asked for; else UsageError.

    It may hold labels of more tokens. Where it is to hold more than it does the texts are cut anew,
    of which those that are there are the first, so that their labels stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ASKED).exists():
        if any(file.name != "lock" for file in folder.iterdir()):
            raise UsageError(f"{folder}: expected a new folder or labels, found something else")
        _write_asked(folder, asked)
        return
    if checked_asked(folder, asked).most_tokens < asked.most_tokens:
        (folder / FORMS).unlink(missing_ok=True)
        _write_asked(folder, asked)


def checked_asked(folder: Path, asked: Asked) -> Asked:
    """What the folder holds, be it more or less; UsageError where it was made of something else."""
    found = read_asked(folder)
    for field in Asked.__struct_fields__:
        if field != "most_tokens" and getattr(found, field) != getattr(asked, field):
            raise UsageError(f"{folder}: holds labels made with other {field}: name another folder")
    return found


def _write_asked(folder: Path, asked: Asked) -> None:
    with atomic_file(folder / ASKED) as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(asked), indent=1) + b"\n")


def read_asked(folder: Path) -> Asked:
    """Who labelled what; raises TaggerError where the folder does not say."""
    path = folder / ASKED
    try:
        return msgspec.json.decode(path.read_bytes(), type=Asked)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TaggerError(f"{path}: not what a folder of labels has there: {error}") from None


def record_type(tasks: Sequence[Task], top: int) -> np.dtype[Any]:
    """A token's record: of each task the ids of the likeliest tags and their probabilities."""
    fields: list[tuple[str, Any, tuple[int]]] = []
    for i, task in enumerate(tasks):
        size = min(top, len(task.tags))
        ids = np.uint8 if len(task.tags) <= 256 else np.dtype("<u2")
        fields += [(f"{i}.ids", ids, (size,)), (f"{i}.chances", np.dtype("<f2"), (size,))]
    return np.dtype(fields)


def records_of(
    distributions: Mapping[str, Floats], tasks: Sequence[Task], kind: np.dtype[Any], number: int
) -> Records:
    """Records of so many tokens; a task that is missing has no probability at all.

    Shape of each distribution: (tokens, num_tags) -> (tokens,).
    """
    records = np.zeros(number, kind)
    for i, task in enumerate(tasks):
        if task.name not in distributions:
            continue
        chances = distributions[task.name]
        size = kind[f"{i}.ids"].shape[0]
        ids = np.argsort(-chances, axis=1, kind="stable")[:, :size]
        records[f"{i}.ids"] = ids
        records[f"{i}.chances"] = np.take_along_axis(chances, ids, axis=1)
    return records


class LabelWriter:
    """Appends records to labels.bin; `done` is how many tokens have one."""

    def __init__(self, folder: Path, tasks: Sequence[Task], top: int) -> None:
        self.tasks = tuple(tasks)
        self.kind = record_type(tasks, top)
        self._path = folder / LABELS
        with atomic_file(folder / TASKS) as stream:
            stream.write(msgspec.json.encode(self.tasks) + b"\n")
        self.done = self._path.stat().st_size // self.kind.itemsize if self._path.exists() else 0

    def open(self, done: int) -> BinaryIO:
        """The file, cut behind `done` records."""
        stream = self._path.open("r+b" if self._path.exists() else "w+b")
        stream.truncate(done * self.kind.itemsize)
        stream.seek(0, 2)
        return stream


class Labels(msgspec.Struct, frozen=True):
    """All records. Shape: (tokens,)."""

    tasks: tuple[Task, ...]
    records: Records


def likeliest(records: Records, task: int) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """Ids and probabilities of the likeliest tags of some tokens. Shape: (tokens, top) each."""
    return records[f"{task}.ids"], records[f"{task}.chances"].astype(np.float32)


def num_labelled(folder: Path) -> int:
    """How many of the texts' tokens have labels, boundaries included."""
    if not all((folder / name).is_file() for name in (TASKS, LABELS)):
        return 0
    kind = record_type(_read_tasks(folder), read_asked(folder).top)
    return (folder / LABELS).stat().st_size // kind.itemsize


def has_labels(folder: Path | None, most_tokens: int) -> bool:
    """Whether the first so many tokens of the texts were chosen and have labels."""
    if folder is None or not (folder / FORMS).is_file():
        return False
    texts = open_texts(folder).first(most_tokens)
    is_enough = read_asked(folder).most_tokens >= most_tokens
    return is_enough and num_labelled(folder) >= len(texts.tokens)


def _read_tasks(folder: Path) -> tuple[Task, ...]:
    return msgspec.json.decode((folder / TASKS).read_bytes(), type=tuple[Task, ...])


def open_labels(folder: Path, num_tokens: int) -> Labels:
    """What was labelled, mapped into memory; raises TaggerError where labels of these are missing.

    `num_tokens` counts boundaries.
    """
    asked = read_asked(folder)
    tasks = _read_tasks(folder)
    kind, path = record_type(tasks, asked.top), folder / LABELS
    if path.stat().st_size < num_tokens * kind.itemsize:
        raise TaggerError(
            f"{path}: expected {num_tokens:,} records of {kind.itemsize} bytes, "
            f"found {path.stat().st_size:,} bytes"
        )
    return Labels(tasks, np.asarray(np.memmap(path, kind, "r", shape=(num_tokens,))))

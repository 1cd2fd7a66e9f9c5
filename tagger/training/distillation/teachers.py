"""Teachers: model folders of ours, one or several, whose probabilities are averaged."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from tagger.errors import UsageError
from tagger.inference.distributions import distributions
from tagger.inference.folder import WEIGHTS
from tagger.inference.pipeline import Tagger
from tagger.inference.records import TeacherRecord
from tagger.inference.transformer import TransformerRuntime
from tagger.tasks import Task
from tagger.training.device import CPU
from tagger.training.distillation.labels import Floats, LabelWriter, records_of
from tagger.training.distillation.texts import Texts
from tagger.training.distillation.transformer_session import PIECES_AT_ONCE, TransformerSession

WINDOW_TOKENS = 20_000


class Teachers:
    """Models that say together what they think of sentences.

    A task is known to those of them that have it; each tag's probability is the mean of theirs.
    Raises UsageError where two of them disagree whether a task is of spans.
    """

    def __init__(
        self, folders: Sequence[Path], threads: int = 1, device: torch.device = CPU
    ) -> None:
        """On a GPU their transformers run, where their weights are there, else on the CPU.

        All else is small enough for the CPU. `without_weights` are those that had to stay there.
        """
        self._taggers = [Tagger(folder, threads=threads) for folder in folders]
        self.without_weights: list[Path] = []
        for tagger in self._taggers:
            record, below = tagger.description.transformer, tagger.runtime.below
            if device == CPU or not record or not isinstance(below, TransformerRuntime):
                continue
            if (tagger.folder / WEIGHTS).is_file():
                session = TransformerSession(tagger.folder, record, device)
                below.run_elsewhere(session, PIECES_AT_ONCE)
            else:
                self.without_weights.append(tagger.folder)
        self.tasks = joined_tasks([task for tagger in self._taggers for task in tagger.tasks])
        self._num_tags = {task.name: len(task.tags) for task in self.tasks}
        ids = {task.name: {tag: i for i, tag in enumerate(task.tags)} for task in self.tasks}
        self._places = [
            {task.name: np.array([ids[task.name][tag] for tag in task.tags]) for task in t.tasks}
            for t in self._taggers
        ]

    def label(self, sentences: Sequence[Sequence[str]]) -> list[dict[str, Floats]]:
        """Of each sentence by task. Shape: (length, num_tags)."""
        sums: list[dict[str, Floats]] = [
            {name: np.zeros((len(s), size), np.float32) for name, size in self._num_tags.items()}
            for s in sentences
        ]
        for tagger, places in zip(self._taggers, self._places, strict=True):
            for total, found in zip(sums, distributions(tagger, sentences), strict=True):
                for name, chances in found.items():
                    total[name][:, places[name]] += chances
        for total in sums:
            for chances in total.values():
                chances /= chances.sum(1, keepdims=True)
        return sums


def joined_tasks(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Each task once, with all tags that one of them has."""
    found: dict[str, Task] = {}
    for task in tasks:
        before = found.setdefault(task.name, task)
        if before.scheme != task.scheme:
            raise UsageError(
                f"teachers: {task.name!r} has spans for one and plain tags for another"
            )
        tags = dict.fromkeys([*before.tags, *task.tags])
        found[task.name] = Task(name=task.name, tags=tuple(tags), scheme=task.scheme)
    return tuple(found.values())


def record_of(folder: Path) -> TeacherRecord:
    """A teacher by its folder's name and the checksum of its graphs."""
    digest = sha256()
    for path in sorted(folder.glob("*.onnx")):
        digest.update(path.read_bytes())
    return TeacherRecord(name=folder.resolve().name, sha256=digest.hexdigest())


def write_labels(
    texts: Texts, teachers: Teachers, writer: LabelWriter, told: Callable[[int], None]
) -> None:
    """Labels all sentences that have no labels yet; `told` hears how many tokens have some."""
    first = int(np.searchsorted(texts.starts, writer.done, side="right")) - 1
    first = max(0, first)
    known = texts.all_forms
    with writer.open(int(texts.starts[first]) if writer.done else 0) as stream:
        if not writer.done:
            stream.write(np.zeros(int(texts.starts[0]), writer.kind).tobytes())
        while first < len(texts):
            last = _window_end(texts, first)
            sentences = [[known[i] for i in texts.forms(k)] for k in range(first, last)]
            for forms, found in zip(sentences, teachers.label(sentences), strict=True):
                records = records_of(found, writer.tasks, writer.kind, len(forms))
                stream.write(records.tobytes())
                stream.write(np.zeros(1, writer.kind).tobytes())  # of the boundary
            stream.flush()
            first = last
            told(int(texts.starts[first]))


def _window_end(texts: Texts, first: int) -> int:
    """The sentence behind the last one of a window that begins with `first`."""
    end = int(np.searchsorted(texts.starts, texts.starts[first] + WINDOW_TOKENS))
    return min(len(texts), max(first + 1, end))

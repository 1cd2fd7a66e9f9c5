"""Labelled texts as a student reads them: in its own ids, a sentence at a time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tagger.errors import UsageError
from tagger.inference.encoding import Ids
from tagger.tasks import Task
from tagger.training.batches import Lexicon, SoftBatch, SoftSentence
from tagger.training.distillation.labels import Labels
from tagger.training.distillation.texts import Texts
from tagger.training.settings import Distillation
from tagger.vocabulary import Vocabularies

Floats = NDArray[np.float32]


class SoftCorpus:
    """Texts and labels, mapped into memory, for the tasks that the teacher has as well.

    Tags that the student does not know get nothing, and the others of that token what is left.
    Probabilities are raised to 1 / temperature first. Raises UsageError where teacher and
    student have no task in common.
    """

    def __init__(
        self,
        texts: Texts,
        labels: Labels,
        tasks: Sequence[Task],
        vocabularies: Vocabularies,
        settings: Distillation,
    ) -> None:
        self._texts, self._labels, self._settings = texts, labels, settings
        forms = texts.all_forms
        order = sorted(range(len(forms)), key=lambda i: (len(forms[i]), forms[i]))
        self.lexicon = Lexicon([forms[i] for i in order], vocabularies)
        self._rows = np.empty(len(forms), np.int64)
        self._rows[order] = np.arange(len(forms))
        self.lengths = np.diff(texts.starts) - 1
        theirs = {task.name: i for i, task in enumerate(labels.tasks)}
        self._sizes = {task.name: len(task.tags) for task in tasks if task.name in theirs}
        self._places = {
            task.name: (theirs[task.name], _places(labels.tasks[theirs[task.name]], task))
            for task in tasks
            if task.name in theirs
        }
        if not self._places:
            raise UsageError(
                f"teacher: expected one of the tasks {', '.join(t.name for t in tasks)}, "
                f"found only {', '.join(theirs)}"
            )

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, i: int) -> SoftSentence:
        start, stop = int(self._texts.starts[i]), int(self._texts.starts[i + 1]) - 1
        forms = self._rows[self._texts.tokens[start:stop]]
        return SoftSentence(
            forms, {name: self._distribution(name, start, stop) for name in self._places}
        )

    def batch(self, sentences: Sequence[SoftSentence]) -> SoftBatch:
        """Some of its sentences, ready for the network."""
        own = self._settings
        return SoftBatch(
            sentences,
            self.lexicon,
            weight=own.weight,
            temperature=own.temperature,
        )

    def read_in(self, epoch: int, epochs: int) -> range:
        """Which sentences are read in an epoch (from 0); behind the last one comes the first.

        Together they are all, `passes` times, by the end of the first `until` of the epochs.
        """
        reading = max(1, round(self._settings.until * epochs))
        total = round(self._settings.passes * len(self))
        return range(
            min(epoch, reading) * total // reading, min(epoch + 1, reading) * total // reading
        )

    def _distribution(self, name: str, start: int, stop: int) -> Floats:
        number, places = self._places[name]
        ids, chances = self._labels.of(number, start, stop)
        if self._settings.temperature != 1.0:
            chances = chances ** (1.0 / self._settings.temperature)
        dense = np.zeros((stop - start, self._sizes[name] + 1), np.float32)
        np.add.at(dense, (np.arange(stop - start)[:, None], places[ids]), chances)
        dense = dense[:, :-1]
        normalised: Floats = dense / np.maximum(dense.sum(1, keepdims=True), 1e-9)
        return normalised


def _places(theirs: Task, ours: Task) -> Ids:
    """Which of our tags each of theirs is; one behind the last where it is none."""
    ids = {tag: i for i, tag in enumerate(ours.tags)}
    return np.array([ids.get(tag, len(ids)) for tag in theirs.tags])

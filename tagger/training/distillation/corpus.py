"""Labelled texts as a student reads them: in its own ids, a sentence at a time."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tagger.errors import UsageError
from tagger.inference.encoding import Ids
from tagger.tasks import Task
from tagger.training.batches import Lexicon, Likeliest, SoftBatch, SoftSentence
from tagger.training.distillation.labels import Labels, Records, likeliest
from tagger.training.distillation.texts import Texts
from tagger.training.settings import Distillation
from tagger.vocabulary import Vocabularies


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

    def sentences(self, indices: Sequence[int]) -> list[SoftSentence]:
        """Some of them, by their numbers."""
        lengths = self.lengths[indices]
        ends = np.cumsum(lengths)
        places = np.arange(lengths.sum()) + np.repeat(
            self._texts.starts[indices] - ends + lengths, lengths
        )
        forms, records = self._rows[self._texts.tokens[places]], self._labels.records[places]
        tags = {name: self._likeliest(name, records) for name in self._places}
        return [
            SoftSentence(
                forms[start:end],
                {n: Likeliest(t.ids[start:end], t.chances[start:end]) for n, t in tags.items()},
            )
            for start, end in pairwise([0, *ends.tolist()])
        ]

    def batch(self, sentences: Sequence[SoftSentence]) -> SoftBatch:
        """Some of its sentences, ready for the network."""
        own = self._settings
        return SoftBatch(
            sentences,
            self.lexicon,
            self._sizes,
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

    def _likeliest(self, name: str, records: Records) -> Likeliest:
        """What the records say of a task, in the student's ids."""
        number, places = self._places[name]
        ids, chances = likeliest(records, number)
        if self._settings.temperature != 1.0:
            chances = chances ** (1.0 / self._settings.temperature)
        ids = places[ids]
        is_known = ids < self._sizes[name]
        chances = np.where(is_known, chances, np.float32(0))
        chances /= np.maximum(chances.sum(1, keepdims=True), np.float32(1e-9))
        return Likeliest(np.where(is_known, ids, 0), chances)


def _places(theirs: Task, ours: Task) -> Ids:
    """Which of our tags each of theirs is; one behind the last where it is none."""
    ids = {tag: i for i, tag in enumerate(ours.tags)}
    return np.array([ids.get(tag, len(ids)) for tag in theirs.tags])

"""A corpus made ready for training: tasks, vocabularies (train only) and encoded sentences."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tagger.errors import UsageError
from tagger.inference.encoding import ends_of
from tagger.sentence import Sentence
from tagger.tasks import Task, task_from
from tagger.training.batches import EncodedSentence, Lexicon
from tagger.training.settings import Settings
from tagger.vocabulary import Vocabulary, count_words, most_common

import numpy as np  # isort: skip


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Everything that a training reads, as ids.

    `dev` keeps the sentences as they were read: their gold tags may be unknown to the tasks.
    """

    tasks: tuple[Task, ...]
    words: Vocabulary
    characters: Vocabulary
    train: list[EncodedSentence]
    train_lexicon: Lexicon
    dev: list[Sentence]
    dev_encoded: list[EncodedSentence]
    dev_lexicon: Lexicon


def prepare(
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    task_names: Sequence[str],
    settings: Settings,
) -> TrainingData:
    """Vocabularies, tasks and encoded sentences; raises UsageError for a column that is not there.

    Sentences that have none of the columns teach nothing and are left out.
    """
    tasks = tuple(_task(name, train) for name in task_names)
    for task in tasks:
        if not any(task.name in sentence.columns for sentence in dev):
            raise UsageError(f"no dev sentence has the column {task.name!r}")
    train = [s for s in train if any(task.name in s.columns for task in tasks)]
    dev = [s for s in dev if any(task.name in s.columns for task in tasks)]
    counts = count_words(form for sentence in train for form in sentence.forms)
    words = Vocabulary.with_special(most_common(counts, settings.words.min_count))
    character_counts = Counter(c for s in train for form in s.forms for c in ends_of(form))
    characters = Vocabulary.with_special(most_common(character_counts, 1))
    train_lexicon = _lexicon(train, words, characters)
    dev_lexicon = _lexicon(dev, words, characters)
    return TrainingData(
        tasks=tasks,
        words=words,
        characters=characters,
        train=[_encoded(sentence, train_lexicon, tasks) for sentence in train],
        train_lexicon=train_lexicon,
        dev=list(dev),
        dev_encoded=[_encoded(sentence, dev_lexicon, ()) for sentence in dev],
        dev_lexicon=dev_lexicon,
    )


def _task(name: str, train: Sequence[Sentence]) -> Task:
    try:
        return task_from(name, train)
    except KeyError:
        found = sorted({column for sentence in train for column in sentence.columns})
        raise UsageError(
            f"no training sentence has the column {name!r}; "
            f"the columns found are {', '.join(found) or 'none'}"
        ) from None


def _lexicon(sentences: Sequence[Sentence], words: Vocabulary, characters: Vocabulary) -> Lexicon:
    forms = {form for sentence in sentences for form in sentence.forms}
    return Lexicon(sorted(forms, key=lambda form: (len(form), form)), words, characters)


def _encoded(sentence: Sentence, lexicon: Lexicon, tasks: Sequence[Task]) -> EncodedSentence:
    forms = np.array([lexicon.ids[form] for form in sentence.forms], np.int64)
    targets = {
        task.name: task.encode(sentence.columns[task.name])
        for task in tasks
        if task.name in sentence.columns
    }
    return EncodedSentence(forms, targets)

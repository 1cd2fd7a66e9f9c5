"""A corpus made ready for training: tasks, vocabularies (train only) and encoded sentences."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from tagger.errors import UsageError
from tagger.inference.encoding import affixes_of, ends_of
from tagger.inference.pretrained import Pretrained
from tagger.inference.records import DistillationRecord
from tagger.sentence import Sentence
from tagger.tasks import IGNORED, Task, task_from
from tagger.training.batches import (
    Batch,
    EncodedSentence,
    Lexicon,
    PieceInputs,
    SoftBatch,
    SoftSentence,
)
from tagger.training.distillation.corpus import SoftCorpus
from tagger.training.distillation.labels import Labels
from tagger.training.distillation.texts import Texts
from tagger.training.language_inputs import LanguageReader, read_corpus, tunable
from tagger.training.settings import Affixes, Distillation, Settings, Words
from tagger.training.transformer_folder import PretrainedTransformer
from tagger.vocabulary import Vocabularies, Vocabulary, count_words, most_common, normalise


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Everything that a training reads, as ids.

    `dev` keeps the sentences as they were read: their gold tags may be unknown to the tasks.
    `pretrained` are vectors that are not learned, `language_model` is one that is not trained any
    more, or where the training of one begins, as `transformer` is.
    """

    tasks: tuple[Task, ...]
    vocabularies: Vocabularies
    train: list[EncodedSentence]
    train_lexicon: Lexicon
    dev: list[Sentence]
    dev_encoded: list[EncodedSentence]
    dev_lexicon: Lexicon
    pretrained: Pretrained | None = None
    language_model: LanguageReader | None = None
    transformer: PretrainedTransformer | None = None
    soft: SoftCorpus | None = None
    distilled: DistillationRecord | None = None

    def sentences(self, indices: Sequence[int]) -> list[EncodedSentence | SoftSentence]:
        """Training sentences, or, by numbers behind theirs, sentences that a teacher labelled."""
        number, soft = len(self.train), self.soft
        found: list[EncodedSentence | SoftSentence] = [self.train[i] for i in indices if i < number]
        if soft is not None and len(found) < len(indices):
            found += soft.sentences([(i - number) % len(soft) for i in indices if i >= number])
        return found

    def batch(self, sentences: Sequence[EncodedSentence | SoftSentence]) -> Batch | SoftBatch:
        """Sentences of one of the two kinds, ready for the network."""
        gold = [s for s in sentences if isinstance(s, EncodedSentence)]
        if gold:
            return Batch(gold, self.train_lexicon, [task.name for task in self.tasks])
        assert self.soft is not None
        return self.soft.batch([s for s in sentences if isinstance(s, SoftSentence)])


class Taught(msgspec.Struct, frozen=True):
    """What a teacher labelled."""

    texts: Texts
    labels: Labels
    record: DistillationRecord


def prepare(
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    task_names: Sequence[str],
    settings: Settings,
    pretrained: Pretrained | None = None,
    language_model: LanguageReader | None = None,
    scratch: Path | None = None,
    transformer: PretrainedTransformer | None = None,
    taught: Taught | None = None,
) -> TrainingData:
    """Vocabularies, tasks and encoded sentences; raises UsageError for a column that is not there.

    Sentences without a gold tag of any task teach nothing and are left out. What a language model
    says of the sentences goes into files in the folder `scratch`, or is there already; not where
    it is fine-tuned.
    """
    for name in settings.heads:
        if name not in task_names:
            raise UsageError(f"heads: {name!r} is none of the tasks {', '.join(task_names)}")
    tasks = tuple(_task(name, train) for name in task_names)
    for task in tasks:
        if not any(task.name in sentence.columns for sentence in dev):
            raise UsageError(f"no dev sentence has the column {task.name!r}")
    train = [s for s in train if any(task.name in s.columns for task in tasks)]
    dev = [s for s in dev if any(task.name in s.columns for task in tasks)]
    vocabularies = build_vocabularies(train, settings, None if taught is None else taught.texts)
    if pretrained is not None:
        vocabularies = msgspec.structs.replace(vocabularies, vectors=pretrained.vocabulary)
    train_lexicon, dev_lexicon = _lexicon(train, vocabularies), _lexicon(dev, vocabularies)
    encoded = _encoded(train, train_lexicon, tasks)
    dev_encoded = _encoded(dev, dev_lexicon, ())
    if language_model is not None:
        vocabularies = language_model.beside(vocabularies)
        for lexicon, sentences, name in (
            (train_lexicon, encoded, "train"),
            (dev_lexicon, dev_encoded, "dev"),
        ):
            if settings.language_model.fine_tune:
                lexicon.language_forms = tunable(language_model).forms(lexicon)
            else:
                assert scratch is not None
                path = scratch / f"{name}.states"
                lexicon.language = read_corpus(language_model, lexicon, sentences, path)
    if transformer is not None:
        for lexicon in (train_lexicon, dev_lexicon):
            of_forms = [transformer.pieces(form) for form in lexicon.ids]
            lexicon.pieces = PieceInputs(of_forms, transformer.record.frame)
    return TrainingData(
        tasks=tasks,
        vocabularies=vocabularies,
        train=[s for s in encoded if any((ids != IGNORED).any() for ids in s.targets.values())],
        train_lexicon=train_lexicon,
        dev=dev,
        dev_encoded=dev_encoded,
        dev_lexicon=dev_lexicon,
        pretrained=pretrained,
        language_model=language_model,
        transformer=transformer,
        soft=None
        if taught is None
        else SoftCorpus(taught.texts, taught.labels, tasks, vocabularies, settings.distillation),
        distilled=None if taught is None else taught.record,
    )


def build_vocabularies(
    train: Sequence[Sentence], settings: Settings, texts: Texts | None = None
) -> Vocabularies:
    """The words, characters and affixes that occur often enough; affixes count once a form.

    Of texts that a teacher labelled the commonest words come behind those of the corpus.
    """
    words = count_words(form for sentence in train for form in sentence.forms)
    forms = {form for sentence in train for form in sentence.forms}
    characters = Counter(c for form in forms for c in ends_of(form))
    affixes = Counter(affix for form in forms for affix in affixes_of(form))
    of_words = _kept(words, settings.words)
    if texts is not None:
        of_words = _extended(of_words, texts, settings.distillation)
    return Vocabularies(
        words=of_words,
        characters=Vocabulary.with_special(most_common(characters, 1)[: settings.characters.most]),
        affixes=_kept(affixes, settings.affixes),
    )


def _kept(counts: Counter[str], settings: Words | Affixes) -> Vocabulary:
    return Vocabulary.with_special(most_common(counts, settings.min_count)[: settings.most])


def _extended(words: Vocabulary, texts: Texts, settings: Distillation) -> Vocabulary:
    """The words with the commonest others of some texts."""
    found: Counter[str] = Counter()
    for form, count in zip(texts.all_forms, texts.counts.tolist(), strict=True):
        found[normalise(form)] += count
    common = most_common(found, settings.min_count)
    others = [word for word in common if word and word not in words]
    return Vocabulary([*words.strings, *others[: settings.most]])


def _task(name: str, train: Sequence[Sentence]) -> Task:
    try:
        return task_from(name, train)
    except KeyError:
        found = sorted({column for sentence in train for column in sentence.columns})
        raise UsageError(
            f"no training sentence has the column {name!r}; "
            f"the columns found are {', '.join(found) or 'none'}"
        ) from None


def _lexicon(sentences: Sequence[Sentence], vocabularies: Vocabularies) -> Lexicon:
    forms = {form for sentence in sentences for form in sentence.forms}
    return Lexicon(sorted(forms, key=lambda form: (len(form), form)), vocabularies)


def _encoded(
    sentences: Sequence[Sentence], lexicon: Lexicon, tasks: Sequence[Task]
) -> list[EncodedSentence]:
    encoded, start = [], 0
    for sentence in sentences:
        forms = np.array([lexicon.ids[form] for form in sentence.forms], np.int64)
        targets = {
            task.name: task.encode(sentence.columns[task.name])
            for task in tasks
            if task.name in sentence.columns
        }
        encoded.append(EncodedSentence(forms, targets, start))
        start += len(forms)
    return encoded

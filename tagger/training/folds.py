"""A corpus dealt into folds, each with a training on the others: models that judge the unseen."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from tagger.errors import UsageError
from tagger.sentence import UNANNOTATED, Sentence
from tagger.tasks import task_from
from tagger.training.data import prepare
from tagger.training.loop import Training
from tagger.training.settings import Settings, settings_from

FOLDS = 2
SETTINGS = settings_from({"encoder": {"hidden_size": 96}})
EPOCHS, STEPS = 3, 300  # the least of both; who learns tags longer learns their errors too
SPAN_EPOCHS = 10  # a model that knows few entities yet denies many
LEAST_BATCH_TOKENS, MOST_BATCH_TOKENS = 100, 1000
DEV_SHARE = 20  # one sentence in so many of a training part chooses the epoch


@dataclass(frozen=True, slots=True)
class Fold:
    """Sentences that `training` does not see, and their places in the corpus (from 0).

    `number` counts the folds from 1.
    """

    number: int
    places: Sequence[int]
    held_out: Sequence[Sentence]
    training: Training


def folds_of(
    sentences: Sequence[Sentence],
    names: Sequence[str],
    settings: Settings = SETTINGS,
    count: int = FOLDS,
) -> Iterator[Fold]:
    """The folds one by one, each with a training of the columns `names` that is still to be run.

    Sentences that have none of the columns are in no fold. The settings' seed decides who is in
    which; epochs and batch size that they leave open are fitted to the corpus. Raises UsageError
    where a column is in too few sentences.
    """
    places = [i for i, s in enumerate(sentences) if s.forms and any(n in s.columns for n in names)]
    chosen = [sentences[i] for i in places]
    _check(chosen, names, count)
    has_spans = any(task_from(name, chosen).scheme is not None for name in names)
    random = np.random.default_rng(settings.seed)
    parts = deal(chosen, count, random)
    for number, part in enumerate(parts, 1):
        held_out = [places[k] for k in part]
        others = sorted({*places} - {*held_out})
        train, dev = split_off_dev([sentences[i] for i in others], names, random)
        fitted = fit(settings, sum(map(len, train)), SPAN_EPOCHS if has_spans else EPOCHS)
        training = Training(prepare(train, dev, names, fitted), fitted)
        yield Fold(number, held_out, [sentences[i] for i in held_out], training)


def deal(sentences: Sequence[Sentence], parts: int, random: np.random.Generator) -> list[list[int]]:
    """Indices of the sentences at random in `parts` parts, whose sizes differ by one at most.

    Sentences with the same columns are dealt out in turn: each part gets its share of every column.
    """
    order = random.permutation(len(sentences)).tolist()
    order.sort(key=lambda i: sorted(sentences[i].columns))
    return [sorted(order[part::parts]) for part in range(parts)]


def split_off_dev(
    sentences: Sequence[Sentence], names: Collection[str], random: np.random.Generator
) -> tuple[list[Sentence], list[Sentence]]:
    """Train and dev: one sentence in DEV_SHARE, and one for each column that would have none.

    The latter stays in train too: so rare a column has nothing to spare.
    """
    chosen, *others = deal(sentences, min(DEV_SHARE, len(sentences)), random)
    train = [sentences[i] for i in sorted(i for part in others for i in part)]
    dev = [sentences[i] for i in chosen]
    for name in names:
        if not any(name in sentence.columns for sentence in dev):
            dev += [sentence for sentence in train if name in sentence.columns][:1]
    return train, dev


def fit(settings: Settings, num_tokens: int, least_epochs: int) -> Settings:
    """Settings whose epochs and batch size are given, for about STEPS steps or more.

    A small corpus is read in smaller batches first, then more often.
    """
    options = settings.optimisation
    wanted = min(MOST_BATCH_TOKENS, max(LEAST_BATCH_TOKENS, num_tokens * least_epochs // STEPS))
    batch_tokens = options.batch_tokens or wanted
    steps_per_epoch = max(1, num_tokens // batch_tokens)
    epochs = options.epochs or max(least_epochs, math.ceil(STEPS / steps_per_epoch))
    fitted = msgspec.structs.replace(options, epochs=epochs, batch_tokens=batch_tokens)
    return msgspec.structs.replace(settings, optimisation=fitted)


def _check(sentences: Sequence[Sentence], names: Sequence[str], count: int) -> None:
    if count < 2:
        raise UsageError(f"expected at least 2 folds, found {count}")
    for name in names:
        found = sum(bool({*s.columns.get(name, ())} - {UNANNOTATED}) for s in sentences)
        if found < 2 * count:
            raise UsageError(
                f"{name}: expected at least {2 * count} sentences tagged in this column "
                f"to deal into {count} folds, found {found}"
            )

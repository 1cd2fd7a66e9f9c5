"""What a language model knows of words, and the forms that it can predict, from a text's counts.

A Counter of all words, or of all affixes, would take hundreds of bytes a form, and leave the heap
in pieces. So strings are counted twice: all of them by their hashes, in arrays, and by themselves
only those whose hash is frequent enough.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np

from tagger.inference.encoding import affixes_of, ends_of
from tagger.training.language_settings import LanguageModelSettings
from tagger.training.token_files import FormCounts
from tagger.vocabulary import PAD, UNKNOWN, Vocabularies, Vocabulary, most_common, normalise

Counted = tuple[str, int]
COUNTED_AT_ONCE = 500_000
COLLISIONS = 100  # a hash that strings share may push so many others out of the first pass


def build_language_vocabularies(
    texts: FormCounts, settings: LanguageModelSettings
) -> tuple[Vocabularies, Vocabulary]:
    """What the model knows of words, and the forms that it can predict.

    The empty form is the boundary between sentences; it is in both. A form that reads as one of the
    special entries is what they stand for, and takes no place.
    """
    listed, special = texts.forms[2:], {"", PAD, UNKNOWN}

    def words() -> Iterator[Counted]:
        for form, count in zip(texts.forms, texts.counts, strict=True):
            word = normalise(form)
            if word not in special:
                yield word, count

    def affixes() -> Iterator[Counted]:
        for form in listed:
            for affix in affixes_of(form):
                yield affix, 1

    own, of_affixes = settings.words, settings.affixes
    characters = Counter(c for form in listed for c in ends_of(form))
    vocabularies = Vocabularies(
        words=Vocabulary.with_special(["", *most_frequent(words, own.min_count, own.most)]),
        characters=Vocabulary.with_special(most_common(characters, 1)[: settings.characters.most]),
        affixes=Vocabulary.with_special(
            most_frequent(affixes, of_affixes.min_count, of_affixes.most)
        ),
    )
    order = np.argsort(-np.array(texts.counts[2:]), kind="stable")
    # Copies: those of the text would each keep a piece of the heap that all others have left.
    forms = (listed[i].encode().decode() for i in order if listed[i] != UNKNOWN)
    targets = Vocabulary(["", UNKNOWN, *islice(forms, max(0, settings.targets - 2))])
    return vocabularies, targets


def most_frequent(
    counted: Callable[[], Iterable[Counted]], least: int, most: int | None
) -> list[str]:
    """The `most` frequent strings that occur at least `least` times, as `most_common` has them.

    `counted` gives strings and how often each occurs there, any string any number of times, the
    same ones whenever it is called.
    """
    hashes, totals = _by_hash(counted())
    if most is not None and len(totals) > most + COLLISIONS:
        place = len(totals) - most - COLLISIONS
        least_total = max(least, int(np.partition(totals, place)[place]))
    else:
        least_total = least
    kept = frozenset(hashes[totals >= least_total].tolist())
    counts: Counter[str] = Counter()
    for string, count in counted():
        if hash(string) in kept:
            counts[string] += count
    return most_common(counts, least)[:most]


def _by_hash(counted: Iterable[Counted]) -> tuple[np.ndarray, np.ndarray]:
    """The distinct hashes of strings, and how often strings of each occur."""
    rows = ((hash(string), count) for string, count in counted)
    hashes, totals = np.empty(0, np.int64), np.empty(0, np.int64)
    pair = np.dtype((np.int64, 2))
    while len(part := np.fromiter(islice(rows, COUNTED_AT_ONCE), pair)):
        both = np.concatenate([hashes, part[:, 0]])
        hashes, inverse = np.unique(both, return_inverse=True)
        counts, totals = np.concatenate([totals, part[:, 1]]), np.zeros(len(hashes), np.int64)
        np.add.at(totals, inverse, counts)
    return hashes, totals

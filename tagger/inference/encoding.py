"""Forms to ids, the same in training and prediction: what a network is told about a word.

A word is its normalised form's id and the ids of its exact characters. A very long word is told
by its two ends, so that a 300,000-character line costs no more than a long name.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tagger.vocabulary import Vocabulary, normalise

MOST_CHARACTERS = 40  # of a word that are read; of a longer one the first and the last half of it
Ids = NDArray[np.int64]


def ends_of(form: str, most: int = MOST_CHARACTERS) -> str:
    """The form itself, or its first and last `most` / 2 characters where it is longer.

    >>> ends_of("abcdefgh", most=4)
    'abgh'
    """
    half = most // 2
    return form if len(form) <= most else form[:half] + form[len(form) - half :]


def encode_word(form: str, words: Vocabulary) -> int:
    """The id of the normalised form; a word of over 1,000 characters is in no vocabulary."""
    return words.id_or_unknown(normalise(form)) if len(form) <= 1000 else words.unknown_id


def encode_words(forms: Iterable[str], words: Vocabulary) -> Ids:
    """Word ids. Shape: (forms,)."""
    return np.array([encode_word(form, words) for form in forms], dtype=np.int64)


def encode_characters(forms: Sequence[str], characters: Vocabulary) -> Ids:
    """Character ids, padded at the end with `pad_id`. Shape: (forms, longest form, at least 1)."""
    rows = [characters.ids_or_unknown(ends_of(form)) for form in forms]
    ids = np.full((len(rows), max(map(len, rows), default=0) or 1), characters.pad_id, np.int64)
    for row, row_ids in zip(ids, rows, strict=True):
        row[: len(row_ids)] = row_ids
    return ids

"""Forms to ids, the same in training and prediction: what a network is told about a word.

A word is its normalised form's id, the ids of its exact characters, and those of its affixes: the
first and last one to four letters and its shape, the features of a linear CRF (Ratnaparkhi 1996).
A very long word is told by its two ends, so that a 300,000-character line costs no more than a
long name.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tagger.text.characters import ByCharacter
from tagger.vocabulary import Vocabularies, Vocabulary, normalise

MOST_CHARACTERS = 40  # of a word that are read; of a longer one the first and the last half of it
LONGEST_AFFIX = 4
NUM_AFFIXES = 2 * LONGEST_AFFIX + 1  # prefixes, suffixes, shape
LANGUAGE_MODEL = "lm."  # what names of its inputs and weights begin with
Ids = NDArray[np.int64]


def ends_of(form: str, most: int = MOST_CHARACTERS) -> str:
    """The form itself, or its first and last `most` / 2 characters where it is longer.

    >>> ends_of("abcdefgh", most=4)
    'abgh'
    """
    half = most // 2
    return form if len(form) <= most else form[:half] + form[len(form) - half :]


def encode_forms(forms: Sequence[str], known: Vocabularies, at: str = "") -> dict[str, Ids]:
    """All that a network is told about forms, by the names of its inputs, which begin with `at`.

    Shapes: words and, where there are such vectors, pretrained (forms,); characters and affixes
    (forms, …); the same of the language model, where there is one, by names that begin with
    LANGUAGE_MODEL.
    """
    ids = {
        f"{at}words": encode_words(forms, known.words),
        f"{at}characters": encode_characters(forms, known.characters),
        f"{at}affixes": encode_affixes(forms, known.affixes),
    }
    if known.vectors is not None:
        ids[f"{at}pretrained"] = encode_words(forms, known.vectors)
    if known.language_model is not None:
        ids |= encode_forms(forms, known.language_model, LANGUAGE_MODEL)
    return ids


def last_ids(known: Vocabularies, at: str = "") -> dict[str, Ids]:
    """The highest id of each input that `encode_forms` names, as if of one form."""
    ids = {
        f"{at}words": np.array([len(known.words) - 1]),
        f"{at}characters": np.array([[len(known.characters) - 1]]),
        f"{at}affixes": np.full((1, NUM_AFFIXES), len(known.affixes) - 1),
    }
    if known.vectors is not None:
        ids[f"{at}pretrained"] = np.array([len(known.vectors) - 1])
    if known.language_model is not None:
        ids |= last_ids(known.language_model, LANGUAGE_MODEL)
    return ids


def encode_word(form: str, words: Vocabulary) -> int:
    """The id of the normalised form; a word of over 1,000 characters is in no vocabulary."""
    return words.id_or_unknown(normalise(form)) if len(form) <= 1000 else words.unknown_id


def encode_words(forms: Iterable[str], words: Vocabulary) -> Ids:
    """Word ids. Shape: (forms,)."""
    return np.array([encode_word(form, words) for form in forms], dtype=np.int64)


def encode_characters(forms: Sequence[str], characters: Vocabulary) -> Ids:
    """Character ids, padded at the end with `pad_id`. Shape: (forms, longest form, at least 1)."""
    rows = [characters.ids_or_unknown(ends_of(form)) for form in forms]
    return _padded(rows, max(map(len, rows), default=0) or 1, characters.pad_id)


def _padded(rows: Sequence[list[int]], length: int, pad_id: int) -> Ids:
    """Lists of ids as an array, `pad_id` behind those that are shorter than `length`."""
    padding = [pad_id] * length
    ids = [row + padding[len(row) :] for row in rows]
    return np.array(ids, np.int64).reshape(len(rows), length)


def affixes_of(form: str) -> list[str]:
    """The prefixes and suffixes that the form is long enough for, each with its place, and shape.

    >>> affixes_of("Un-2")
    ['u>', 'un>', 'un->', 'un-2>', '<2', '<-2', '<n-2', '<un-2', '=Xx-d']
    """
    form = ends_of(form)
    lower = form.lower()
    sizes = range(1, min(LONGEST_AFFIX, len(lower)) + 1)
    prefixes, suffixes = [f"{lower[:n]}>" for n in sizes], [f"<{lower[-n:]}" for n in sizes]
    return [*prefixes, *suffixes, f"={shape(form)}"]


def shape(form: str) -> str:
    """Capitals as X, small letters x, digits d, other signs as they are; runs cut to two.

    >>> shape("McDonald's-1984")
    "XxXxx'x-dd"
    """
    return _long_runs(r"\1\1", form.translate(_signs))


def _sign_of(character: str) -> str:
    if character.isupper():
        return "X"
    if character.islower():
        return "x"
    return "d" if character.isdigit() else character


_signs = ByCharacter(_sign_of)
_long_runs = re.compile(r"(.)\1{2,}", re.DOTALL).sub


def encode_affixes(forms: Sequence[str], affixes: Vocabulary) -> Ids:
    """Affix ids, padded at the end with `pad_id`. Shape: (forms, NUM_AFFIXES)."""
    rows = [affixes.ids_or_unknown(affixes_of(form)) for form in forms]
    return _padded(rows, NUM_AFFIXES, affixes.pad_id)

"""Token files for a language model: vocabularies, tables of forms, windows of the text."""

from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.inference.encoding import (
    affixes_of,
    encode_affixes,
    encode_characters,
    encode_words,
    ends_of,
)
from tagger.network.language_model import Window
from tagger.training.language_settings import LanguageModelSettings
from tagger.training.token_files import BOUNDARY, FormCounts, TokenFiles, Tokens
from tagger.vocabulary import UNKNOWN, Vocabularies, Vocabulary, most_common, normalise

FORMS_AT_ONCE = 50_000
Ids = NDArray[np.int64]


class FormTables(msgspec.Struct, frozen=True):
    """What is told of each form; rows by the numbers of the token files.

    Shapes: words and targets (forms,), characters (forms, longest), affixes (forms, affixes).
    """

    words: NDArray[np.int32]
    targets: NDArray[np.int32]
    characters: NDArray[np.int16]
    affixes: NDArray[np.int32]

    def lexical(self, forms: Ids) -> tuple[Tensor, Tensor, Tensor]:
        """Words (1, forms), characters and affixes of some forms, for the word encoder."""
        characters = self.characters[forms]
        longest = max(1, int((characters != Vocabulary.pad_id).any(0).sum()))
        parts = (self.words[forms][None], characters[:, :longest], self.affixes[forms])
        words, of_forms, affixes = (torch.from_numpy(part.astype(np.int64)) for part in parts)
        return words, of_forms, affixes

    def length(self, forms: Ids) -> Ids:
        """How many characters are read of each."""
        found: Ids = (self.characters[forms] != Vocabulary.pad_id).sum(1)
        return found


def build_language_vocabularies(
    texts: FormCounts, settings: LanguageModelSettings
) -> tuple[Vocabularies, Vocabulary]:
    """What the model knows of words, and the forms that it can predict.

    The empty form is the boundary between sentences; it is in both.
    """
    words: Counter[str] = Counter()
    for form, count in zip(texts.forms, texts.counts, strict=True):
        words[normalise(form)] += count
    words.pop("", None)
    listed = texts.forms[2:]
    characters = Counter(c for form in listed for c in ends_of(form))
    affixes = Counter(affix for form in listed for affix in affixes_of(form))
    own, of_affixes = settings.words, settings.affixes
    vocabularies = Vocabularies(
        words=Vocabulary.with_special(["", *most_common(words, own.min_count)[: own.most]]),
        characters=Vocabulary.with_special(most_common(characters, 1)[: settings.characters.most]),
        affixes=Vocabulary.with_special(
            most_common(affixes, of_affixes.min_count)[: of_affixes.most]
        ),
    )
    counts = np.array(texts.counts[2:])
    order = np.argsort(-counts, kind="stable")[: max(0, settings.targets - 2)]
    targets = Vocabulary(["", UNKNOWN, *(listed[i] for i in order if listed[i] != UNKNOWN)])
    return vocabularies, targets


def build_tables(
    forms: Sequence[str], vocabularies: Vocabularies, targets: Vocabulary
) -> FormTables:
    """The tables of all forms."""
    parts = [
        _tables_of(forms[start : start + FORMS_AT_ONCE], vocabularies)
        for start in range(0, len(forms), FORMS_AT_ONCE)
    ]
    longest = max(part[1].shape[1] for part in parts)
    characters = [np.pad(part[1], ((0, 0), (0, longest - part[1].shape[1]))) for part in parts]
    return FormTables(
        words=np.concatenate([part[0] for part in parts]),
        targets=np.array(targets.ids_or_unknown(forms), np.int32),
        characters=np.concatenate(characters),
        affixes=np.concatenate([part[2] for part in parts]),
    )


def _tables_of(
    forms: Sequence[str], known: Vocabularies
) -> tuple[NDArray[np.int32], NDArray[np.int16], NDArray[np.int32]]:
    return (
        encode_words(forms, known.words).astype(np.int32),
        encode_characters(forms, known.characters).astype(np.int16),
        encode_affixes(forms, known.affixes).astype(np.int32),
    )


class Lanes:
    """A text cut into lanes of the same length, each read from its beginning, or its end, on.

    `positions` says where each lane is, in the direction of reading. Shape: (lanes,).
    """

    def __init__(self, tokens: Tokens, number: int, *, backward: bool) -> None:
        self._tokens = tokens
        self._backward = backward
        self._starts = np.arange(number) * (len(tokens) // number)
        self._length = len(tokens) // number
        self.positions: Ids = self._starts.copy()

    def steps(self, size: int) -> int:
        """How many windows of that size a lane has, at least one."""
        return max(1, (self._length - 1) // size)

    def next(self, size: int, forgets: NDArray[np.bool_]) -> tuple[Ids, NDArray[np.bool_]]:
        """The next tokens of all lanes, one more than `size`, and which lanes begin anew.

        Those that forget go on at the next boundary, those that are at their end at their
        beginning. Shapes: (lanes,) -> (size + 1, lanes), (lanes,).
        """
        over = self.positions + size + 1 > self._starts + self._length
        self.positions = np.where(over, self._starts, self.positions)
        forgets = forgets | over
        is_boundary = self._at(size)[:-1] == BOUNDARY
        skipped = np.where(forgets & is_boundary.any(0), is_boundary.argmax(0), 0)
        fits = self.positions + skipped + size + 1 <= self._starts + self._length
        self.positions = self.positions + np.where(fits, skipped, 0)
        found = self._at(size)
        self.positions = self.positions + size
        return found, forgets

    def _at(self, size: int) -> Ids:
        places = self.positions + np.arange(size + 1)[:, None]
        places = np.minimum(places, len(self._tokens) - 1)
        if self._backward:
            places = len(self._tokens) - 1 - places
        found: Ids = self._tokens[places].astype(np.int64)
        return found


def encode_windows(
    tokens: Sequence[Ids], tables: FormTables
) -> tuple[tuple[Tensor, Tensor, Tensor], list[Window]]:
    """The distinct forms of some windows as the word encoder reads them, and the windows.

    Shape of each of `tokens`: (size + 1, lanes); the last row is only predicted.
    """
    distinct, inverse = np.unique(np.stack(tokens)[:, :-1], return_inverse=True)
    order = np.argsort(tables.length(distinct), kind="stable")  # padded to the longest of a part
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    rows = rank[inverse].reshape(len(tokens), *tokens[0][:-1].shape)
    windows = [
        Window(torch.from_numpy(own), torch.from_numpy(tables.targets[ids[1:]].astype(np.int64)))
        for own, ids in zip(rows, tokens, strict=True)
    ]
    return tables.lexical(distinct[order]), windows


class LanguageData(msgspec.Struct, frozen=True):
    """Everything that a language model's training reads."""

    files: TokenFiles
    vocabularies: Vocabularies
    targets: Vocabulary
    tables: FormTables


def prepare_language_data(files: TokenFiles, settings: LanguageModelSettings) -> LanguageData:
    """Vocabularies of the text, and what they say of each form."""
    vocabularies, targets = build_language_vocabularies(files.texts, settings)
    return LanguageData(
        files, vocabularies, targets, build_tables(files.texts.forms, vocabularies, targets)
    )

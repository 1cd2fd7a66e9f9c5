"""Token files for a language model: vocabularies, tables of forms, windows of the text."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.inference.encoding import (
    NUM_AFFIXES,
    encode_affixes,
    encode_characters,
    encode_words,
)
from tagger.inference.folder import NORMALISATION
from tagger.inference.language_folder import WordFiles
from tagger.network.language_model import LanguageModel, State, Window
from tagger.training.build import build_language_model
from tagger.training.device import device_of, moved
from tagger.training.language_settings import LanguageModelSettings
from tagger.training.language_vocabularies import build_language_vocabularies
from tagger.training.token_files import BOUNDARY, FormCounts, TokenFiles, Tokens
from tagger.vocabulary import Vocabularies, Vocabulary

TOKENS_AT_ONCE = 1_000_000
FORMS_AT_ONCE = 5_000  # as lists of ids they take a kilobyte each
Ids = NDArray[np.int64]
Table = NDArray[np.unsignedinteger[Any]]


class FormTables(msgspec.Struct, frozen=True):
    """What is told of each form, in as few bytes as it takes; rows by the numbers of token files.

    Characters stand one form's behind the other's; those of a form end where the next one's begin.
    Shapes: words and targets (forms,), starts (forms + 1,), characters (all characters,), affixes
    (forms, affixes).
    """

    words: Table
    targets: Table
    starts: NDArray[np.uint32]
    characters: Table
    affixes: Table

    def lexical(self, forms: Ids) -> tuple[Tensor, Tensor, Tensor]:
        """Words (1, forms), characters (forms, longest) and affixes of some, for the encoder."""
        lengths = self.length(forms)
        places = np.arange(max(1, int(lengths.max(initial=0))))
        is_real = places < lengths[:, None]
        characters = np.full(is_real.shape, Vocabulary.pad_id, np.int64)
        characters[is_real] = self.characters[(self.starts[forms][:, None] + places)[is_real]]
        parts = (self.words[forms][None], characters, self.affixes[forms])
        words, of_forms, affixes = (torch.from_numpy(part.astype(np.int64)) for part in parts)
        return words, of_forms, affixes

    def length(self, forms: Ids) -> Ids:
        """How many characters are read of each."""
        found: Ids = self.starts[forms + 1].astype(np.int64) - self.starts[forms]
        return found


def build_tables(
    forms: Sequence[str], vocabularies: Vocabularies, targets: Vocabulary
) -> FormTables:
    """The tables of all forms, some at a time."""
    number = len(forms)
    words, of_targets = _table(number, vocabularies.words), _table(number, targets)
    affixes = _table((number, NUM_AFFIXES), vocabularies.affixes)
    lengths = np.zeros(number + 1, np.uint32)
    characters = []
    for start in range(0, number, FORMS_AT_ONCE):
        part = forms[start : start + FORMS_AT_ONCE]
        rows = slice(start, start + len(part))
        words[rows] = encode_words(part, vocabularies.words)
        of_targets[rows] = targets.ids_or_unknown(part)
        affixes[rows] = encode_affixes(part, vocabularies.affixes)
        padded = encode_characters(part, vocabularies.characters)
        is_real = padded != Vocabulary.pad_id
        lengths[start + 1 : start + 1 + len(part)] = is_real.sum(1)
        characters.append(padded[is_real].astype(_smallest(vocabularies.characters)))
    return FormTables(
        words=words,
        targets=of_targets,
        starts=lengths.cumsum(dtype=np.uint32),
        characters=np.concatenate(characters),
        affixes=affixes,
    )


def _table(shape: int | tuple[int, ...], vocabulary: Vocabulary) -> Table:
    """Room for ids of a vocabulary."""
    return np.empty(shape, _smallest(vocabulary))


def _smallest(vocabulary: Vocabulary) -> np.dtype[Any]:
    """The smallest unsigned whole numbers that hold its ids."""
    return np.min_scalar_type(len(vocabulary) - 1)


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


def windows_of(tokens: Tokens, lanes: int, size: int) -> Iterator[Ids]:
    """A text in lanes of the same length, `size` tokens of each at a time, at last what is left.

    Every token but the first is in exactly one window behind the one that it follows. Shapes:
    (size + 1, lanes) or shorter, and then (up to lanes, 1), with which the last lane goes on.
    """
    length = (len(tokens) - 1) // lanes
    starts = np.arange(lanes) * length
    for begin in range(0, length, size):
        steps = np.arange(begin, min(begin + size, length) + 1)
        yield tokens[starts + steps[:, None]].astype(np.int64)
    if lanes * length < len(tokens) - 1:
        yield tokens[lanes * length :, None].astype(np.int64)


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
    """Everything that a language model's training reads; no form but those of its vocabularies.

    `joined` are the targets that mostly stand without a blank before them. Shape of `train` and
    `dev`: (tokens,).
    """

    train: Tokens
    dev: Tokens
    held_out_characters: int
    vocabularies: Vocabularies
    targets: Vocabulary
    joined: list[int]
    tables: FormTables
    normalisation: ClassVar[str] = NORMALISATION

    def new_network(self, settings: LanguageModelSettings) -> LanguageModel:
        """With fresh weights."""
        return build_language_model(settings, self.vocabularies, len(self.targets))

    def losses(
        self, network: LanguageModel, windows: Sequence[Ids], states: tuple[State, State]
    ) -> tuple[tuple[Tensor, Tensor], tuple[State, State]]:
        """Of a window in each direction, as `LanguageModel.losses` gives them."""
        forms, encoded = moved(encode_windows(windows, self.tables), device_of(network))
        return network.losses(network.lexical(*forms), (encoded[0], encoded[1]), states)

    def unknown(self) -> float:
        """The share of held-out tokens that cannot be predicted."""
        parts = range(0, len(self.dev), TOKENS_AT_ONCE)
        targets, unknown_id = self.tables.targets, Vocabulary.unknown_id
        number = sum(
            int((targets[self.dev[i : i + TOKENS_AT_ONCE]] == unknown_id).sum()) for i in parts
        )
        return number / len(self.dev)

    def files(self, **of_any_kind: Any) -> WordFiles:
        """What its folder holds, once it is trained."""
        return WordFiles(
            vocabularies=self.vocabularies,
            targets=self.targets,
            joined=self.joined,
            **of_any_kind,
        )


def prepare_language_data(files: TokenFiles, settings: LanguageModelSettings) -> LanguageData:
    """Vocabularies of the text, and what they say of each form."""
    texts = files.texts
    vocabularies, targets = build_language_vocabularies(texts, settings)
    return LanguageData(
        train=files.train,
        dev=files.dev,
        held_out_characters=texts.held_out_characters,
        vocabularies=vocabularies,
        targets=targets,
        joined=_joined(texts, targets),
        tables=build_tables(texts.forms, vocabularies, targets),
    )


def _joined(texts: FormCounts, targets: Vocabulary) -> list[int]:
    """The targets that mostly stand without a blank before them."""
    found = {
        targets.id_or_unknown(form)
        for form, joined, count in zip(texts.forms, texts.joined, texts.counts, strict=True)
        if 2 * joined > count
    }
    return sorted(i for i in found if i > Vocabulary.unknown_id)

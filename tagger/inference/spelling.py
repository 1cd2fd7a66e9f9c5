"""How a character model reads a sentence: its forms spelled, a blank between them.

    boundary A n n blank s l e e p s blank . boundary

Each form has a blank or a boundary on either side of it. What is known of a form is the state of
the forward model behind the blank or boundary that follows it, and of the backward model, which
comes from the other end, behind the one that precedes it (Akbik et al. 2018, section 2.2). Of a
very long form the two ends are read.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.encoding import ends_of
from tagger.vocabulary import UNKNOWN, Vocabulary

BLANK = " "
SPECIAL = ("", UNKNOWN, BLANK)  # the first characters: boundary, unknown, blank
BOUNDARY_ID, _, BLANK_ID = range(len(SPECIAL))
Ids = NDArray[np.int64]


class SpelledSentence(NamedTuple):
    """The ids of a sentence's symbols; `ends` are the places of those behind each form."""

    symbols: list[int]
    ends: list[int]


class SpelledBatch(NamedTuple):
    """Sentences as a character model reads them.

    Shapes: symbols (longest, batch), padded; lengths (batch,); behind and before (tokens,),
    sentence by sentence: where, in the flattened states of each direction in the order in which it
    reads, that of each token stands.
    """

    symbols: Ids
    lengths: Ids
    behind: Ids
    before: Ids


def character_vocabulary(strings: Sequence[str], path: Path) -> Vocabulary:
    """The characters of a model, as the file at `path` has them; raises ModelError."""
    if tuple(strings[: len(SPECIAL)]) != SPECIAL or len(strings) == len(SPECIAL):
        raise ModelError(f"{path}: expected {SPECIAL} and then other characters, found others")
    try:
        return Vocabulary(strings)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def spelled(form: str, characters: Vocabulary) -> list[int]:
    """The ids of a form's characters, however long it is."""
    return characters.ids_or_unknown(form)


def spell_ends(forms: Sequence[str], characters: Vocabulary) -> SpelledSentence:
    """A sentence as taggers read it: of a very long form its two ends."""
    return spell([ends_of(form) for form in forms], characters)


def spell(forms: Sequence[str], characters: Vocabulary) -> SpelledSentence:
    """A sentence of at least one form."""
    symbols, ends = [BOUNDARY_ID], []
    for form in forms:
        symbols += spelled(form, characters)
        ends.append(len(symbols))
        symbols.append(BLANK_ID)
    symbols[-1] = BOUNDARY_ID
    return SpelledSentence(symbols, ends)


def spelled_batch(sentences: Sequence[SpelledSentence]) -> SpelledBatch:
    """Some sentences, padded to the longest."""
    number = len(sentences)
    lengths = np.array([len(sentence.symbols) for sentence in sentences])
    padded = np.full((number, int(lengths.max())), BOUNDARY_ID, np.int64)
    behind, before = [], []
    for lane, sentence in enumerate(sentences):
        padded[lane, : lengths[lane]] = sentence.symbols
        ends = np.array(sentence.ends)
        starts = np.append(0, ends[:-1])
        behind.append(ends * number + lane)
        before.append((lengths[lane] - 1 - starts) * number + lane)
    symbols = np.ascontiguousarray(padded.T)
    return SpelledBatch(symbols, lengths, np.concatenate(behind), np.concatenate(before))

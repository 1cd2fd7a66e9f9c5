"""Token files for a language model over characters: the text spelled, one number a character.

A sentence is its forms with a blank between them, and stands between boundaries: every form is
followed by one of these two, and preceded by one. The spelled text lies in files beside the token
files, mapped into memory; it takes two bytes a character.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from tagger.atomic import atomic_file
from tagger.inference.language_folder import CharacterFiles
from tagger.inference.spelling import BLANK, SPECIAL, spelled
from tagger.network.character_model import CharacterModel
from tagger.network.language_model import State, Window
from tagger.training.build import build_character_model
from tagger.training.device import device_of, moved
from tagger.training.language_data import Ids
from tagger.training.language_settings import CharacterModelSettings
from tagger.training.token_files import BOUNDARY, FormCounts, TokenFiles, Tokens
from tagger.vocabulary import Vocabulary, most_common

TOKENS_AT_ONCE = 500_000
SPELLED = np.dtype("<u2")
MOST_JOINED = 5_000  # of the most frequent forms it is told which stand without a blank


class CharacterData(msgspec.Struct, frozen=True):
    """Everything that a character model's training reads.

    `joined` are forms that mostly stand without a blank before them. Shape of `train` and `dev`:
    (characters,).
    """

    train: Tokens
    dev: Tokens
    characters: Vocabulary
    joined: list[str]
    normalisation: ClassVar[str] = "none"

    @property
    def held_out_characters(self) -> int:
        """Blanks and boundaries count, but for the boundary at the beginning."""
        return len(self.dev) - 1

    def new_network(self, settings: CharacterModelSettings) -> CharacterModel:
        """With fresh weights."""
        return build_character_model(settings, len(self.characters))

    def losses(
        self, network: CharacterModel, windows: Sequence[Ids], states: tuple[State, State]
    ) -> tuple[Any, tuple[State, State]]:
        """Of a window in each direction, as `CharacterModel.losses` gives them."""
        forward, backward = (moved(_window(ids), device_of(network)) for ids in windows)
        return network.losses((forward, backward), states)

    def unknown(self) -> float:
        """The share of held-out characters that are not told apart."""
        return float((self.dev == Vocabulary.unknown_id).mean())

    def files(self, **of_any_kind: Any) -> CharacterFiles:
        """What its folder holds, once it is trained."""
        return CharacterFiles(characters=self.characters, joined=self.joined, **of_any_kind)


def _window(ids: Ids) -> Window:
    """Shape: (size + 1, lanes); the last row is only predicted."""
    both = torch.from_numpy(ids)
    return Window(both[:-1], both[1:])


def prepare_character_data(
    files: TokenFiles, settings: CharacterModelSettings, folder: Path
) -> CharacterData:
    """The characters of a text, and the text spelled; `folder` is that of the token files."""
    texts = files.texts
    characters = build_characters(texts, settings.characters.most)
    spelling = Spelling.of(texts.forms, characters)
    train, dev = (
        _spell(tokens, spelling, folder / f"{name}.characters")
        for name, tokens in (("train", files.train), ("dev", files.dev))
    )
    return CharacterData(train=train, dev=dev, characters=characters, joined=_joined(texts))


def build_characters(texts: FormCounts, most: int) -> Vocabulary:
    """The boundary, the unknown character, the blank, and the `most` frequent others."""
    counts: Counter[str] = Counter()
    for form, count in zip(texts.forms[2:], texts.counts[2:], strict=True):
        for character in form:
            counts[character] += count
    others = [c for c in most_common(counts, 1) if c not in SPECIAL]
    return Vocabulary([*SPECIAL, *others[:most]])


class Spelling(msgspec.Struct, frozen=True):
    """The characters of all forms, one form's behind the other's, each with a blank behind it.

    Shapes: starts (forms + 1,), characters (all characters,).
    """

    starts: NDArray[np.int64]
    characters: NDArray[np.uint16]

    @classmethod
    def of(cls, forms: Sequence[str], characters: Vocabulary) -> "Spelling":
        """By the numbers of token files, whose first two are the boundary and unlisted forms."""
        blank = characters.id_of(BLANK)
        every = array("H", [BOUNDARY, Vocabulary.unknown_id, blank])
        starts = array("q", [0, 1, 3])
        for form in forms[2:]:
            every.extend(spelled(form, characters))
            every.append(blank)
            starts.append(len(every))
        return cls(np.array(starts), np.array(every))

    def of_tokens(self, tokens: NDArray[np.int64], follows: int) -> NDArray[np.uint16]:
        """Tokens spelled, of which the last is followed by another: no blank before boundaries."""
        is_token = tokens != BOUNDARY
        before_boundary = np.append(tokens[1:], follows) == BOUNDARY
        lengths = self.starts[tokens + 1] - self.starts[tokens] - (is_token & before_boundary)
        ends = lengths.cumsum()
        shifts = np.repeat(self.starts[tokens] - (ends - lengths), lengths)
        found: NDArray[np.uint16] = self.characters[shifts + np.arange(len(shifts))]
        return found


def _spell(tokens: Tokens, spelling: Spelling, path: Path) -> NDArray[Any]:
    """The text spelled, from its file, which is written unless it is there."""
    if not path.exists():
        with atomic_file(path) as stream:
            for part, follows in _parts(tokens):
                stream.write(spelling.of_tokens(part, follows).tobytes())
    return np.memmap(path, SPELLED, "r")


def _parts(tokens: Tokens) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Some tokens at a time, and the one behind them; behind the last boundary comes no other."""
    for start in range(0, len(tokens), TOKENS_AT_ONCE):
        end = start + TOKENS_AT_ONCE
        follows = int(tokens[end]) if end < len(tokens) else BOUNDARY
        yield tokens[start:end].astype(np.int64), follows


def _joined(texts: FormCounts) -> list[str]:
    """Of the most frequent forms those that mostly stand without a blank before them."""
    order = np.argsort(-np.array(texts.counts[2:]), kind="stable")[:MOST_JOINED] + 2
    return sorted(texts.forms[i] for i in order if 2 * texts.joined[i] > texts.counts[i])

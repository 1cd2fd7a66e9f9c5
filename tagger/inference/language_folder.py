"""A language model on disk: JSON and safetensors in a folder, no pickle.

`language-model.json` says what it is. `vocabulary.json` holds, of a model over words, its words,
characters and affixes, the forms that it can predict, and which of those stand without a blank
before them; of a model over characters these, and forms that stand without a blank before them.
`weights.safetensors` is what it learned.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.atomic import atomic_folder
from tagger.errors import ModelError, shortened
from tagger.inference.folder import CARD, METRICS, VOCABULARY, WEIGHTS, Strings, check_format
from tagger.inference.language_kinds import KINDS, LanguageKind, Ppl
from tagger.inference.model_files import read_json
from tagger.inference.records import CorpusRecord
from tagger.inference.spelling import character_vocabulary
from tagger.inference.weights import read_weights
from tagger.vocabulary import UNKNOWN, Vocabularies, Vocabulary

LANGUAGE_MODEL = "language-model.json"
LANGUAGE_FORMAT = 1


class Perplexity(msgspec.Struct, frozen=True, kw_only=True):
    """How well held-out text was predicted: by each direction, over `tokens` tokens."""

    forward: Ppl
    backward: Ppl
    tokens: int


class LanguageDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What language-model.json holds.

    `bits_per_character` of the forward model counts a word that it cannot spell as one unknown
    word; `unknown` is their share. `segmenter` names the model that cut the text, or is `rules`.
    """

    format: int
    tagger_version: str
    settings: dict[str, Any]
    data: tuple[CorpusRecord, ...]
    tokens: int
    steps: int
    num_weights: int
    held_out: Perplexity
    bits_per_character: float
    unknown: float
    normalisation: str
    command: str
    segmenter: str

    @property
    def kind(self) -> LanguageKind:
        """What it reads; words, where an older folder does not say. Raises ModelError."""
        name = self.settings.get("kind", "words")
        if not isinstance(name, str) or name not in KINDS:
            raise ModelError(
                f"expected a language model over {' or '.join(KINDS)}, "
                f"found one over {shortened(repr(name))}"
            )
        return KINDS[name]


class LanguageStrings(Strings, frozen=True, kw_only=True):
    """What its vocabulary.json holds, in the order of their ids; `joined` are ids of targets."""

    targets: list[str]
    joined: list[int]


class CharacterStrings(msgspec.Struct, frozen=True, kw_only=True):
    """The same of a model over characters; `joined` are forms."""

    characters: list[str]
    joined: list[str]


class LanguageFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What the folder of a language model of any kind holds."""

    description: LanguageDescription
    weights: Mapping[str, NDArray[np.float32]]
    card: str = ""
    metrics: Sequence[Mapping[str, Any]] = ()


class WordFiles(LanguageFiles, frozen=True, kw_only=True):
    """The same of a model over words."""

    vocabularies: Vocabularies
    targets: Vocabulary
    joined: Sequence[int]

    def strings(self) -> LanguageStrings:
        """What goes into vocabulary.json."""
        known = self.vocabularies
        return LanguageStrings(
            words=list(known.words.strings),
            characters=list(known.characters.strings),
            affixes=list(known.affixes.strings),
            targets=list(self.targets.strings),
            joined=list(self.joined),
        )


class CharacterFiles(LanguageFiles, frozen=True, kw_only=True):
    """The same of a model over characters."""

    characters: Vocabulary
    joined: Sequence[str]

    def strings(self) -> CharacterStrings:
        """What goes into vocabulary.json."""
        return CharacterStrings(characters=list(self.characters.strings), joined=list(self.joined))


def write_language_folder(folder: Path, files: WordFiles | CharacterFiles) -> None:
    """Writes a whole folder or nothing; an older one of that name is replaced."""
    from safetensors.numpy import save_file

    encode = msgspec.json.Encoder().encode
    strings = files.strings()
    with atomic_folder(folder) as new:
        description = msgspec.json.format(encode(files.description), indent=1)
        (new / LANGUAGE_MODEL).write_bytes(description + b"\n")
        (new / VOCABULARY).write_bytes(msgspec.json.format(encode(strings), indent=0) + b"\n")
        save_file(dict(files.weights), new / WEIGHTS)
        (new / CARD).write_text(files.card, encoding="utf-8", newline="\n")
        (new / METRICS).write_bytes(b"".join(encode(row) + b"\n" for row in files.metrics))


def read_language_folder(folder: Path) -> WordFiles | CharacterFiles:
    """A language model without its card; raises ModelError where the folder holds none."""
    if not (folder / LANGUAGE_MODEL).is_file():
        raise ModelError(f"{folder}: not a language model: {LANGUAGE_MODEL} is missing")
    check_format(folder / LANGUAGE_MODEL, LANGUAGE_FORMAT, "format")
    description = read_json(folder / LANGUAGE_MODEL, LanguageDescription)
    try:
        kind = description.kind
    except ModelError as error:
        raise ModelError(f"{folder / LANGUAGE_MODEL}: {error}") from None
    return _READERS[kind.name](folder, description)


def _read_words(folder: Path, description: LanguageDescription) -> WordFiles:
    strings = read_json(folder / VOCABULARY, LanguageStrings)
    if strings.targets[:2] != ["", UNKNOWN]:
        raise ModelError(
            f"{folder / VOCABULARY}: expected targets that begin with '' and {UNKNOWN!r}, "
            "found others"
        )
    if not all(0 <= i < len(strings.targets) for i in strings.joined):
        raise ModelError(f"{folder / VOCABULARY}: expected ids of targets, found others")
    try:
        vocabularies, targets = strings.vocabularies(), Vocabulary(strings.targets)
    except ModelError as error:
        raise ModelError(f"{folder / VOCABULARY}: {error}") from None
    return WordFiles(
        description=description,
        vocabularies=vocabularies,
        targets=targets,
        joined=strings.joined,
        weights=read_weights(folder, WEIGHTS),
    )


def _read_characters(folder: Path, description: LanguageDescription) -> CharacterFiles:
    strings = read_json(folder / VOCABULARY, CharacterStrings)
    return CharacterFiles(
        description=description,
        characters=character_vocabulary(strings.characters, folder / VOCABULARY),
        joined=strings.joined,
        weights=read_weights(folder, WEIGHTS),
    )


_READERS: Mapping[str, Callable[[Path, LanguageDescription], WordFiles | CharacterFiles]] = {
    "words": _read_words,
    "characters": _read_characters,
}

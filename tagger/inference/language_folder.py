"""A language model on disk: JSON and safetensors in a folder, no pickle.

`language-model.json` says what it is, `vocabulary.json` holds its words, characters and affixes,
the forms that it can predict, and which of those stand without a blank before them;
`weights.safetensors` is what it learned.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.atomic import atomic_folder
from tagger.errors import ModelError
from tagger.inference.folder import (
    CARD,
    METRICS,
    VOCABULARY,
    WEIGHTS,
    CorpusRecord,
    Strings,
    check_format,
)
from tagger.inference.model_files import read_json
from tagger.inference.weights import read_weights
from tagger.vocabulary import UNKNOWN, Vocabularies, Vocabulary

LANGUAGE_MODEL = "language-model.json"
LANGUAGE_FORMAT = 1


class Perplexity(msgspec.Struct, frozen=True, kw_only=True):
    """How well held-out text was predicted: by each direction, over `tokens` tokens."""

    forward: float
    backward: float
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


class LanguageStrings(Strings, frozen=True, kw_only=True):
    """What its vocabulary.json holds, in the order of their ids; `joined` are ids of targets."""

    targets: list[str]
    joined: list[int]


class LanguageFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a language model's folder holds."""

    description: LanguageDescription
    vocabularies: Vocabularies
    targets: Vocabulary
    joined: Sequence[int]
    weights: Mapping[str, NDArray[np.float32]]
    card: str = ""
    metrics: Sequence[Mapping[str, Any]] = ()


def write_language_folder(folder: Path, files: LanguageFiles) -> None:
    """Writes a whole folder or nothing; an older one of that name is replaced."""
    from safetensors.numpy import save_file

    encode = msgspec.json.Encoder().encode
    known = files.vocabularies
    strings = LanguageStrings(
        words=list(known.words.strings),
        characters=list(known.characters.strings),
        affixes=list(known.affixes.strings),
        targets=list(files.targets.strings),
        joined=list(files.joined),
    )
    with atomic_folder(folder) as new:
        description = msgspec.json.format(encode(files.description), indent=1)
        (new / LANGUAGE_MODEL).write_bytes(description + b"\n")
        (new / VOCABULARY).write_bytes(msgspec.json.format(encode(strings), indent=0) + b"\n")
        save_file(dict(files.weights), new / WEIGHTS)
        (new / CARD).write_text(files.card, encoding="utf-8", newline="\n")
        (new / METRICS).write_bytes(b"".join(encode(row) + b"\n" for row in files.metrics))


def read_language_folder(folder: Path) -> LanguageFiles:
    """A language model without its card; raises ModelError where the folder holds none."""
    if not (folder / LANGUAGE_MODEL).is_file():
        raise ModelError(f"{folder}: not a language model: {LANGUAGE_MODEL} is missing")
    check_format(folder / LANGUAGE_MODEL, LANGUAGE_FORMAT, "format")
    description = read_json(folder / LANGUAGE_MODEL, LanguageDescription)
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
    return LanguageFiles(
        description=description,
        vocabularies=vocabularies,
        targets=targets,
        joined=strings.joined,
        weights=read_weights(folder, WEIGHTS),
    )

"""Settings of a language model's training: TOML to frozen structs, like those of a tagger.

A language model reads words or characters: `kind` says which, and what else there is to say.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from tagger.errors import SettingsError, shortened
from tagger.inference.language_kinds import KindName
from tagger.training.settings import (
    Affixes,
    Characters,
    Positive,
    Rate,
    Size,
    Table,
    Words,
    convert_settings,
)

MOST_CHARACTERS = 30_000  # a table's ids are int16


class LanguageWords(Words, frozen=True):
    """Word vectors: those of the `most` frequent words."""

    min_count: Size = 3
    most: Size | None = 50_000
    dropout: Rate = 0.0


class LanguageCharacters(Characters, frozen=True):
    """What the characters say."""

    most: Annotated[int, msgspec.Meta(ge=1, le=MOST_CHARACTERS)] = 500


class LanguageAffixes(Affixes, frozen=True):
    """Prefixes, suffixes and shape."""

    min_count: Size = 5
    most: Size | None = 20_000


class PretrainingSettings(Table, frozen=True):
    """What decides how a language model of either kind is trained, but for the text.

    `hidden_size` is per direction. The text is read in `lanes` at once, `window` tokens or
    characters at a time, over which gradients flow; the state goes on to the next window, unless a
    lane, with the probability `forget`, begins anew at the next sentence, as a tagger will. AdamW's
    rate rises over `warm_up`, a share of all steps, and falls as a cosine to 0. `epochs` may be a
    fraction. `precision` auto is bf16 where the device computes with it; fp16 is for GPUs.
    `setbacks` is as of a tagger.
    """

    kind: KindName
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 1
    threads: Size = 1
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    hidden_size: Size = 512
    dropout: Rate = 0.1
    lanes: Size = 64
    window: Size = 32
    forget: Rate = 0.2
    epochs: Positive = 1.0
    learning_rate: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] = 0.002
    warm_up: Rate = 0.02
    weight_decay: Annotated[float, msgspec.Meta(ge=0.0)] = 0.0
    clip: Positive = 1.0
    setbacks: Annotated[int, msgspec.Meta(ge=0)] = 3
    reports: Size = 20


class LanguageModelSettings(PretrainingSettings, frozen=True):
    """The settings of a model over words.

    What the softmax reads has `projection_size`. The `targets` most frequent forms can be
    predicted, the others as one; rarer ones than each of `cutoffs` are told apart in half as many
    dimensions.
    """

    kind: Literal["words"] = "words"
    words: LanguageWords = LanguageWords()
    characters: LanguageCharacters = LanguageCharacters()
    affixes: LanguageAffixes = LanguageAffixes()
    projection_size: Size = 256
    targets: Annotated[int, msgspec.Meta(ge=3)] = 30_000  # with the boundary and the unknown form
    cutoffs: tuple[Size, ...] = (500, 2_000, 6_000, 15_000)

    def __post_init__(self) -> None:
        """Raises ValueError, which msgspec words as its own, where the cutoffs do not rise."""
        if [*self.cutoffs] != sorted({*self.cutoffs}):
            raise ValueError(f"cutoffs: expected numbers that rise, found {[*self.cutoffs]}")


class SpelledCharacters(Table, frozen=True):
    """Vectors of `size` of the `most` frequent characters; the others are one, unknown."""

    size: Size = 64
    most: Annotated[int, msgspec.Meta(ge=1, le=MOST_CHARACTERS)] = 500


class CharacterModelSettings(PretrainingSettings, frozen=True):
    """The settings of a model over characters."""

    kind: Literal["characters"] = "characters"
    characters: SpelledCharacters = SpelledCharacters()
    window: Size = 128
    learning_rate: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] = 0.004


KINDS: dict[str, type[LanguageModelSettings] | type[CharacterModelSettings]] = {
    "words": LanguageModelSettings,
    "characters": CharacterModelSettings,
}


def language_settings_from(
    tables: Mapping[str, Any], origin: str
) -> LanguageModelSettings | CharacterModelSettings:
    """Settings of the kind that the tables name, else of words.

    Raises SettingsError that names `origin` and the key, also where it is of the other kind.
    """
    name = tables.get("kind", "words")
    if not isinstance(name, str) or name not in KINDS:
        expected, found = " or ".join(KINDS), shortened(repr(name))
        raise SettingsError(f"{origin}: kind: expected {expected}, found {found}")
    own = KINDS[name].__struct_fields__
    for other, settings in KINDS.items():
        for key in sorted(tables.keys() & ({*settings.__struct_fields__} - {*own})):
            raise SettingsError(
                f'{origin}: {key!r} is a setting of kind = "{other}", these are of kind = "{name}"'
            )
    return convert_settings(tables, KINDS[name], origin)

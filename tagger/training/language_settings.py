"""Settings of a language model's training: TOML to frozen structs, like those of a tagger."""

from typing import Annotated, Literal

import msgspec

from tagger.training.settings import Affixes, Characters, Positive, Rate, Size, Table, Words


class LanguageWords(Words, frozen=True):
    """Word vectors: those of the `most` frequent words."""

    min_count: Size = 3
    most: Size | None = 50_000
    dropout: Rate = 0.0


class LanguageCharacters(Characters, frozen=True):
    """What the characters say."""

    most: Annotated[int, msgspec.Meta(ge=1, le=30_000)] = 500  # a table's ids are int16


class LanguageAffixes(Affixes, frozen=True):
    """Prefixes, suffixes and shape."""

    min_count: Size = 5
    most: Size | None = 20_000


class LanguageModelSettings(Table, frozen=True):
    """Everything that decides how a language model is trained, but for the text.

    `hidden_size` is per direction, what the softmax reads has `projection_size`. The `targets` most
    frequent forms can be predicted, the others as one; rarer ones than each of `cutoffs` are told
    apart in half as many dimensions. The text is read in `lanes` at once, `window` tokens at a
    time, over which gradients flow; the state goes on to the next window, unless a lane, with the
    probability `forget`, begins anew at the next sentence, as a tagger will. AdamW's rate rises
    over `warm_up`, a share of all steps, and falls as a cosine to 0. `epochs` may be a fraction.
    `precision` auto is bf16 where the device computes with it; fp16 is for GPUs.
    `setbacks` is as of a tagger.
    """

    seed: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 1
    threads: Size = 1
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    words: LanguageWords = LanguageWords()
    characters: LanguageCharacters = LanguageCharacters()
    affixes: LanguageAffixes = LanguageAffixes()
    hidden_size: Size = 512
    projection_size: Size = 256
    targets: Annotated[int, msgspec.Meta(ge=3)] = 30_000  # with the boundary and the unknown form
    cutoffs: tuple[Size, ...] = (500, 2_000, 6_000, 15_000)
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

    def __post_init__(self) -> None:
        """Raises ValueError, which msgspec words as its own, where the cutoffs do not rise."""
        if [*self.cutoffs] != sorted({*self.cutoffs}):
            raise ValueError(f"cutoffs: expected numbers that rise, found {[*self.cutoffs]}")

"""The kinds of language models, and how it is told how well they predict."""

import math
from typing import Annotated, Literal

import msgspec

KindName = Literal["words", "characters"]
Ppl = Annotated[float, msgspec.Meta(gt=0.0)]  # a perplexity that a file tells


class LanguageKind(msgspec.Struct, frozen=True):
    """What a model reads, and the measure of how well it predicts the next one.

    `unknown` says what is counted.
    """

    name: KindName
    tokens: str
    measure: str
    in_bits: bool
    unknown: str

    def told(self, perplexity: float, decimals: int = 1) -> str:
        """The figure of the measure, a perplexity with so many decimals.

        >>> KINDS["words"].told(64.0), KINDS["characters"].told(4.0)
        ('64.0', '2.000')
        """
        return f"{math.log2(perplexity):.3f}" if self.in_bits else f"{perplexity:.{decimals}f}"


KINDS: dict[str, LanguageKind] = {
    "words": LanguageKind(
        name="words",
        tokens="tokens",
        measure="perplexity",
        in_bits=False,
        unknown="A word that is unknown counts as one unknown word: it is not spelled.",
    ),
    "characters": LanguageKind(
        name="characters",
        tokens="characters",
        measure="bits per character",
        in_bits=True,
        unknown="Of tokenised text: a blank behind each token counts, and the end of a sentence.",
    ),
}

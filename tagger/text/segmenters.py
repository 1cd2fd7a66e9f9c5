"""Whatever cuts paragraphs into sentences and tokens: what it must do, and the one that has rules.

The one that was learned from a treebank is `inference.segmenter`.
"""

from collections.abc import Sequence
from itertools import chain, islice
from typing import Literal, Protocol

import msgspec

from tagger.sentence import Sentence
from tagger.text.paragraphs import Paragraph, lines_of, wrapped_at, wrapped_paragraphs
from tagger.text.raw import split_lines
from tagger.text.rules import segment, tokenize


class Segmenter(Protocol):
    """Paragraphs to sentences whose offsets are places in the whole text."""

    def segment(self, paragraphs: Sequence[Paragraph]) -> list[list[Sentence]]:
        """The sentences of each paragraph, none where it has no token."""

    def tokenize(self, lines: Sequence[Paragraph]) -> list[Sentence]:
        """The tokens of each line as one sentence, which may be empty; its text is the line."""


class RulesSegmenter:
    """Sentences and tokens by rules that know no treebank."""

    def segment(self, paragraphs: Sequence[Paragraph]) -> list[list[Sentence]]:
        """The sentences of each paragraph."""
        return [list(segment(text, start)) for text, start in paragraphs]

    def tokenize(self, lines: Sequence[Paragraph]) -> list[Sentence]:
        """Each line as one sentence."""
        return [tokenize(text, start) for text, start in lines]


class Cutting(msgspec.Struct, frozen=True):
    """How texts are cut into sentences: by a segmenter, or one a line.

    With `by` lines a segmenter finds the tokens, with blanks these stand between blanks. `wrapped`
    says that line breaks are blanks like any other (None: find out from the text); without
    `paragraphs` blank lines are, too. Both are for segmenters.
    """

    by: Literal["segmenter", "lines", "blanks"] = "segmenter"
    wrapped: bool | None = None
    paragraphs: bool = True

    @property
    def finds_out(self) -> bool:
        """Whether the text has yet to tell if it is hard-wrapped."""
        return self.by == "segmenter" and self.paragraphs and self.wrapped is None

    @property
    def joins_lines(self) -> bool:
        """Whether a line break is known to be a blank."""
        return self.by == "segmenter" and (self.wrapped is True or not self.paragraphs)


ANYHOW = Cutting()


def cut_text(
    text: str, segmenter: Segmenter, cutting: Cutting = ANYHOW, start: int = 0
) -> list[Sentence]:
    """The sentences of a text, or of a part that begins at `start`."""
    return cut_texts([text], segmenter, cutting, start)[0]


def cut_texts(
    texts: Sequence[str], segmenter: Segmenter, cutting: Cutting = ANYHOW, start: int = 0
) -> list[list[Sentence]]:
    """The sentences of each of several texts, which the segmenter reads at once.

    Places count from the beginning of each text, which is at `start`.
    """
    if cutting.by == "blanks":
        return [list(split_lines(text, start)) for text in texts]
    if cutting.by == "lines":
        lines = [list(lines_of(text, start)) for text in texts]
        tokenized = iter(segmenter.tokenize([*chain.from_iterable(lines)]))
        return [list(islice(tokenized, len(of_text))) for of_text in lines]
    paragraphs = [_paragraphs_of(text, start, cutting) for text in texts]
    found = iter(segmenter.segment([*chain.from_iterable(paragraphs)]))
    return [[*chain.from_iterable(islice(found, len(of_text)))] for of_text in paragraphs]


def _paragraphs_of(text: str, start: int, cutting: Cutting) -> list[Paragraph]:
    joins = cutting.joins_lines
    if cutting.wrapped is None and not joins and "\n" in text:
        joins = wrapped_at(text.split("\n")) is not None
    if joins:
        return [*wrapped_paragraphs(text, start, at_blank_lines=cutting.paragraphs)]
    return [*lines_of(text, start)]

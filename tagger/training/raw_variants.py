"""Gold raw text by paragraphs, and changed as raw text is elsewhere: what a segmenter learns from.

Treebanks have tidy texts. In a variant some paragraphs are joined or hard-wrapped, some sentences
are in lower case or lack their full stop.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from tagger.evaluation.raw_text import BETWEEN_PARAGRAPHS, MOST_TOKENS_PER_BLANK, RawText
from tagger.sentence import Sentence, surface_tokens

FULL_STOPS = frozenset(".!?。！？")
LEAST_WIDTH, MOST_WIDTH = 40, 100  # characters of a hard-wrapped line


class GoldToken(NamedTuple):
    """A surface token: its place in the sentence's text, and how many words it is."""

    start: int
    end: int
    num_words: int


class GoldSentence(msgspec.Struct, frozen=True):
    """A sentence's text with its tokens, and what stands between it and the next one."""

    text: str
    tokens: tuple[GoldToken, ...]
    gap: str


GoldParagraph = list[GoldSentence]


def paragraphs_of(raw: RawText) -> list[GoldParagraph]:
    """The gold sentences of a text, paragraph by paragraph; the last one's gap is empty."""
    paragraphs: list[GoldParagraph] = [[]]
    for sentence, following in zip(raw.sentences, [*raw.sentences[1:], None], strict=True):
        text = sentence.text or ""
        end = sentence.start + len(text)
        gap = BETWEEN_PARAGRAPHS if following is None else raw.text[end : following.start]
        is_last = BETWEEN_PARAGRAPHS in gap
        tokens = _tokens(sentence)
        paragraphs[-1].append(GoldSentence(text, tokens, "" if is_last else gap))
        if is_last:
            paragraphs.append([])
    return paragraphs[:-1]


def _tokens(sentence: Sentence) -> tuple[GoldToken, ...]:
    offsets = [
        (start - sentence.start, end - sentence.start) for start, end in sentence.offsets or ()
    ]
    return tuple(
        [GoldToken(*offsets[first], end - first) for first, end in surface_tokens(sentence)]
    )


def variant_of(
    paragraphs: Sequence[GoldParagraph], random: np.random.Generator, change: float
) -> list[GoldParagraph]:
    """The same text changed; each kind of change happens with that probability."""
    changed: list[GoldParagraph] = []
    is_glued = writes_without_blanks(paragraphs)
    for paragraph in paragraphs:
        sentences = [_changed(sentence, random, change) for sentence in paragraph]
        if changed and random.random() < change:
            gap = "\n" if random.random() < 0.5 else "" if is_glued else " "
            last = changed[-1].pop()
            changed[-1] += [msgspec.structs.replace(last, gap=gap), *sentences]
        else:
            changed.append(sentences)
    return [_wrapped(p, random) if random.random() < change else p for p in changed]


def writes_without_blanks(paragraphs: Sequence[GoldParagraph]) -> bool:
    """Whether most tokens are followed by another one without a blank."""
    tokens = blanks = 0
    for paragraph in paragraphs:
        for sentence in paragraph:
            tokens += len(sentence.tokens)
            blanks += (sentence.text + sentence.gap).count(" ")
    return MOST_TOKENS_PER_BLANK * blanks < tokens


def _changed(sentence: GoldSentence, random: np.random.Generator, change: float) -> GoldSentence:
    if random.random() < change:
        lower = sentence.text.lower()
        if len(lower) == len(sentence.text):
            sentence = msgspec.structs.replace(sentence, text=lower)
    if random.random() < change and len(sentence.tokens) > 2 and sentence.gap != "":
        *tokens, last = sentence.tokens
        if sentence.text[last.start : last.end] in FULL_STOPS:
            text = sentence.text[: tokens[-1].end]
            sentence = msgspec.structs.replace(sentence, text=text, tokens=tuple(tokens))
    return sentence


def _wrapped(paragraph: GoldParagraph, random: np.random.Generator) -> GoldParagraph:
    """The paragraph in lines of one width: some blanks become line breaks."""
    width = int(random.integers(LEAST_WIDTH, MOST_WIDTH))
    whole = "".join([sentence.text + sentence.gap for sentence in paragraph])
    begun = last = 0
    breaks = []
    for i, character in enumerate(whole):
        if character == "\n":
            begun = last = i + 1
        elif character == " ":
            if i - begun > width and last > begun:
                breaks.append(last - 1)
                begun = last
            last = i + 1
    characters = list(whole)
    for place in breaks:
        characters[place] = "\n"
    wrapped = []
    at = 0
    for sentence in paragraph:
        end = at + len(sentence.text)
        text, gap = characters[at:end], characters[end : end + len(sentence.gap)]
        at = end + len(sentence.gap)
        wrapped.append(GoldSentence("".join(text), sentence.tokens, "".join(gap)))
    return wrapped

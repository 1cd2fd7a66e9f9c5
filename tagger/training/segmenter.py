"""A segmenter's training: gold raw text to units with what ends at each; what was learned to files.

The network, the loop and the export are the tagger's own: units take the place of tokens.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
import torch

from tagger.evaluation.raw_text import RawText
from tagger.inference.folder import ModelFiles
from tagger.inference.records import CorpusRecord
from tagger.inference.segmenter import (
    ACROSS,
    INSIDE,
    MULTIWORD,
    MULTIWORD_SENTENCE,
    SENTENCE,
    TASK,
    TOKEN,
)
from tagger.sentence import UNANNOTATED, Sentence, multiword_tokens
from tagger.text.multiword import Multiword, learn_multiword
from tagger.text.units import LINE_BREAK, follows_blank, units_of
from tagger.training.data import prepare
from tagger.training.device import CPU
from tagger.training.distributed import ALONE, Group
from tagger.training.finish import model_files
from tagger.training.loop import Training
from tagger.training.raw_variants import (
    GoldParagraph,
    paragraphs_of,
    variant_of,
    writes_without_blanks,
)
from tagger.training.settings import Settings

SEQUENCE_UNITS = 192  # longer paragraphs are learned in pieces
TABULATED_UNITS = 100  # more than half of all units of running English text


def train_segmenter(
    train: RawText,
    dev: RawText,
    settings: Settings,
    group: Group = ALONE,
    device: torch.device = CPU,
) -> Training:
    """A training that is ready to run."""
    own = settings.segmenter
    random = np.random.default_rng(settings.seed)
    texts = paragraphs_of(train)
    sequences = _sequences(texts, random)
    for _ in range(own.variants):
        sequences += _sequences(variant_of(texts, random, own.change), random)
    of_dev = _sequences(paragraphs_of(dev), random)
    settings = settings.of_segmenter(has_blanks=not writes_without_blanks(texts))
    return Training(prepare(sequences, of_dev, [TASK], settings), settings, group, device)


def segmenter_files(
    training: Training, raw: RawText, *, records: Sequence[CorpusRecord], command: str
) -> ModelFiles:
    """What a finished training leaves; weights stay out, for a segmenter is trained in a minute."""
    files = model_files(training, records=records, command=command, tabulated=TABULATED_UNITS)
    return msgspec.structs.replace(files, multiword=_multiword(raw), weights={})


def _multiword(raw: RawText) -> Multiword:
    examples = []
    for sentence in raw.sentences:
        offsets = sentence.offsets or ()
        for first, end in multiword_tokens(sentence):
            start, stop = offsets[first]
            examples.append((raw.text[start:stop], sentence.forms[first:end]))
    return learn_multiword(examples)


def _sequences(paragraphs: Sequence[GoldParagraph], random: np.random.Generator) -> list[Sentence]:
    """Units and what ends with them, as sentences with one column; long paragraphs in pieces."""
    sequences = []
    for paragraph in paragraphs:
        forms, tags = label_units(paragraph)
        first = int(random.integers(1, SEQUENCE_UNITS + 1))
        is_long = len(forms) > SEQUENCE_UNITS
        cuts = range(first, len(forms), SEQUENCE_UNITS) if is_long else ()
        for start, end in pairwise([0, *cuts, len(forms)]):
            piece = tuple(tags[start:end])
            sequences.append(Sentence(tuple(forms[start:end]), {TASK: piece}))
    return sequences


def label_units(paragraph: GoldParagraph) -> tuple[list[str], list[str]]:
    """The units of a paragraph and what ends with each; line breaks are not annotated.

    Where a token ends within a unit, the unit belongs to the next token as well.
    """
    tag_at: dict[int, str] = {}
    at = 0
    for sentence in paragraph:
        for token in sentence.tokens:
            tag_at[at + token.end] = MULTIWORD if token.num_words > 1 else TOKEN
        if sentence.tokens:
            last = sentence.tokens[-1]
            is_several = last.num_words > 1
            tag_at[at + last.end] = MULTIWORD_SENTENCE if is_several else SENTENCE
        at += len(sentence.text) + len(sentence.gap)
    units = units_of("".join([sentence.text + sentence.gap for sentence in paragraph]))
    tags = [tag_at.get(end, INSIDE) for end in units.ends.tolist()]
    blank_follows = [*follows_blank(units.forms)[1:].tolist(), False]
    for i, form in enumerate(units.forms):
        if form == LINE_BREAK:
            tags[i] = UNANNOTATED
        elif tags[i] == INSIDE and blank_follows[i]:
            tags[i] = ACROSS
    return units.forms, tags

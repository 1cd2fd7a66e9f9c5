"""A learned segmenter: paragraphs to sentences, tokens and words by a network over units.

It is a model folder within the model's own, with one task: what ends with each unit (see
`text.units`). All paragraphs that are at hand are read at once, in overlapping windows of one
width, so that a step of the network is one over many rows. What a window says of a unit depends on
the paragraph alone, not on what is read beside it.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.folder import read_description, read_multiword
from tagger.inference.pieces import pieces_of
from tagger.inference.runtime import Runtime
from tagger.sentence import Sentence
from tagger.text.multiword import Multiword
from tagger.text.paragraphs import Paragraph
from tagger.text.units import UnitStream

TASK = "boundary"
INSIDE, TOKEN, SENTENCE = "inside", "token", "sentence"  # what ends with a unit
MULTIWORD, MULTIWORD_SENTENCE = "multiword", "multiword-sentence"  # ... and is several words
ACROSS = "across"  # nothing, though a blank follows: some treebanks have blanks in tokens
TAGS = frozenset([INSIDE, TOKEN, SENTENCE, MULTIWORD, MULTIWORD_SENTENCE, ACROSS])
WINDOW_UNITS = 384
CONTEXT_UNITS = 64  # on either side of a window
MOST_UNITS = 6_000  # different ones that are remembered: 6 MB
BATCH_UNITS = 3_000  # padding included
Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]
Offsets = tuple[int, int]


class Ends(NamedTuple):
    """What ends with each unit of a stream; all of the shape (units,).

    The end of a sentence is one of a token too. `is_several` holds for tokens of several words.
    """

    token: Flags
    sentence: Flags
    is_several: Flags


class Words(NamedTuple):
    """Forms and offsets of words, and where the words of each token begin, at last their number."""

    forms: list[str]
    offsets: list[Offsets]
    of_tokens: Sequence[int]


class LearnedSegmenter:
    """A segmenter's folder, ready to cut; raises ModelError where it is none."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.folder = folder
        description = read_description(folder)
        tasks = [head.task for head in description.heads]
        if [task.name for task in tasks] != [TASK] or not TAGS.issuperset(tasks[0].tags):
            raise ModelError(f"{folder}: not a segmenter: expected one task, {TASK}")
        tags = np.array(tasks[0].tags)
        self._ends_token = ~np.isin(tags, (INSIDE, ACROSS))
        self._goes_across = tags == ACROSS
        self._ends_sentence = np.isin(tags, (SENTENCE, MULTIWORD_SENTENCE))
        self._is_several = np.isin(tags, (MULTIWORD, MULTIWORD_SENTENCE))
        self.runtime = Runtime(folder, tasks, threads, MOST_UNITS)

    @cached_property
    def multiword(self) -> Multiword:
        """How its tokens of several words are split."""
        return read_multiword(self.folder)

    def segment(self, paragraphs: Sequence[Paragraph]) -> list[list[Sentence]]:
        """The sentences of each paragraph, the end of which always ends one.

        Every character that is no white space is in exactly one token, and no token holds white
        space unless the treebank has such.
        """
        units = UnitStream.of(paragraphs)
        ends = self.ends_of(units)
        sentences = list(self._sentences(units, ends))
        before = [0, *np.cumsum(ends.sentence).tolist()]
        bounds = [before[at] for at in units.bounds]
        return [sentences[first:last] for first, last in pairwise(bounds)]

    def tokenize(self, lines: Sequence[Paragraph]) -> list[Sentence]:
        """The tokens of each line as one sentence, which may be empty; its text is the line."""
        units = UnitStream.of(lines)
        ends = self.ends_of(units)
        words = self._words(units, ends)
        before = [0, *np.cumsum(ends.token & units.is_token).tolist()]
        bounds = [words.of_tokens[before[at]] for at in units.bounds]
        return [
            Sentence(
                tuple(words.forms[first:last]),
                offsets=tuple(words.offsets[first:last]),
                text=line.text,
                start=line.start,
            )
            for line, (first, last) in zip(lines, pairwise(bounds), strict=True)
        ]

    def _sentences(self, units: UnitStream, ends: Ends) -> Iterator[Sentence]:
        forms, offsets, of_tokens = self._words(units, ends)
        is_last = ends.sentence[ends.token & units.is_token]
        bounds = [0, *(np.flatnonzero(is_last) + 1).tolist()]
        stops = units.ends[ends.sentence].tolist()
        gaps = units.has_gap_behind()[ends.sentence].tolist()
        for (begun, ended), stop, gap in zip(pairwise(bounds), stops, gaps, strict=True):
            first, last = of_tokens[begun], of_tokens[ended]
            start, end = offsets[first][0], offsets[last - 1][1]
            yield Sentence(
                tuple(forms[first:last]),
                offsets=tuple(offsets[first:last]),
                text=units.text[stop - (end - start) : stop],
                start=start,
                space_after=gap,
            )

    def _words(self, units: UnitStream, ends: Ends) -> Words:
        """The words of all texts."""
        is_first = np.ones(len(ends.token), np.bool_)
        is_first[1:] = ends.token[:-1]
        is_first &= units.is_token
        is_last = ends.token & units.is_token
        begins, stops, shifts = units.starts[is_first], units.ends[is_last], units.shifts[is_last]
        text = units.text
        places = zip(begins.tolist(), stops.tolist(), strict=True)
        forms = [text[begin:stop] for begin, stop in places]
        offsets = list(zip((begins + shifts).tolist(), (stops + shifts).tolist(), strict=True))
        several = np.flatnonzero(ends.is_several[is_last]).tolist()
        return self._with_multiword(forms, offsets, several)

    def _with_multiword(
        self, forms: list[str], offsets: list[Offsets], several: Sequence[int]
    ) -> Words:
        """The words of tokens, of which these are several, each with the offsets of its token."""
        words: list[str] = []
        places: list[Offsets] = []
        sizes = np.ones(len(forms), np.int64)
        at = 0
        for i in several:
            split = self.multiword.split(forms[i])
            if split is not None:
                words += *forms[at:i], *split
                places += *offsets[at:i], *(offsets[i],) * len(split)
                sizes[i] = len(split)
                at = i + 1
        words += forms[at:]
        places += offsets[at:]
        return Words(words, places, [0, *np.cumsum(sizes).tolist()])

    def ends_of(self, units: UnitStream) -> Ends:
        """What ends with each unit.

        A line break ends no sentence itself and is in no token.
        """
        ids = self._predict(units)
        token, sentence = self._ends_token[ids], self._ends_sentence[ids]
        is_break = ~units.is_token
        token[:-1] |= units.follows_blank[1:] & ~self._goes_across[ids[:-1]]
        token[:-1] |= is_break[1:]
        token |= is_break
        sentence &= units.is_token
        sentence[units.last] = True
        return Ends(token | sentence, sentence, self._is_several[ids])

    def _predict(self, units: UnitStream) -> Ids:
        """The most probable tag of each unit."""
        ids = np.zeros(len(units.forms), np.int64)
        windows = [
            (stop - begin, at + begin, at + start, at + end)
            for at, behind in pairwise(units.bounds)
            for begin, start, end, stop in pieces_of(behind - at, WINDOW_UNITS, CONTEXT_UNITS)
        ]
        windows.sort()
        for batch in _batches(windows):
            read = [units.forms[begin : begin + length] for length, begin, _, _ in batch]
            best = self.runtime.emissions(read)[0].argmax(2)
            for row, (_, begin, start, end) in zip(best, batch, strict=True):
                ids[start:end] = row[start - begin : end - begin]
        return ids


Window = tuple[int, int, int, int]  # length, first unit, the first and the last (exclusive) told


def _batches(windows: Sequence[Window]) -> Iterator[Sequence[Window]]:
    """Windows in order of length, cut where padding to the longest exceeds BATCH_UNITS."""
    first = 0
    for i, window in enumerate(windows):
        if i > first and (i + 1 - first) * window[0] > BATCH_UNITS:
            yield windows[first:i]
            first = i
    if first < len(windows):
        yield windows[first:]

"""A learned segmenter: paragraphs to sentences, tokens and words by a network over units.

It is a model folder within the model's own, with one task: what ends with each unit (see
`text.units`). All paragraphs that are at hand are read at once, in overlapping windows of one
width, so that a step of the network is one over many rows. What a window says of a unit depends on
the paragraph alone, not on what is read beside it.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
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
from tagger.text.units import LINE_BREAK, Units, follows_blank, units_of

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
    """What ends with each unit of a stretch of text; all of the shape (units,).

    The end of a sentence is one of a token too. `is_several` holds for tokens of several words.
    """

    token: Flags
    sentence: Flags
    is_several: Flags


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
        units = [units_of(text) for text, _ in paragraphs]
        ends = self.ends_of([of_text.forms for of_text in units])
        return [
            list(self._sentences(paragraph, of_text, of_ends)) if of_text.forms else []
            for paragraph, of_text, of_ends in zip(paragraphs, units, ends, strict=True)
        ]

    def tokenize(self, lines: Sequence[Paragraph]) -> list[Sentence]:
        """The tokens of each line as one sentence, which may be empty; its text is the line."""
        units = [units_of(text) for text, _ in lines]
        tokenized = []
        ends = self.ends_of([of_line.forms for of_line in units])
        for (text, start), of_line, of_ends in zip(lines, units, ends, strict=True):
            forms, offsets = self._words(text, start, of_line, of_ends)
            whole = Sentence(tuple(forms), offsets=tuple(offsets), text=text, start=start)
            tokenized.append(whole)
        return tokenized

    def _sentences(self, paragraph: Paragraph, units: Units, ends: Ends) -> Iterator[Sentence]:
        text, start = paragraph
        forms, offsets = self._words(text, start, units, ends)
        last = (units.ends[ends.sentence] + start).tolist()
        after = np.append(units.starts[1:] > units.ends[:-1], True)[ends.sentence].tolist()
        first = word = 0
        for end, space_after in zip(last, after, strict=True):
            while word < len(offsets) and offsets[word][1] <= end:
                word += 1
            begin = offsets[first][0]
            yield Sentence(
                tuple(forms[first:word]),
                offsets=tuple(offsets[first:word]),
                text=text[begin - start : end - start],
                start=begin,
                space_after=space_after,
            )
            first = word

    def _words(
        self, text: str, start: int, units: Units, ends: Ends
    ) -> tuple[list[str], list[Offsets]]:
        """Forms and offsets of the words of a paragraph or line that begins at `start`."""
        is_first = np.empty(len(ends.token), np.bool_)
        is_first[:1] = True
        is_first[1:] = ends.token[:-1]
        is_token = units.ends > units.starts
        begins, stops = units.starts[is_first & is_token], units.ends[ends.token & is_token]
        spans = list(zip(begins.tolist(), stops.tolist(), strict=True))
        forms = [text[begin:stop] for begin, stop in spans]
        offsets = list(zip((begins + start).tolist(), (stops + start).tolist(), strict=True))
        is_several = ends.is_several[ends.token & is_token]
        if is_several.any():
            return self._with_multiword(forms, offsets, is_several.tolist())
        return forms, offsets

    def _with_multiword(
        self, forms: list[str], offsets: list[Offsets], is_several: list[bool]
    ) -> tuple[list[str], list[Offsets]]:
        """The words of tokens, of which some are several, each with the offsets of its token."""
        words: list[str] = []
        places: list[Offsets] = []
        for form, place, several in zip(forms, offsets, is_several, strict=True):
            split = self.multiword.split(form) if several else None
            if split is None:
                words.append(form)
                places.append(place)
            else:
                words += split
                places += [place] * len(split)
        return words, places

    def ends_of(self, texts: Sequence[Sequence[str]]) -> list[Ends]:
        """What ends with each unit of each text, given the forms of its units.

        A line break ends no sentence itself and is in no token.
        """
        ids = self._predict(texts)
        found = []
        at = 0
        for forms in texts:
            of_text = ids[at : at + len(forms)]
            at += len(forms)
            token, sentence = self._ends_token[of_text], self._ends_sentence[of_text]
            is_break = np.fromiter((form == LINE_BREAK for form in forms), np.bool_, len(forms))
            token[:-1] |= follows_blank(forms)[1:] & ~self._goes_across[of_text[:-1]]
            token |= is_break
            sentence &= ~is_break
            sentence[-1:] = True  # a line break is never the last
            found.append(Ends(token | sentence, sentence, self._is_several[of_text]))
        return found

    def _predict(self, texts: Sequence[Sequence[str]]) -> Ids:
        """The most probable tag of each unit of all texts, one text behind the other."""
        forms = [*chain.from_iterable(texts)]
        ids = np.zeros(len(forms), np.int64)
        windows = []
        at = 0
        for text in texts:
            for begin, start, end, stop in pieces_of(len(text), WINDOW_UNITS, CONTEXT_UNITS):
                windows.append((stop - begin, at + begin, at + start, at + end))
            at += len(text)
        windows.sort()
        for batch in _batches(windows):
            read = [forms[begin : begin + length] for length, begin, _, _ in batch]
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

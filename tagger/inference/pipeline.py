"""Sentences in, tagged sentences out, in the same order and in constant memory.

A window of sentences is read ahead, sorted by length, batched by a token budget, tagged and put
back in order. Tags do not depend on the company that a sentence keeps.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.decoding import decode
from tagger.inference.folder import SENTENCE, Description, read_description
from tagger.inference.runtime import Runtime
from tagger.sentence import Sentence
from tagger.tasks import Task

WINDOW_TOKENS = 20_000  # read ahead before anything is written
BATCH_TOKENS = 2_000  # padding included
PIECE_TOKENS = 512  # of a very long sentence that are read at once
CONTEXT_TOKENS = 64  # on either side of such a piece
Floats = NDArray[np.float32]


class Tagger:
    """A model folder, ready to tag; `description` says what it is."""

    def __init__(self, folder: str | Path, threads: int = 1) -> None:
        folder = Path(folder)
        self.description: Description = read_description(folder)
        self._transitions = [head.transitions() for head in self.description.heads]
        self._runtime = Runtime(folder, threads)
        num_tags = {head.task.name: len(head.task.tags) for head in self.description.heads}
        if num_tags != self._runtime.num_tags:
            raise ModelError(
                f"{folder / SENTENCE}: expected emissions of {num_tags} tags, "
                f"found {self._runtime.num_tags}"
            )

    @property
    def tasks(self) -> list[Task]:
        """What it predicts, in order."""
        return [head.task for head in self.description.heads]

    def is_known(self, form: str) -> bool:
        """Whether the word was in the training split."""
        return self._runtime.is_known(form)

    def tag(
        self, sentences: Iterable[Sentence], window_tokens: int = WINDOW_TOKENS
    ) -> Iterator[Sentence]:
        """The sentences with the model's columns, in order; empty ones come back as they were.

        `window_tokens=1` answers every sentence before it reads the next.
        """
        window: list[Sentence] = []
        num_tokens = 0
        for sentence in sentences:
            window.append(sentence)
            num_tokens += len(sentence) or 1
            if num_tokens >= window_tokens:
                yield from self._tag_window(window)
                window, num_tokens = [], 0
        yield from self._tag_window(window)

    def _tag_window(self, window: list[Sentence]) -> list[Sentence]:
        tagged = list(window)
        order = sorted((i for i, s in enumerate(window) if s.forms), key=lambda i: len(window[i]))
        for indices in _batched(order, [len(sentence) for sentence in window]):
            batch = [window[i] for i in indices]
            for i, columns in zip(indices, self._tag_batch(batch), strict=True):
                tagged[i] = window[i].with_columns(columns)
        return tagged

    def _tag_batch(self, batch: list[Sentence]) -> list[dict[str, tuple[str, ...]]]:
        """The predicted columns of each sentence."""
        forms = [sentence.forms for sentence in batch]
        emissions = self._emissions(forms)
        lengths = [len(sentence) for sentence in batch]
        columns: list[dict[str, tuple[str, ...]]] = [{} for _ in batch]
        for head, transitions in zip(self.description.heads, self._transitions, strict=True):
            best = decode(emissions[head.task.name], lengths, transitions)
            for of_sentence, ids in zip(columns, best, strict=True):
                of_sentence[head.task.name] = head.task.decode(ids)
        return columns

    def _emissions(self, sentences: Sequence[Sequence[str]]) -> dict[str, Floats]:
        """Emissions by task; a very long sentence, which comes alone, is read in pieces."""
        if not _is_very_long(len(sentences[0])):
            return self._runtime.emissions(sentences)
        (forms,) = sentences
        pieces = []
        for start in range(0, len(forms), PIECE_TOKENS):
            begin = max(0, start - CONTEXT_TOKENS)
            end = min(len(forms), start + PIECE_TOKENS)
            read = self._runtime.emissions([forms[begin : end + CONTEXT_TOKENS]])
            pieces.append({k: v[:, start - begin : end - begin] for k, v in read.items()})
        return {name: np.concatenate([p[name] for p in pieces], axis=1) for name in pieces[0]}


def _is_very_long(num_tokens: int) -> bool:
    """Whether a sentence of that length is read in pieces."""
    return num_tokens > PIECE_TOKENS + 2 * CONTEXT_TOKENS


def _batched(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Sentences in order of length, cut where padding to the longest exceeds BATCH_TOKENS.

    A very long sentence comes alone.
    """
    starts = [0]
    for position, i in enumerate(order):
        is_full = (position - starts[-1] + 1) * lengths[i] > BATCH_TOKENS
        if position > starts[-1] and (is_full or _is_very_long(lengths[i])):
            starts.append(position)
    for start, end in pairwise([*starts, len(order)]):
        if start < end:
            yield list(order[start:end])

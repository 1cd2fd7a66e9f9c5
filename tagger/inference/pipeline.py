"""Sentences in, tagged sentences out, in the same order and in constant memory.

A window of sentences is read ahead, sorted by length, batched by a token budget, tagged and put
back in order. Tags do not depend on the company that a sentence keeps.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import TypeVar, overload

import msgspec

from tagger.errors import UsageError
from tagger.inference.decoder import Decoder, Decoding
from tagger.inference.folder import SEGMENTER, Description, read_description
from tagger.inference.long_sentences import decode_in_pieces
from tagger.inference.model_files import within
from tagger.inference.pieces import is_very_long
from tagger.inference.runtime import Runtime
from tagger.sentence import Confidence, Sentence
from tagger.tasks import Task
from tagger.text.segmenters import Cutting, RulesSegmenter, Segmenter, cut_text, cut_texts

WINDOW_TOKENS = 20_000  # read ahead before anything is written
WINDOW_CHARACTERS = 5 * WINDOW_TOKENS
BATCH_TOKENS = 1_200  # padding included
EVERYTHING = Decoding()
T = TypeVar("T")


class Tagger:
    """A model folder, ready to tag; `description` says what it is.

    It can be pickled: the copy loads the folder anew where it arrives.
    """

    def __init__(
        self, folder: str | Path, *, decoding: Decoding = EVERYTHING, threads: int = 1
    ) -> None:
        self.folder = Path(folder)
        self.description: Description = read_description(self.folder)
        self._threads = threads
        self._decide(decoding)
        self.runtime = Runtime(
            self.folder,
            self.tasks,
            threads,
            transformer=self.description.transformer or None,
            language_model=self.description.language_model or None,
        )

    def _decide(self, decoding: Decoding) -> None:
        heads = self.description.heads
        self._decoding = decoding
        self._decoders = {
            i: Decoder(heads[i], decoding) for i in _chosen(self.tasks, decoding, self.folder)
        }

    def with_decoding(self, decoding: Decoding) -> "Tagger":
        """The same model, decoded otherwise; nothing is loaded again."""
        other = object.__new__(Tagger)
        vars(other).update(vars(self))  # copy() would load it: it goes by __reduce__
        other._decide(decoding)
        return other

    def __reduce__(self) -> tuple[object, ...]:
        return _load, (str(self.folder.resolve()), self._decoding, self._threads)

    @property
    def tasks(self) -> list[Task]:
        """What the model knows to predict, in order."""
        return [head.task for head in self.description.heads]

    @property
    def predicted(self) -> list[Task]:
        """Those of its tasks that it was asked to predict."""
        return [decoder.task for decoder in self._decoders.values()]

    def is_known(self, form: str) -> bool:
        """Whether the word was in the training split."""
        return self.runtime.forms.lexicon.is_known(form)

    @cached_property
    def segmenter(self) -> Segmenter:
        """What cuts raw text: learned with the model, or by rules where it learned none."""
        folder = within(self.folder, SEGMENTER)
        if not folder.is_dir():
            return RulesSegmenter()
        from tagger.inference.segmenter import LearnedSegmenter

        return LearnedSegmenter(folder, self._threads)

    def segmenter_for(self, by_rules: bool | None) -> Segmenter:
        """What cuts raw text: by rules, learned, or (None) learned if it can be.

        Raises UsageError where the model should have learned it and did not.
        """
        if by_rules:
            return RulesSegmenter()
        if by_rules is False and isinstance(self.segmenter, RulesSegmenter):
            raise UsageError(
                f"{self.folder}: has learned no segmenter (it was trained without raw text): "
                "--segmenter rules cuts text by rules"
            )
        return self.segmenter

    def segment(self, text: str, *, wrapped: bool | None = None) -> list[Sentence]:
        """The sentences of a text, not tagged yet, with offsets in it.

        A line break ends a sentence, unless the text is hard-wrapped (`wrapped`; None: find out):
        then blank lines do.
        """
        return cut_text(text, self.segmenter, Cutting(wrapped=wrapped))

    @overload
    def tag(self, text: str) -> list[Sentence]: ...  # type: ignore[overload-overlap]
    @overload
    def tag(self, text: Sequence[str]) -> Sentence: ...

    def tag(self, text: str | Sequence[str]) -> list[Sentence] | Sentence:
        """The tagged sentences of a text, with offsets in it; or one sentence of given tokens."""
        if isinstance(text, str):
            return list(self.tag_sentences(self.segment(text)))
        return next(self.tag_sentences([Sentence(tuple(text))]))

    def tag_texts(
        self, texts: Iterable[str], window_characters: int = WINDOW_CHARACTERS
    ) -> Iterator[list[Sentence]]:
        """The tagged sentences of each text, with offsets in it; many short ones go at once."""
        for window in _windows(texts, lambda text: len(text) + 1, window_characters):
            yield from self._tag_texts(window)

    def _tag_texts(self, texts: Sequence[str]) -> Iterator[list[Sentence]]:
        cut = cut_texts(texts, self.segmenter)
        tagged = iter(self.tag_window([*chain.from_iterable(cut)]))
        return (list(islice(tagged, len(of_text))) for of_text in cut)

    def tag_sentences(
        self, sentences: Iterable[Sentence], window_tokens: int = WINDOW_TOKENS
    ) -> Iterator[Sentence]:
        """The sentences with the model's columns, in order; empty ones come back as they were.

        `window_tokens=1` answers every sentence before it reads the next.
        """
        for window in _windows(sentences, lambda sentence: len(sentence) or 1, window_tokens):
            yield from self.tag_window(window)

    def tag_window(self, window: Sequence[Sentence]) -> list[Sentence]:
        """The same for sentences that are all at hand."""
        tagged = list(window)
        order = sorted((i for i, s in enumerate(window) if s.forms), key=lambda i: len(window[i]))
        for indices in batched_by_length(order, [len(sentence) for sentence in window]):
            batch = self._tag_batch([window[i] for i in indices])
            for i, sentence in zip(indices, batch, strict=True):
                tagged[i] = sentence
        return tagged

    def _tag_batch(self, batch: list[Sentence]) -> list[Sentence]:
        """Sentences tagged together; a very long one comes alone."""
        forms = [sentence.forms for sentence in batch]
        if is_very_long(len(forms[0])):
            found = decode_in_pieces(forms[0], self.runtime.emissions, self._decoders)
            decoded = {i: [of_sentence] for i, of_sentence in found.items()}
        else:
            lengths = [len(sentence) for sentence in batch]
            emissions = self.runtime.emissions(forms)
            decoded = {i: d.decode(emissions[i], lengths) for i, d in self._decoders.items()}
        columns: list[dict[str, tuple[str, ...]]] = [{**s.columns} for s in batch]
        confidence: list[dict[str, Confidence]] = [{} for _ in batch]
        for i, decoder in self._decoders.items():
            name = decoder.task.name
            for k, (tags, sure) in enumerate(decoded[i]):
                columns[k][name] = tags
                if sure is not None:
                    confidence[k][name] = sure
        return [
            msgspec.structs.replace(sentence, columns=of_columns, confidence=of_confidence)
            for sentence, of_columns, of_confidence in zip(batch, columns, confidence, strict=True)
        ]


def _windows(items: Iterable[T], size: Callable[[T], int], least: int) -> Iterator[list[T]]:
    """The items in order, as few at once as have at least that size together."""
    window: list[T] = []
    total = 0
    for item in items:
        window.append(item)
        total += size(item)
        if total >= least:
            yield window
            window, total = [], 0
    yield window


def _load(folder: str, decoding: Decoding, threads: int) -> Tagger:
    return Tagger(folder, decoding=decoding, threads=threads)


def _chosen(tasks: Sequence[Task], decoding: Decoding, folder: Path) -> list[int]:
    """Which heads are asked for; raises UsageError for a task that the model does not have."""
    names = [task.name for task in tasks]
    for name in decoding.tasks or ():
        if name not in names:
            raise UsageError(f"{folder}: expected a task among {', '.join(names)}, found {name!r}")
    return [i for i, name in enumerate(names) if decoding.tasks is None or name in decoding.tasks]


def batched_by_length(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Sentences in order of length, cut where padding to the longest exceeds BATCH_TOKENS.

    A very long sentence comes alone.
    """
    starts = [0]
    for position, i in enumerate(order):
        is_full = (position - starts[-1] + 1) * lengths[i] > BATCH_TOKENS
        if position > starts[-1] and (is_full or is_very_long(lengths[i])):
            starts.append(position)
    for start, end in pairwise([*starts, len(order)]):
        if start < end:
            yield list(order[start:end])

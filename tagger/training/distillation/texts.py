"""The sentences of raw text that a teacher is asked about, as a file of token numbers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.atomic import atomic_file
from tagger.errors import TaggerError
from tagger.sentence import Sentence
from tagger.training.token_files import (
    BOUNDARY,
    FORMS,
    TOKEN,
    FormCounter,
    FormCounts,
    Tokens,
    TokenStream,
    passages,
    write_forms,
)

TOKENS = "tokens.u4"
LONGEST = 256  # tokens; what is longer is a table or a list more often than a sentence


class HasForms(Protocol):
    """A sentence of any kind."""

    @property
    def forms(self) -> tuple[str, ...]:
        """Its tokens."""

    def __len__(self) -> int: ...


Ids = NDArray[np.int64]
S = TypeVar("S", bound=HasForms)


class Choice(msgspec.Struct):
    """What became of the sentences of the texts, in numbers."""

    sentences: int = 0
    tokens: int = 0
    kept_out: int = 0
    too_long: int = 0


class Texts(msgspec.Struct, frozen=True):
    """The chosen sentences. Shapes: tokens (all,), starts (sentences + 1,), counts (forms,).

    `counts` is how often each form occurs. The tokens of sentence i are those from `starts[i]` to
    before `starts[i + 1] - 1`, where a boundary stands.
    """

    tokens: Tokens
    starts: Ids
    all_forms: list[str]
    counts: Ids

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def num_tokens(self) -> int:
        """Without boundaries."""
        return int(self.starts[-1]) - len(self.starts)

    def first(self, most_tokens: int) -> "Texts":
        """As many of the first sentences as `write_texts` would have chosen of no more tokens."""
        tokens = self.starts[1:] - np.arange(2, len(self.starts) + 1)
        number = min(len(self), int(np.searchsorted(tokens, most_tokens)) + 1)
        starts = self.starts[: number + 1]
        return _texts(self.tokens[: starts[-1]], starts, self.all_forms)

    def forms(self, sentence: int) -> Tokens:
        """The numbers of a sentence's forms. Shape: (length,)."""
        return self.tokens[self.starts[sentence] : self.starts[sentence + 1] - 1]


def key_of(forms: Iterable[str]) -> str:
    """What two sentences have in common that differ only in how they were cut and in capitals."""
    return "".join(forms).casefold()


def write_texts(
    folder: Path,
    texts: Sequence[Iterable[Sentence]],
    *,
    most_tokens: int,
    kept_out: frozenset[str],
    told: Callable[[int], None],
) -> Choice:
    """Writes the first sentences of all texts, some of each in turn, up to `most_tokens`.

    `kept_out` are keys of sentences that must not be learned from. `told` hears now and then how
    many tokens there are. Raises TaggerError where nothing is left.
    """
    forms, choice = FormCounter(), Choice()
    with atomic_file(folder / TOKENS) as file:
        stream = TokenStream(file)
        for sentence in chosen(_in_turn(texts), choice, most_tokens, kept_out):
            stream.add(forms.numbers_of(sentence))
            told(choice.tokens)
        stream.flush()
    if not choice.sentences:
        raise TaggerError("expected sentences of raw text to learn from, found none")
    write_forms(folder, forms, choice.sentences)
    return choice


def _in_turn(texts: Sequence[Iterable[Sentence]]) -> Iterator[Sentence]:
    """A passage of each text, then the next of each that goes on, until all are at their end."""
    waiting = [passages(sentences) for sentences in texts]
    while waiting:
        for text in [*waiting]:
            passage = next(text, None)
            if passage is None:
                waiting.remove(text)
            else:
                yield from passage


def chosen(
    sentences: Iterable[S], choice: Choice, most_tokens: int, kept_out: frozenset[str]
) -> Iterator[S]:
    """Those that may be learned from, up to `most_tokens`; `choice` counts them."""
    for sentence in sentences:
        if choice.tokens >= most_tokens:
            return
        if len(sentence) > LONGEST:
            choice.too_long += 1
        elif key_of(sentence.forms) in kept_out:
            choice.kept_out += 1
        else:
            choice.sentences += 1
            choice.tokens += len(sentence)
            yield sentence


def open_texts(folder: Path) -> Texts:
    """What `write_texts` wrote, mapped into memory."""
    tokens = np.memmap(folder / TOKENS, TOKEN, "r")
    known = msgspec.json.decode((folder / FORMS).read_bytes(), type=FormCounts)
    return _texts(tokens, np.flatnonzero(tokens == BOUNDARY) + 1, known.forms)


def _texts(tokens: Tokens, starts: Ids, forms: list[str]) -> Texts:
    return Texts(tokens, starts, forms, np.bincount(tokens, minlength=len(forms)))

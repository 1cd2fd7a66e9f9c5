"""Raw text as files of token numbers, read through memory maps: any size in constant memory.

A token is the number of its form; `BOUNDARY` stands before the first sentence and behind each. One
passage in a hundred, by a checksum of what it says, is held out. Beside the tokens lie the forms,
how often each occurs and how often without a blank before it.
"""

import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.atomic import atomic_file
from tagger.errors import TaggerError
from tagger.sentence import Sentence

BOUNDARY = 0
UNLISTED = 1  # a form that came when there were MOST_FORMS already
SPECIAL = ("", "\ufffd")
MOST_FORMS = 2_000_000  # some 400 MB while the text is read
HELD_OUT = 100  # one passage in so many
PASSAGE_TOKENS = 200
TRAIN, DEV, FORMS = "train.tokens", "dev.tokens", "forms.json"
TOKEN = np.dtype("<u4")
Tokens = NDArray[np.uint32]


class FormCounts(msgspec.Struct, frozen=True):
    """What forms.json holds: forms by their numbers, and the sizes of the text.

    `joined` is how often each form stands without a blank before it. Characters are those of the
    held-out text, blanks and line breaks included.
    """

    forms: list[str]
    counts: list[int]
    joined: list[int]
    sentences: int
    held_out_characters: int


class TokenFiles(msgspec.Struct, frozen=True):
    """Texts as tokens. Shape of `train` and `dev`: (tokens,)."""

    train: Tokens
    dev: Tokens
    texts: FormCounts


def write_token_files(
    folder: Path, sentences: Iterable[Sentence], told: Callable[[int], None]
) -> None:
    """Writes the tokens of the sentences; `told` hears now and then how many there are.

    forms.json comes last: where it is, all is. Raises TaggerError where there is too little text.
    """
    forms = FormCounter()
    total = number = characters = 0
    with atomic_file(folder / TRAIN) as train, atomic_file(folder / DEV) as dev:
        streams = {False: TokenStream(train), True: TokenStream(dev)}
        for passage in passages(sentences):
            held_out = _is_held_out(passage)
            for sentence in passage:
                numbers = forms.numbers_of(sentence)
                streams[held_out].add(numbers)
                total += len(numbers)
                characters += _length(sentence) if held_out else 0
            number += len(passage)
            told(total)
        for stream in streams.values():
            stream.flush()
    if not all(stream.tokens for stream in streams.values()):
        raise TaggerError(
            f"expected more text (one passage of {PASSAGE_TOKENS} tokens in {HELD_OUT} is held "
            f"out), found {total:,} tokens, of which "
            f"{'none' if streams[False].tokens else 'all'} would be held out"
        )
    write_forms(folder, forms, number, characters)


def write_forms(
    folder: Path, forms: "FormCounter", sentences: int, held_out_characters: int = 0
) -> None:
    """Writes forms.json."""
    found = FormCounts(
        forms.forms, list(forms.counts), list(forms.joined), sentences, held_out_characters
    )
    with atomic_file(folder / FORMS) as stream:
        stream.write(msgspec.json.encode(found))


def passages(sentences: Iterable[Sentence]) -> Iterator[list[Sentence]]:
    """Sentences that follow one another, PASSAGE_TOKENS or a little more at a time."""
    passage: list[Sentence] = []
    tokens = 0
    for sentence in sentences:
        if sentence.forms:
            passage.append(sentence)
            tokens += len(sentence)
        if tokens >= PASSAGE_TOKENS:
            yield passage
            passage, tokens = [], 0
    if passage:
        yield passage


def open_token_files(folder: Path) -> TokenFiles:
    """What `write_token_files` wrote, mapped into memory."""
    texts = msgspec.json.decode((folder / FORMS).read_bytes(), type=FormCounts)
    train, dev = (np.memmap(folder / name, TOKEN, "r") for name in (TRAIN, DEV))
    return TokenFiles(train, dev, texts)


class FormCounter:
    """Forms numbered as they come."""

    def __init__(self) -> None:
        self.forms = list(SPECIAL)
        self.counts = array("q", [0, 0])
        self.joined = array("q", [0, 0])
        self._numbers: dict[str, int] = {}

    def numbers_of(self, sentence: Sentence) -> list[int]:
        """The numbers of a sentence's tokens, which are counted."""
        numbers = [self._number_of(form) for form in sentence.forms]
        joins = _joins(sentence)
        for i, number in enumerate(numbers):
            self.counts[number] += 1
            self.joined[number] += i in joins
        self.counts[BOUNDARY] += 1
        return numbers

    def _number_of(self, form: str) -> int:
        number = self._numbers.get(form)
        if number is None:
            if len(self.forms) >= MOST_FORMS:
                return UNLISTED
            number = self._numbers[form] = len(self.forms)
            self.forms.append(form)
            self.counts.append(0)
            self.joined.append(0)
        return number


class TokenStream:
    """Tokens on their way into a file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting = [BOUNDARY]
        self.tokens = 0

    def add(self, sentence: Sequence[int]) -> None:
        """A sentence and the boundary behind it."""
        self._waiting += sentence
        self._waiting.append(BOUNDARY)
        self.tokens += len(sentence) + 1
        if len(self._waiting) > 100_000:
            self.flush()

    def flush(self) -> None:
        """What waits goes into the file."""
        self._stream.write(np.array(self._waiting, TOKEN).tobytes())
        self._waiting = []


def _joins(sentence: Sentence) -> set[int]:
    """Which tokens stand without a blank before them, `n't` of `isn't` included."""
    found = set()
    offsets = sentence.offsets or ()
    for i in range(1, len(offsets)):
        if offsets[i] == offsets[i - 1]:  # words of one token: do they stand there as they are?
            pairs = zip(sentence.forms, offsets, strict=True)
            size = sum(len(form) for form, place in pairs if place == offsets[i])
            is_joined = size == offsets[i][1] - offsets[i][0]
        else:
            is_joined = offsets[i][0] == offsets[i - 1][1]
        if is_joined:
            found.add(i)
    return found


def _is_held_out(passage: Sequence[Sentence]) -> bool:
    """By what it says, so that the same text gives the same files."""
    said = " ".join(chain.from_iterable(sentence.forms for sentence in passage))
    return zlib.crc32(said.encode("utf-8", "surrogatepass")) % HELD_OUT == 0


def _length(sentence: Sentence) -> int:
    """Characters with one blank or line break behind it; without offsets, a blank a token."""
    if sentence.offsets:
        return sentence.offsets[-1][1] - sentence.offsets[0][0] + 1
    return sum(len(form) + 1 for form in sentence.forms)

"""What a format is: a few functions from sentences to text; and what they are told.

All of them are pure. Several processes may write parts of one input, and their texts, one behind
the other, are the output.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate

import msgspec

from tagger.sentence import Sentence


class Bytes(msgspec.Struct, frozen=True):
    """Where each character of a text begins, in bytes of UTF-8: character `start` + i at `at[i]`.

    `at` has one more for the text's end.
    """

    start: int
    at: Sequence[int]

    def __call__(self, character: int) -> int:
        """The byte at which a character begins."""
        return self.at[character - self.start]


def bytes_of(text: str, start: int = 0, byte_start: int = 0) -> Bytes:
    """The bytes of a text that begins at a character and a byte of a whole one.

    A byte that was kept though it is not UTF-8 counts as one.

    >>> bytes_of("né!").at
    [0, 1, 3, 4]
    """
    if text.isascii():
        return Bytes(start, range(byte_start, byte_start + len(text) + 1))
    sizes = [len(character.encode("utf-8", "surrogateescape")) for character in text]
    return Bytes(start, list(accumulate(sizes, initial=byte_start)))


class Style(msgspec.Struct, frozen=True):
    """`columns` to write, in order; `spans` are those of them that hold spans; the input's name.

    `file` is None where there is only one input. With `in_bytes` offsets are written as bytes:
    `bytes` says which, for the text that is being written.
    """

    columns: tuple[str, ...]
    spans: frozenset[str]
    file: str | None = None
    in_bytes: bool = False
    bytes: Bytes | None = None

    @property
    def span_columns(self) -> list[str]:
        """Those of the columns that hold spans, in order."""
        return [name for name in self.columns if name in self.spans]

    def of_text(self, text: str, start: int = 0, byte_start: int = 0) -> "Style":
        """The style for sentences of a text, or of a part that begins there."""
        if not self.in_bytes:
            return self
        return msgspec.structs.replace(self, bytes=bytes_of(text, start, byte_start))

    def place(self, character: int) -> int:
        """An offset in characters as it is written."""
        return character if self.bytes is None else self.bytes(character)


def no_header(style: Style) -> str:
    """Nothing before the first sentence."""
    return ""


def no_beginning(style: Style, name: str) -> str:
    """Nothing before the first sentence of an input."""
    return ""


def no_footer() -> str:
    """Nothing behind the last sentence."""
    return ""


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """How sentences are written, the suffix of such a file, and whether it shows probabilities.

    `header` and `footer` stand once in an output, `begin` before each input, of which it is given
    the name.
    """

    name: str
    suffix: str
    sentence: Callable[[Sentence, Style], str]
    header: Callable[[Style], str] = no_header
    begin: Callable[[Style, str], str] = no_beginning
    footer: Callable[[], str] = no_footer
    probabilities: bool = False

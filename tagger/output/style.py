"""What a format is: a few functions from sentences to text; and what they are told.

All of them are pure. Several processes may write parts of one input, and their texts, one behind
the other, are the output.
"""

from collections.abc import Callable

import msgspec

from tagger.sentence import Sentence


class Style(msgspec.Struct, frozen=True):
    """`columns` to write, in order; `spans` are those of them that hold spans; the input's name.

    `file` is None where there is only one input.
    """

    columns: tuple[str, ...]
    spans: frozenset[str]
    file: str | None = None

    @property
    def span_columns(self) -> list[str]:
        """Those of the columns that hold spans, in order."""
        return [name for name in self.columns if name in self.spans]


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

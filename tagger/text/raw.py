"""Text to sentences, line by line: segmented by rules, or as the lines and blanks say.

Only LF ends a line, and a line's end always ends a sentence. Offsets count characters (code
points) from the beginning of the whole text, line ends as they stand.
"""

import re
from collections.abc import Iterator

from tagger.sentence import Sentence
from tagger.text.rules import segment, tokenize

BYTE_ORDER_MARK = "\ufeff"
_words = re.compile(r"[^ \t\r\f\v]+").finditer  # a no-break space is part of a token here


def lines_with_starts(text: str, start: int = 0) -> Iterator[tuple[str, int]]:
    """Each line without its LF, and where it begins in a whole text that has `text` at `start`.

    A byte order mark at the beginning of the whole is in no line but counts as one character.
    """
    if start == 0 and text.startswith(BYTE_ORDER_MARK):
        text, start = text[1:], 1
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        yield line, start
        start += len(line) + 1


def segment_lines(text: str, start: int = 0) -> Iterator[Sentence]:
    """Raw text: sentences and tokens by rules; lines without a word give none."""
    for line, at in lines_with_starts(text, start):
        yield from segment(line, at)


def tokenize_lines(text: str, start: int = 0) -> Iterator[Sentence]:
    """One sentence a line, tokens by rules; an empty line is an empty sentence."""
    for line, at in lines_with_starts(text, start):
        yield tokenize(line, at)


def split_lines(text: str, start: int = 0) -> Iterator[Sentence]:
    """One sentence a line, tokens between blanks; an empty line is an empty sentence."""
    for line, at in lines_with_starts(text, start):
        spans = [match.span() for match in _words(line)]
        yield Sentence(
            tuple([line[begin:end] for begin, end in spans]),
            offsets=tuple([(begin + at, end + at) for begin, end in spans]),
            text=line,
            start=at,
        )

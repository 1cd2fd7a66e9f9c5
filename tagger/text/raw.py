"""Text to sentences, line by line: segmented by rules, or as lines and blanks say.

A line's end always ends a sentence. Offsets count characters (code points) from the beginning of
the whole text, line ends as they stand.
"""

import re
from collections.abc import Iterator

from tagger.sentence import Sentence
from tagger.text.paragraphs import lines_of
from tagger.text.rules import segment

_words = re.compile(r"[^ \t\r\f\v]+").finditer  # a no-break space is part of a token here


def segment_lines(text: str, start: int = 0) -> Iterator[Sentence]:
    """Raw text: sentences and tokens by rules; lines without a word give none."""
    for line, at in lines_of(text, start):
        yield from segment(line, at)


def split_lines(text: str, start: int = 0) -> Iterator[Sentence]:
    """One sentence a line, tokens between blanks; an empty line is an empty sentence."""
    for line, at in lines_of(text, start):
        spans = [match.span() for match in _words(line)]
        yield Sentence(
            tuple([line[begin:end] for begin, end in spans]),
            offsets=tuple([(begin + at, end + at) for begin, end in spans]),
            text=line,
            start=at,
        )

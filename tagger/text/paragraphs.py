"""Text to paragraphs, within which sentences are looked for.

A line is a paragraph, unless the text is hard-wrapped, as mail and old books are: then blank lines
part paragraphs, and a line break is a blank like any other. Only LF ends a line.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO, NamedTuple

BYTE_ORDER_MARK = "\ufeff"
MOST_LINES = 1_000  # of a wrapped paragraph; it ends with the next full stop, or twice as far
LEAST_WIDTH, MOST_WIDTH = 40, 132  # characters in a line of hard-wrapped text
LEAST_FULL_LINES = 4  # which the next line's first word would have brought to SLACK of the width
FULL_SHARE = 0.75  # of the lines that others follow
SLACK = 0.9  # people break lines before they must
FULL_STOPS = tuple(".!?…。！？؟।:;\"'”’»)]")


class Paragraph(NamedTuple):
    """A stretch of text without its line end, and where it begins in the whole, in characters."""

    text: str
    start: int


def lines_of(text: str, start: int = 0) -> Iterator[Paragraph]:
    """Each line without its LF, in a whole text that has `text` at `start`.

    A byte order mark at the beginning of the whole is in no line but counts as one character.
    """
    if start == 0 and text.startswith(BYTE_ORDER_MARK):
        text, start = text[1:], 1
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        yield Paragraph(line, start)
        start += len(line) + 1


def wrapped_paragraphs(
    text: str, start: int = 0, *, at_blank_lines: bool = True
) -> Iterator[Paragraph]:
    """Stretches of lines between blank ones, their line breaks kept; blank lines give none.

    Very long ones are cut, see `group_lines`; without `at_blank_lines` that is all that cuts.
    """
    lines = list(lines_of(text, start))
    first = 0
    for size in group_lines((line.text for line in lines), at_blank_lines=at_blank_lines):
        group = lines[first : first + size]
        first += size
        joined = "\n".join([line.text for line in group]).rstrip()
        if joined:
            yield Paragraph(joined, group[0].start)


def group_lines(lines: Iterable[str], *, at_blank_lines: bool = True) -> Iterator[int]:
    """How many lines each paragraph of hard-wrapped text has, the blank line behind it included.

    One that has MOST_LINES ends with the next line that ends as a sentence does, or at twice as
    many. So each ends where it does whatever stands before it, and memory has a bound.
    """
    size = 0
    for line in lines:
        size += 1
        is_blank = at_blank_lines and (not line or line.isspace())
        is_long = size >= MOST_LINES and line.rstrip().endswith(FULL_STOPS)
        if is_blank or is_long or size >= 2 * MOST_LINES:
            yield size
            size = 0
    if size:
        yield size


def by_paragraph(
    stream: BinaryIO, size: int, *, at_blank_lines: bool = True
) -> Iterator[list[bytes]]:
    """Lines of hard-wrapped text, together at least `size` bytes, up to a paragraph's end."""
    read: list[bytes] = []

    def decoded() -> Iterator[str]:
        for number, line in enumerate(stream):
            read.append(line)
            text = line.decode("utf-8", "replace").removesuffix("\n")
            yield text if number else text.removeprefix(BYTE_ORDER_MARK)

    taken: list[bytes] = []
    num_bytes = 0
    for number in group_lines(decoded(), at_blank_lines=at_blank_lines):
        taken += read[:number]
        num_bytes += sum(map(len, read[:number]))
        del read[:number]
        if num_bytes >= size:
            yield taken
            taken, num_bytes = [], 0
    if taken:
        yield taken


def wrapped_at(lines: Sequence[str]) -> int | None:
    """At which width in characters the lines of a text's beginning are hard-wrapped, if they are.

    Then nearly every line that another one follows is so full that the next line's first word
    would hardly have fitted, and at a third of these a sentence goes on: no full stop before, no
    capital behind. One line in fifty may be longer: an address, a heading.
    """
    bare = [line.removeprefix(BYTE_ORDER_MARK).strip() for line in lines]
    lengths = sorted(filter(None, map(len, bare)))
    width = lengths[-1 - len(lengths) // 50] if lengths else 0
    if not LEAST_WIDTH <= width <= MOST_WIDTH:
        return None
    followed = full = broken = 0
    for line, following in pairwise(bare):
        if line and following:
            followed += 1
            if len(line) + 1 + len(following.split(maxsplit=1)[0]) > SLACK * width:
                full += 1
                broken += not (line.endswith(FULL_STOPS) or following[0].isupper())
    is_wrapped = full >= max(LEAST_FULL_LINES, FULL_SHARE * followed) and 3 * broken >= full
    return width if is_wrapped else None

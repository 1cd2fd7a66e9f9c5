"""Tags from one sentence to another of the same characters that is cut into tokens otherwise.

A plain tag goes to the token that covers the very same characters, a span to the tokens that it
touches. What does not fit is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Literal

import msgspec

from tagger.schemes import OUTSIDE, Scheme, spans_from_tags, tags_from_spans
from tagger.sentence import UNANNOTATED, Sentence, Span

SHOWN = 8  # how many tokens a mismatch shows
Place = tuple[int, int]  # of a token: its first character, blanks not counted, and its end


class Mismatch(msgspec.Struct, frozen=True):
    """Something in the second file that does not fit the first.

    `tokens`: the same text cut otherwise. `span`: one that begins or ends inside a token of the
    first file, and is wider there or, if others have these tokens already, missing. `text`:
    sentences of one `sent_id` whose characters differ. `alone`: a sentence of either file without
    a partner. Path and line are those of the first file, only of a sentence that is alone in the
    second its own; line 0 means that it was not read from a file.
    """

    kind: Literal["tokens", "span", "text", "alone"]
    path: str
    line: int
    expected: str
    found: str


def carried_columns(
    sentence: Sentence, partner: Sentence, schemes: Mapping[str, Scheme | None]
) -> tuple[dict[str, tuple[str, ...]], list[Mismatch]]:
    """The partner's columns on this sentence's tokens, and what does not fit."""
    columns = {name: partner.columns[name] for name in schemes if name in partner.columns}
    if sentence.forms == partner.forms:
        return columns, []
    here, there = _places(sentence), _places(partner)
    problems = [
        mismatch_of("tokens", sentence, i, partner, j) for i, j in _otherwise_cut(here, there)
    ]
    for name, tags in columns.items():
        scheme = schemes[name]
        if scheme is None:
            columns[name] = _by_characters(tags, here, there, UNANNOTATED)
            continue
        spans, misfits = _spans_by_characters(tags, sentence, partner, here, there)
        outside = [tag if tag == UNANNOTATED else OUTSIDE for tag in tags]
        base = _by_characters(outside, here, there, OUTSIDE)
        columns[name] = _with_spans(base, spans, scheme)
        problems += misfits
    return columns, problems


def _places(sentence: Sentence) -> list[Place]:
    ends = accumulate((len("".join(form.split())) for form in sentence.forms), initial=0)
    return list(pairwise(ends))


def _otherwise_cut(here: Sequence[Place], there: Sequence[Place]) -> Iterator[tuple[slice, slice]]:
    """The shortest stretches of tokens that cover the same characters and are not one token each.

    >>> list(_otherwise_cut([(0, 2), (2, 6)], [(0, 2), (2, 3), (3, 6)]))
    [(slice(1, 2, None), slice(1, 3, None))]
    """
    i = j = 0
    while i < len(here) and j < len(there):
        begin_i, begin_j = i, j
        i, j = i + 1, j + 1
        while here[i - 1][1] != there[j - 1][1]:
            if here[i - 1][1] < there[j - 1][1]:
                i += 1
            else:
                j += 1
        if (i - begin_i, j - begin_j) != (1, 1):
            yield slice(begin_i, i), slice(begin_j, j)
    if i < len(here) or j < len(there):  # tokens of nothing but blanks
        yield slice(i, len(here)), slice(j, len(there))


def _by_characters(
    tags: Sequence[str], here: Sequence[Place], there: Sequence[Place], otherwise: str
) -> tuple[str, ...]:
    """The tag of the token that covers the same characters, `otherwise` where there is none."""
    exact = dict(zip(there, tags, strict=True))
    return tuple([exact.get(place, otherwise) for place in here])


def _spans_by_characters(
    tags: Sequence[str],
    sentence: Sentence,
    partner: Sentence,
    here: Sequence[Place],
    there: Sequence[Place],
) -> tuple[list[Span], list[Mismatch]]:
    """The spans over all tokens that they touch, less those that an earlier span has taken."""
    spans: list[Span] = []
    misfits = []
    for span in spans_from_tags(tags):
        start, end = there[span.start][0], there[span.end - 1][1]
        touched = [i for i, place in enumerate(here) if place[0] < end and place[1] > start]
        free = [i for i in touched if not spans or i >= spans[-1].end]
        at = touched[0] if touched else 0
        taken = slice(free[0], free[-1] + 1) if free else slice(at, at)
        if free:
            spans.append(Span(taken.start, taken.stop, span.label))
        if not free or (here[free[0]][0], here[free[-1]][1]) != (start, end):
            was = slice(span.start, span.end)
            misfits.append(mismatch_of("span", sentence, taken, partner, was, f"{span.label} "))
    return spans, misfits


def _with_spans(base: Sequence[str], spans: Sequence[Span], scheme: Scheme) -> tuple[str, ...]:
    """Tags of the spans; outside of them `_` where the base has it."""
    both = zip(tags_from_spans(spans, len(base), scheme), base, strict=True)
    return tuple([old if tag == OUTSIDE else tag for tag, old in both])


def alone(sentence: Sentence, other: str) -> Mismatch:
    """A sentence whose text the other file does not have."""
    path, line = _line(sentence, 0)
    shown = _quote(sentence, slice(0, SHOWN))
    return Mismatch("alone", path, line, f"this sentence in {other} too", f"only here {shown}")


def mismatch_of(
    kind: Literal["tokens", "span", "text"],
    sentence: Sentence,
    here: slice,
    partner: Sentence,
    there: slice,
    label: str = "",
) -> Mismatch:
    """What the second file has, with its place, and what the first has."""
    path, line = _line(sentence, here.start)
    other, other_line = _line(partner, there.start)
    expected = f"{_quote(partner, there, label)} as in {other}:{other_line}"
    return Mismatch(kind, path, line, expected, _quote(sentence, here, label))


def _quote(sentence: Sentence, tokens: slice, label: str = "") -> str:
    forms = sentence.forms[tokens]
    return f"{label}{' '.join(forms)!r}" if forms else "nothing"


def _line(sentence: Sentence, token: int) -> tuple[str, int]:
    """File and line of a token; of the last where there are fewer."""
    source = sentence.source
    if source is None or not source.rows:
        return ("?", 0) if source is None else (source.path, source.line)
    return source.path, source.line + source.rows[min(token, len(source.rows) - 1)]

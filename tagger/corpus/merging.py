"""Two files over the same text joined: the sentences of the first with the columns of the second.

Sentences are partners if their characters without blanks are the same, those of the same `sent_id`
first, then in the order of the files. Where the characters differ nothing is guessed: such a
sentence gets no tags from the second file and is listed. Where partners are tokenized otherwise,
tags go by characters: a plain tag to the token that covers the very same ones, a span to the
tokens that it touches.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Literal

import msgspec

from tagger.errors import UsageError
from tagger.schemes import (
    OUTSIDE,
    Scheme,
    guess_scheme,
    is_span_column,
    spans_from_tags,
    tags_from_spans,
)
from tagger.sentence import UNANNOTATED, Sentence, Span

SHOWN = 8  # how many tokens a mismatch shows
Place = tuple[int, int]  # of a token: its first character, blanks not counted, and its end
Row = tuple[str | None, str]  # a sentence's sent_id and its characters
_sent_id = re.compile(r"^\ufeff?#[ \t]*sent_id[ \t]*=[ \t]*(\S.*?)\s*$", re.MULTILINE).search


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


class Merged(msgspec.Struct, frozen=True):
    """The first file's sentences, the columns that came from the second, and what did not fit.

    A sentence lacks these columns where nothing was carried over, only not in files of columns or
    `word/TAG`, whose lines would become ragged: there all its tokens have `_`.
    """

    sentences: list[Sentence]
    names: tuple[str, ...]
    mismatches: list[Mismatch]


def merge(
    first: Sequence[Sentence], second: Sequence[Sentence], names: Collection[str] = ()
) -> Merged:
    """All sentences of the first file, in order, with the columns that only the second has.

    Of a column that both have the first's tags stay, or become the second's if it is among `names`.
    Raises UsageError for a name that the second file does not have.
    """
    schemes = _schemes(second)
    for name in sorted(set(names) - schemes.keys()):
        raise UsageError(f"expected one of the columns {', '.join(schemes)}, found {name!r}")
    there = {name for sentence in first for name in sentence.columns}
    carried = {name: kind for name, kind in schemes.items() if name not in there or name in names}
    first_rows, second_rows = list(map(_row, first)), list(map(_row, second))
    partners = _partners(first_rows, second_rows)
    sentences: list[Sentence] = []
    mismatches: list[Mismatch] = []
    for i, sentence in enumerate(first):
        columns: dict[str, tuple[str, ...]] = {}
        if i in partners:
            columns, problems = _carried(sentence, second[partners[i]], carried)
            mismatches += problems
        columns |= _unannotated(sentence, [name for name in carried if name not in columns])
        sentences.append(sentence.with_columns(columns) if columns else sentence)
    mismatches += _unpaired(first, second, first_rows, second_rows, partners)
    return Merged(sentences, tuple(carried), mismatches)


def _schemes(sentences: Iterable[Sentence]) -> dict[str, Scheme | None]:
    """The columns, those that hold spans with their scheme."""
    layers: dict[str, list[tuple[str, ...]]] = {}
    for sentence in sentences:
        for name, tags in sentence.columns.items():
            layers.setdefault(name, []).append(tags)
    found: dict[str, Scheme | None] = {}
    for name, layer in layers.items():
        counts: Counter[str] = Counter()
        for tags in layer:
            counts.update(tags)
        found[name] = guess_scheme(layer) if is_span_column(counts) else None
    return found


def _row(sentence: Sentence) -> Row:
    source = sentence.source
    found = None if source is None else _sent_id(source.text)
    return found and found[1], "".join("".join(sentence.forms).split())


def _partners(first: Sequence[Row], second: Sequence[Row]) -> dict[int, int]:
    """Sentences of the first file to those of the second that have the same characters."""
    partners: dict[int, int] = {}
    named = [[row if row[0] and row[1] else None for row in rows] for rows in (first, second)]
    texts = [[row[1] or None for row in rows] for rows in (first, second)]
    _pair(named[0], named[1], partners)
    _pair(texts[0], texts[1], partners)
    return partners


def _pair(first: Iterable[Hashable], second: Iterable[Hashable], partners: dict[int, int]) -> None:
    """Adds those left that have the same key (None is no key), equal ones in their order."""
    taken = set(partners.values())
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for j, key in enumerate(second):
        if key is not None and j not in taken:
            waiting[key].append(j)
    for i, key in enumerate(first):
        if i not in partners and waiting.get(key):
            partners[i] = waiting[key].popleft()


def _unannotated(sentence: Sentence, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Columns of `_` where lines without them would have fewer fields than others."""
    source = sentence.source
    if source is None or source.layout.kind not in ("columns", "pairs") or not sentence.forms:
        return {}
    missing = [name for name in names if name not in source.layout.columns]
    return dict.fromkeys(missing, (UNANNOTATED,) * len(sentence))


def _carried(
    sentence: Sentence, partner: Sentence, schemes: Mapping[str, Scheme | None]
) -> tuple[dict[str, tuple[str, ...]], list[Mismatch]]:
    """The partner's columns on this sentence's tokens, and what does not fit."""
    columns = {name: partner.columns[name] for name in schemes if name in partner.columns}
    if sentence.forms == partner.forms:
        return columns, []
    here, there = _places(sentence), _places(partner)
    problems = [
        _mismatch("tokens", sentence, i, partner, j) for i, j in _otherwise_cut(here, there)
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
            misfits.append(_mismatch("span", sentence, taken, partner, was, f"{span.label} "))
    return spans, misfits


def _with_spans(base: Sequence[str], spans: Sequence[Span], scheme: Scheme) -> tuple[str, ...]:
    """Tags of the spans; outside of them `_` where the base has it."""
    both = zip(tags_from_spans(spans, len(base), scheme), base, strict=True)
    return tuple([old if tag == OUTSIDE else tag for tag, old in both])


def _unpaired(
    first: Sequence[Sentence],
    second: Sequence[Sentence],
    first_rows: Sequence[Row],
    second_rows: Sequence[Row],
    partners: Mapping[int, int],
) -> list[Mismatch]:
    """The sentences without a partner, with the one of the same `sent_id` where there is one."""
    taken = set(partners.values())
    left = [i for i, row in enumerate(first_rows) if row[1] and i not in partners]
    others = {j: row[0] for j, row in enumerate(second_rows) if row[1] and j not in taken}
    by_id = {name: j for j, name in others.items() if name}
    found = []
    for i in left:
        j = by_id.pop(first_rows[i][0] or "", None)
        if j is None:
            found.append(_alone(first[i], "the other file"))
            continue
        del others[j]
        at = _first_difference(first[i].forms, second[j].forms)
        stretch = slice(at, at + SHOWN)
        found.append(_mismatch("text", first[i], stretch, second[j], stretch))
    return [*found, *(_alone(second[j], "the first file") for j in others)]


def _first_difference(first: Sequence[str], second: Sequence[str]) -> int:
    same = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(same) if a != b), min(len(first), len(second)))


def _alone(sentence: Sentence, other: str) -> Mismatch:
    """A sentence whose text the other file does not have."""
    path, line = _line(sentence, 0)
    shown = _quote(sentence, slice(0, SHOWN))
    return Mismatch("alone", path, line, f"this sentence in {other} too", f"only here {shown}")


def _mismatch(
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

"""Two files over the same text joined: the sentences of the first with the columns of the second.

Sentences are partners if their characters without blanks are the same, those of the same `sent_id`
first, then in the order of the files. Where the characters differ nothing is guessed: such a
sentence gets no tags from the second file and is listed.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

import msgspec

from tagger.corpus.alignment import SHOWN, Mismatch, alone, carried_columns, mismatch_of
from tagger.errors import UsageError
from tagger.schemes import (
    Scheme,
    guess_scheme,
    is_span_column,
)
from tagger.sentence import UNANNOTATED, Sentence

Row = tuple[str | None, str]  # a sentence's sent_id and its characters
_sent_id = re.compile(r"^\ufeff?#[ \t]*sent_id[ \t]*=[ \t]*(\S.*?)\s*$", re.MULTILINE).search


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
            columns, problems = carried_columns(sentence, second[partners[i]], carried)
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
            found.append(alone(first[i], "the other file"))
            continue
        del others[j]
        at = _first_difference(first[i].forms, second[j].forms)
        stretch = slice(at, at + SHOWN)
        found.append(mismatch_of("text", first[i], stretch, second[j], stretch))
    return [*found, *(alone(second[j], "the first file") for j in others)]


def _first_difference(first: Sequence[str], second: Sequence[str]) -> int:
    same = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(same) if a != b), min(len(first), len(second)))

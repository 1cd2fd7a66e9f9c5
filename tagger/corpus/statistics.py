"""What is in a corpus, counted while its sentences pass by, and what a second one has that is new.

Only distinct things are kept (forms, forms with their tags, entity texts), never a sentence.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, groupby, repeat

import msgspec

from tagger.schemes import (
    OUTSIDE,
    Scheme,
    guess_scheme,
    is_span_column,
    is_span_tag,
    spans_from_tags,
)
from tagger.sentence import UNANNOTATED, Sentence


class Distribution(msgspec.Struct, frozen=True):
    """How large things are: p90 and p99 are the least sizes that 90 and 99 % do not exceed."""

    min: int
    median: float
    mean: float
    p90: int
    p99: int
    max: int


class Portion(msgspec.Struct, frozen=True):
    """Some of the distinct things that occur: how many, and shares (0..1) of all; 0 of none."""

    types: int
    share_of_types: float
    share_of_tokens: float


class Entities(msgspec.Struct, frozen=True):
    """How many spans a label has, and their mean length in tokens."""

    count: int
    mean_length: float


class ColumnStatistics(msgspec.Struct, frozen=True):
    """One column: annotated tokens, tags by count; for spans the scheme and the labels by count.

    Without a span there is no scheme. Plain tags have `ambiguous`: the forms with several tags.
    """

    tokens: int
    tags: dict[str, int]
    scheme: Scheme | None = None
    entities: dict[str, Entities] | None = None
    ambiguous: Portion | None = None


class Statistics(msgspec.Struct, frozen=True):
    """A file or split: types are distinct forms, word lengths characters of all tokens.

    The lengths are None where there is nothing to measure. Blocks without tokens do not count.
    """

    sentences: int
    tokens: int
    types: int
    sentence_lengths: Distribution | None
    word_lengths: Distribution | None
    columns: dict[str, ColumnStatistics]


class Unknown(msgspec.Struct, frozen=True):
    """What a later split has that the first has not: forms and, by column, texts of entities.

    Only columns that hold spans in both are compared.
    """

    forms: Portion
    entities: dict[str, Portion]


class Measuring:
    """Counts sentences one by one; `statistics` and `compare` may be asked at any time."""

    def __init__(self) -> None:
        self.forms: Counter[str] = Counter()
        self.columns: dict[str, MeasuredColumn] = {}
        self._lengths: Counter[int] = Counter()

    def add(self, sentence: Sentence) -> None:
        """Counts a sentence."""
        if not sentence.forms:
            return
        self.forms.update(sentence.forms)
        self._lengths[len(sentence)] += 1
        for name, tags in sentence.columns.items():
            if name not in self.columns:
                self.columns[name] = MeasuredColumn()
            self.columns[name].add(sentence.forms, tags)

    def statistics(self) -> Statistics:
        """What was counted so far."""
        word_lengths: Counter[int] = Counter()
        for form, count in self.forms.items():
            word_lengths[len(form)] += count
        return Statistics(
            sentences=self._lengths.total(),
            tokens=self.forms.total(),
            types=len(self.forms),
            sentence_lengths=distribution(self._lengths),
            word_lengths=distribution(word_lengths),
            columns={name: column.statistics() for name, column in self.columns.items()},
        )


class MeasuredColumn:
    """What was seen of one column."""

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._known: set[str] = set()
        self._begun: set[str] = set()  # those known that are of spans
        self._spans: Counter[tuple[str, int]] = Counter()  # labels with lengths
        self._runs: Counter[tuple[str, ...]] = Counter()  # tags between O and O

    def add(self, forms: Sequence[str], tags: Sequence[str]) -> None:
        """Counts the tags of a sentence."""
        self._pairs.update(zip(forms, tags, strict=True))
        if not self._known.issuperset(tags):
            self._known.update(tags)
            self._begun = {t for t in self._known if is_span_tag(t) and t != OUTSIDE}
        if self._begun and not self._begun.isdisjoint(tags):
            for start, end, label in spans_from_tags(tags):
                self.texts[" ".join(forms[start:end])] += 1
                self._spans[label, end - start] += 1
            runs = groupby(tags, OUTSIDE.__eq__)
            self._runs.update([tuple(run) for is_outside, run in runs if not is_outside])

    @property
    def has_spans(self) -> bool:
        """Whether it holds spans, as far as it was seen."""
        return is_span_column(self._tags())

    def _tags(self) -> Counter[str]:
        tags: Counter[str] = Counter()
        for (_, tag), count in self._pairs.items():
            tags[tag] += count
        return tags

    def statistics(self) -> ColumnStatistics:
        """What was counted so far."""
        tags = self._tags()
        has_spans = is_span_column(tags)
        tags.pop(UNANNOTATED, None)
        by_form: dict[str, list[int]] = {}
        for (form, tag), count in self._pairs.items():
            if tag != UNANNOTATED:
                by_form.setdefault(form, []).append(count)
        if has_spans:
            runs = chain.from_iterable(repeat(run, count) for run, count in self._runs.items())
            scheme = guess_scheme(runs) if self._spans else None
            return ColumnStatistics(tags.total(), _by_count(tags), scheme, self._entities())
        several = [sum(counts) for counts in by_form.values() if len(counts) > 1]
        ambiguous = _portion(several, len(by_form), tags.total())
        return ColumnStatistics(tags.total(), _by_count(tags), ambiguous=ambiguous)

    def _entities(self) -> dict[str, Entities]:
        counts: Counter[str] = Counter()
        lengths: Counter[str] = Counter()
        for (label, length), count in self._spans.items():
            counts[label] += count
            lengths[label] += count * length
        return {label: Entities(n, lengths[label] / n) for label, n in _by_count(counts).items()}


def compare(first: Measuring, other: Measuring) -> Unknown:
    """What `other`, a later split, has that `first` has not."""
    known = {name: column.texts for name, column in first.columns.items() if column.has_spans}
    found = {name: column.texts for name, column in other.columns.items() if column.has_spans}
    entities = {name: _unknown(known[name], found[name]) for name in found if name in known}
    return Unknown(_unknown(first.forms, other.forms), entities)


def distribution(sizes: Counter[int]) -> Distribution | None:
    """How sizes are distributed, each with its count; None where there are none."""
    total = sizes.total()
    if not total:
        return None
    rising = sorted(sizes)
    up_to = [*accumulate(sizes[size] for size in rising)]
    ranks = (total + 1) // 2, total // 2 + 1, -(-total * 90 // 100), -(-total * 99 // 100)
    middle, next_middle, p90, p99 = [rising[bisect_left(up_to, rank)] for rank in ranks]
    mean = sum([size * count for size, count in sizes.items()]) / total
    return Distribution(rising[0], (middle + next_middle) / 2, mean, p90, p99, rising[-1])


def _by_count(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first, those of one count by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _unknown(first: Mapping[str, int], other: Mapping[str, int]) -> Portion:
    new = [count for thing, count in other.items() if thing not in first]
    return _portion(new, len(other), sum(other.values()))


def _portion(counts: Sequence[int], types: int, tokens: int) -> Portion:
    return Portion(len(counts), len(counts) / max(1, types), sum(counts) / max(1, tokens))

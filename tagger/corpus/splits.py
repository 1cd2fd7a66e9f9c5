"""A corpus cut into train, dev and test: by document, near-duplicates together, labels spread.

Which sentence goes where follows from the sentences, the shares and the seed alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from random import Random

import msgspec

from tagger.corpus.dialect import MOST_TAGS
from tagger.corpus.documents import Unit, whole_units
from tagger.corpus.similar import alike, joined, words_of
from tagger.errors import UsageError
from tagger.schemes import is_span_column, spans_from_tags
from tagger.sentence import UNANNOTATED, Sentence

LEAST_SHARE = 1e-6
Label = tuple[str, str]  # a column and a tag or, where it holds spans, the label of a span
TOKENS: Label = ("", "")
Counts = Mapping[Label, int]
FEW_MOVES = 0.01  # of the units in one round
LEAST_GAIN = 1e-9  # less is rounding


class Split(msgspec.Struct, frozen=True):
    """The sentences of each part, as rising indices, and how the cut was made.

    `units` is how many documents or sentences there were to share out. `apart` counts the
    sentences that have a near-duplicate in an earlier part, because keeping all of them together
    would have made a group too large for the smallest part.
    """

    parts: tuple[tuple[int, ...], ...]
    unit: Unit
    units: int
    apart: int


def parse_shares(text: str) -> tuple[float, ...]:
    """Two or three shares that make up 1; raises UsageError for anything else.

    >>> parse_shares("80/10/10")
    (0.8, 0.1, 0.1)
    """
    try:
        shares = [float(part) for part in text.split("/")]
    except ValueError:
        shares = []
    if len(shares) not in (2, 3) or not all(LEAST_SHARE <= share <= 1e6 for share in shares):
        raise UsageError(f"expected two or three shares such as 80/10/10, found {text!r}")
    return tuple([share / sum(shares) for share in shares])


def split(sentences: Sequence[Sentence], shares: Sequence[float], seed: int) -> Split:
    """Cuts sentences into parts of these shares of the tokens, which need not add up to 1.

    Documents stay whole where there are more than two a part. Blocks without tokens go with the
    sentence behind them.
    """
    shares = [share / sum(shares) for share in shares]
    unit, units = whole_units(sentences, more_than=2 * len(shares))
    twins = alike([words_of(sentence.forms) for sentence in sentences])
    groups = _grouped(sentences, units, twins, min(shares))
    numbers = stratify(count_labels(sentences, groups), shares, seed)
    part_of = [0] * len(sentences)
    for group, part in zip(groups, numbers, strict=True):
        for i in group:
            part_of[i] = part
    parts: list[list[int]] = [[] for _ in shares]
    for i, part in enumerate(part_of):
        parts[part].append(i)
    apart = {i for set_ in twins for i in set_ if part_of[i] > min([part_of[j] for j in set_])}
    return Split(tuple(map(tuple, parts)), unit, len(units), len(apart))


def _grouped(
    sentences: Sequence[Sentence],
    units: Sequence[Sequence[int]],
    twins: Sequence[Sequence[int]],
    smallest_share: float,
) -> list[list[int]]:
    """The indices of units that have to stay together because sentences of them are twins."""
    sizes = [sum([len(sentences[i]) for i in unit]) for unit in units]
    unit_of = {i: number for number, unit in enumerate(units) for i in unit}
    tied = [sorted({unit_of[i] for i in members}) for members in twins]
    firsts = joined(sizes, tied, limit=smallest_share * sum(sizes) / 2)
    groups: dict[int, list[int]] = {}
    for first, unit in zip(firsts, units, strict=True):
        groups.setdefault(first, []).extend(unit)
    return [*groups.values()]


def count_labels(sentences: Sequence[Sentence], units: Iterable[Iterable[int]]) -> list[Counts]:
    """Per unit its tokens, the spans of each label and the tokens of each plain tag.

    A column with too many different tags to be spread (morphological features) has no labels.
    """
    tags: dict[str, Counter[str]] = {}
    for sentence in sentences:
        for name, column in sentence.columns.items():
            tags.setdefault(name, Counter()).update(column)
    has_spans = {n: is_span_column(found) for n, found in tags.items() if len(found) <= MOST_TAGS}
    return [_count([sentences[i] for i in unit], has_spans) for unit in units]


def _count(sentences: Iterable[Sentence], has_spans: Mapping[str, bool]) -> Counts:
    counts: Counter[Label] = Counter()
    for sentence in sentences:
        counts[TOKENS] += len(sentence)
        for name, tags in sentence.columns.items():
            if name in has_spans:
                spans = has_spans[name]
                labels = [span.label for span in spans_from_tags(tags)] if spans else tags
                counts.update(zip(repeat(name), labels))
    return {label: count for label, count in counts.items() if label[1] != UNANNOTATED}


class _Shares:
    """Which part each unit is in and how much of each label each part still lacks.

    `amounts` are of each unit's labels: count, lacking by part, the sum of all squared counts. The
    last says how much chance alone would make the label deviate.
    """

    def __init__(self, counts: Sequence[Counts], shares: Sequence[float]) -> None:
        self.shares, self.parts = shares, [-1] * len(counts)
        totals: Counter[Label] = Counter()
        squares: Counter[Label] = Counter()
        for unit in counts:
            totals.update(unit)
            squares.update({label: max(1, count * count) for label, count in unit.items()})
        self.lacking = {label: [s * total for s in shares] for label, total in totals.items()}
        lacking = self.lacking
        self.amounts = [[(unit[i], lacking[i], squares[i]) for i in unit] for unit in counts]

    def move(self, unit: int, part: int) -> None:
        """Puts a unit into a part, out of the one where it was."""
        before, self.parts[unit] = self.parts[unit], part
        for count, lacking, _ in self.amounts[unit]:
            lacking[part] -= count
            if before >= 0:
                lacking[before] += count

    def gain(self, unit: int, part: int) -> float:
        """By how much less uneven the parts would be with the unit in this part.

        Uneven is the sum of lacking**2 / (share * squares) over parts and labels.
        """
        before, shares = self.parts[unit], self.shares
        gained = 0.0
        for count, lacking, squares in self.amounts[unit]:
            won = (2 * lacking[part] - count) / shares[part]
            lost = (2 * lacking[before] + count) / shares[before]
            gained += count * (won - lost) / squares
        return gained


def stratify(counts: Sequence[Counts], shares: Sequence[float], seed: int) -> list[int]:
    """The part of each unit by iterative stratification (Sechidis et al. 2011, algorithm 1).

    Of the labels left the one that the fewest units have is shared out first; each of these units
    goes to the part that lacks most of that label, then of tokens. As units hold many labels and
    differ in size, those that would make the parts more even elsewhere are moved in the end.
    """
    state = _Shares(counts, shares)
    order = [*range(len(counts))]
    Random(seed).shuffle(order)
    having: dict[Label, list[int]] = {}
    for unit in order:
        for label in counts[unit]:
            having.setdefault(label, []).append(unit)
    left = {label: len(having[label]) for label in sorted(having)}
    while left:
        rarest = min(left, key=left.__getitem__)
        for unit in having[rarest]:
            if state.parts[unit] < 0:
                needs = [*zip(state.lacking[rarest], state.lacking[TOKENS], strict=True)]
                state.move(unit, needs.index(max(needs)))
                for label in counts[unit]:
                    left[label] -= 1
        del left[rarest]
    _even_out(state, order)
    return state.parts


def _even_out(state: _Shares, order: Sequence[int]) -> None:
    """Moves units one by one where that makes the parts less uneven, until few move."""
    num_moved = len(order)
    while num_moved > FEW_MOVES * len(order):
        num_moved = 0
        for unit in order:
            others = {*range(len(state.shares))} - {state.parts[unit]}
            gain, part = max([(state.gain(unit, part), part) for part in others])
            if gain > LEAST_GAIN:
                state.move(unit, part)
                num_moved += 1

"""What is wrong with the tags of one column over a whole file: schemes, labels, rare tags.

Which scheme a file is written in shows only at its end, so the places where tags meet as some
scheme forbids are kept until then, as numbers.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator

from tagger.corpus.dialect import MOST_TAGS, UPOS_TAGS
from tagger.corpus.problems.codes import Finding
from tagger.schemes import (
    OUTSIDE,
    PREFIXES,
    SCHEMES,
    Scheme,
    is_span_column,
    is_span_tag,
    likely_scheme,
    may_follow,
    prefix_counts,
    split_tag,
)
from tagger.sentence import UNANNOTATED, Sentence, place_of

ENOUGH_TOKENS = 1000  # fewer say nothing about what is rare or common
MOST_OF_ONE = 0.95  # share of one tag or label above which something may be wrong
PREFIXES_OF: dict[Scheme, str] = {
    "IO": "I",
    "IOB1": "IB",
    "IOB2": "IB",
    "IOBES": "IBES",
    "BILOU": "IBLU",
}


class TagChecks:
    """One column of one file. `add` its sentences, then ask for what is wrong."""

    def __init__(
        self, path: str, name: str, scheme: Scheme | None, *, is_training: bool = True
    ) -> None:
        self._path = path
        self._name = name
        self._asked = scheme
        self._is_training = is_training
        self.counts: Counter[str] = Counter()
        self._first: dict[str, tuple[int, int]] = {}  # tag: line and field
        self._pairs: Counter[tuple[str, str]] = Counter()
        # lines and fields by turns
        self._met: defaultdict[tuple[str, str], array[int]] = defaultdict(lambda: array("L"))
        self._has_spans = False
        self._doubtful: dict[tuple[str, str], bool] = {}

    def add(self, sentence: Sentence) -> None:
        """Counts the column's tags in a sentence that has it."""
        tags = sentence.columns[self._name]
        self.counts.update(tags)
        if len(self._first) < len(self.counts):
            self._note_first(sentence, tags)
        if self._has_spans and tags.count(OUTSIDE) < len(tags):
            pairs = list(zip((OUTSIDE, *tags), (*tags, OUTSIDE), strict=True))
            doubtful = set(map(self._is_doubtful, set(pairs)))
            if True in doubtful:
                for i, pair in enumerate(pairs):
                    if self._doubtful[pair]:
                        row = min(i, len(tags) - 1)
                        self._met[pair].extend(place_of(sentence, row, self._name)[1:])

    def _note_first(self, sentence: Sentence, tags: tuple[str, ...]) -> None:
        for i, tag in enumerate(tags):
            self._has_spans = self._has_spans or (tag != OUTSIDE and is_span_tag(tag))
            if tag not in self._first:
                self._path, *place = place_of(sentence, i, self._name)
                self._first[tag] = place[0], place[1]

    def _is_doubtful(self, pair: tuple[str, str]) -> bool:
        """Whether some scheme forbids that these tags meet."""
        known = self._doubtful.get(pair)
        if known is None:
            known = len(self._doubtful) < MOST_TAGS**2 and (
                all(map(is_span_tag, pair)) and pair != (OUTSIDE, OUTSIDE)
            )
            schemes = SCHEMES if self._asked is None else [self._asked]
            known = known and any(_clash(*pair, scheme) for scheme in schemes)
            self._doubtful[pair] = known
        return known

    @property
    def is_spans(self) -> bool:
        """Whether the column holds spans."""
        return is_span_column(self._annotated())

    @property
    def labels(self) -> set[str]:
        """The labels of a span column, else its tags."""
        tags = self._annotated()
        if not self.is_spans:
            return set(tags)
        return {split_tag(tag)[1] for tag in tags if is_span_tag(tag) and tag != OUTSIDE}

    def _annotated(self) -> Counter[str]:
        return Counter({tag: n for tag, n in self.counts.items() if tag not in (UNANNOTATED, "")})

    def finding_at_first(self, label: str, code: str, problem: str) -> Finding:
        """A finding at the first tag that is or holds this label."""
        places = [p for tag, p in self._first.items() if label in (tag, split_tag(tag)[1])]
        return self._finding(min(places), code, problem)

    def finish(self) -> Iterator[Finding]:
        """Everything that is wrong with the column."""
        if self.is_spans:
            yield from self._check_spans()
        elif self._name == "upos":
            yield from self._check_upos()
        if len(self.labels) <= MOST_TAGS:
            yield from self._check_case()
            yield from self._check_shares()

    def _check_spans(self) -> Iterator[Finding]:
        scheme = self._asked or self._likely_scheme()
        if scheme in ("IO", "IOB1") and self._asked is None:
            first = min(place for tag, place in self._first.items() if tag[:2] == "I-")
            problem = (
                f"expected spans that begin with B-, found {self._name} spans that begin with I-"
            )
            yield self._finding(first, "iob1", problem)
            scheme = "IOB1"
        for tag, place in self._first.items():
            if not is_span_tag(tag) and tag not in (UNANNOTATED, ""):
                problem = f"expected O or a tag such as B-PER, found {tag!r}"
                yield self._finding(place, "unknown-prefix", problem + self._times(tag))
        for pair, met in self._met.items():
            found = _clash(*pair, scheme)
            if found is not None:
                for place in zip(met[::2], met[1::2], strict=True):
                    yield self._finding(place, *found)

    def _likely_scheme(self) -> Scheme:
        begun_inside = sum(
            len(met) // 2
            for (before, after), met in self._met.items()
            if after[0] in "IEL" and not may_follow(before, after, "IOB2")
        )
        return likely_scheme(prefix_counts(self.counts), begun_inside)

    def _check_upos(self) -> Iterator[Finding]:
        for tag in self._annotated():
            if tag not in UPOS_TAGS:
                problem = f"expected one of the 17 universal tags, found {tag!r}"
                yield self._finding(self._first[tag], "unknown-upos", problem + self._times(tag))

    def _check_case(self) -> Iterator[Finding]:
        spelt: defaultdict[str, list[str]] = defaultdict(list)
        for label in self.labels:
            spelt[label.casefold()].append(label)
        for labels in spelt.values():
            counts = {label: self._count(label) for label in labels}
            usual = max(sorted(counts), key=counts.__getitem__)
            for label in sorted(set(labels) - {usual}):
                seldom = f"{counts[label]:,} time{'s' if counts[label] > 1 else ''}"
                problem = f"expected {usual} ({counts[usual]:,} times), found {label!r} ({seldom})"
                yield self.finding_at_first(label, "label-case", problem)

    def _check_shares(self) -> Iterator[Finding]:
        tags = self._annotated()
        if tags.total() < ENOUGH_TOKENS:
            return
        counts = {label: self._count(label) for label in self.labels}
        for label, count in counts.items():
            if count == 1 and self._is_training:
                problem = f"expected {self._name} {label} more often, found it once in the file"
                yield self.finding_at_first(label, "tag-once", problem)
        total = sum(counts.values())
        label, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
        if len(counts) > 1 and count > MOST_OF_ONE * total:
            share = f"{100 * count / total:.1f} %"
            problem = f"expected several {self._name} tags, found {share} {label}"
            yield self.finding_at_first(label, "dominating-label", problem)

    def _count(self, label: str) -> int:
        """How many tokens have a plain tag, or how many spans begin with a label."""
        if not self.is_spans:
            return self.counts[label]
        begun = sum(self.counts[f"{prefix}-{label}"] for prefix in "BSU")
        return begun or sum(self.counts[f"{prefix}-{label}"] for prefix in PREFIXES)

    def _times(self, tag: str) -> str:
        count = self.counts[tag]
        return f" ({count:,} times, the first here)" if count > 1 else ""

    def _finding(self, place: tuple[int, int], code: str, problem: str) -> Finding:
        return Finding(self._path, *place, code, problem)


def _clash(before: str, after: str, scheme: Scheme) -> tuple[str, str] | None:
    """Code and problem of two tags that may not meet in a scheme; O is a sentence's edge too."""
    if after[0] not in PREFIXES_OF[scheme] + OUTSIDE:
        return "mixed-schemes", f"expected a tag of {scheme}, found {after}"
    if before[0] not in PREFIXES_OF[scheme] + OUTSIDE or may_follow(before, after, scheme):
        return None
    if after[0] in "IEL":
        if before == OUTSIDE:
            return "inside-without-begin", f"expected B-{after[2:]} after {before}, found {after}"
        if before[2:] != after[2:]:
            return "label-change", f"expected {before[2:]} to go on or end, found {after}"
        return "inside-without-begin", f"expected a beginning after {before}, found {after}"
    if scheme == "IOB1":
        return "needless-begin", f"expected I-{after[2:]} after {before}, found {after}"
    return "span-not-ended", f"expected the end of {before}, found {after}"

"""Tag schemes for spans: IO, IOB1, IOB2, IOBES, BILOU to spans and back, and what may follow what.

Reading is one rule for all schemes, the one by which conlleval counts chunks: B-, S- and U- begin
a span; I-, E- and L- continue one of the same label and begin one otherwise; E-, L-, S- and U-
end it. Hence a slip such as I- after O loses no entity; `slips` says where one happened.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from tagger.sentence import UNANNOTATED, Span

Scheme = Literal["IO", "IOB1", "IOB2", "IOBES", "BILOU"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
OUTSIDE = "O"
BEGINNERS = frozenset("BSU")
ENDERS = frozenset("ELSU")
PREFIXES = frozenset("BIELSU")
is_entity_layer = re.compile(r"ner[0-9]*\Z").match  # a column of entities: ner, inside them ner2, …


def split_tag(tag: str) -> tuple[str, str]:
    """Prefix and label: `B-PER` -> (`B`, `PER`), `O` -> (`O`, ``)."""
    prefix, dash, label = tag.partition("-")
    if dash and prefix in PREFIXES:
        return prefix, label
    return OUTSIDE, ""


def is_span_tag(tag: str) -> bool:
    """Whether `tag` could stand in a span column: O, or a known prefix, a dash and a label."""
    return tag == OUTSIDE or (tag[1:2] == "-" and len(tag) > 2 and tag[0] in PREFIXES)


def is_span_column(counts: Mapping[str, int]) -> bool:
    """Whether a column that has these tags so often holds spans, be it with some misspelt tags.

    Of all tags nineteen in twenty, and of those that are not O most, must be span tags. Tokens
    without a tag do not count.
    """
    total = sum(counts.values()) - counts.get(UNANNOTATED, 0)
    spans = sum(count for tag, count in counts.items() if is_span_tag(tag))
    outside = counts.get(OUTSIDE, 0)
    return total > 0 and 20 * spans >= 19 * total and 2 * (spans - outside) >= total - outside


def spans_from_tags(tags: Sequence[str]) -> list[Span]:
    """Spans in order of their start, whatever the scheme.

    >>> spans_from_tags(["B-PER", "I-PER", "O", "S-LOC"])
    [Span(start=0, end=2, label='PER'), Span(start=3, end=4, label='LOC')]
    """
    spans = []
    start, label = -1, ""
    for position, tag in enumerate(tags):
        if tag == OUTSIDE and start < 0:
            continue
        prefix, new_label = split_tag(tag)
        continues = start >= 0 and prefix not in BEGINNERS and new_label == label
        if start >= 0 and not continues:
            spans.append(Span(start, position, label))
            start = -1
        if prefix != OUTSIDE and start < 0:
            start, label = position, new_label
        if prefix in ENDERS:
            spans.append(Span(start, position + 1, label))
            start = -1
    if start >= 0:
        spans.append(Span(start, len(tags), label))
    return spans


def tags_from_spans(spans: Iterable[Span], length: int, scheme: Scheme) -> list[str]:
    """Tags of `length` tokens for spans that do not overlap and come in order.

    >>> tags_from_spans([Span(0, 2, "PER"), Span(2, 3, "PER")], 4, "IOB1")
    ['I-PER', 'I-PER', 'B-PER', 'O']
    """
    tags = [OUTSIDE] * length
    previous = Span(0, 0, "")
    for span in spans:
        if not previous.end <= span.start < span.end <= length:
            raise ValueError(
                f"{span} is empty, out of order, overlapping or beyond {length} tokens"
            )
        touches = span.start == previous.end and span.label == previous.label
        tags[span.start : span.end] = _span_tags(span, scheme, touches)
        previous = span
    return tags


def _span_tags(span: Span, scheme: Scheme, touches_its_like: bool) -> list[str]:
    length = span.end - span.start
    if scheme in ("IOBES", "BILOU"):
        single, end = ("S", "E") if scheme == "IOBES" else ("U", "L")
        prefixes = single if length == 1 else "B" + "I" * (length - 2) + end
    elif scheme == "IOB2" or (scheme == "IOB1" and touches_its_like):
        prefixes = "B" + "I" * (length - 1)
    else:
        prefixes = "I" * length
    return [f"{prefix}-{span.label}" for prefix in prefixes]


def convert_tags(tags: Sequence[str], scheme: Scheme) -> list[str]:
    """The same spans written in another scheme."""
    return tags_from_spans(spans_from_tags(tags), len(tags), scheme)


def slips(tags: Sequence[str]) -> list[int]:
    """Positions of I-, E- or L- tags that continue nothing, which IOB2, IOBES and BILOU forbid."""
    found = []
    before_prefix, before_label = OUTSIDE, ""
    for position, tag in enumerate(tags):
        prefix, label = split_tag(tag)
        open_before = before_prefix in ("B", "I") and before_label == label
        if prefix in ("I", "E", "L") and not open_before:
            found.append(position)
        before_prefix, before_label = prefix, label
    return found


def guess_scheme(tags: Iterable[Sequence[str]]) -> Scheme:
    """The scheme in which most of these sentences are legal."""
    counts: Counter[str] = Counter()
    begun_inside = 0
    for sentence_tags in tags:
        counts.update(sentence_tags)
        begun_inside += len(slips(sentence_tags))
    return likely_scheme(prefix_counts(counts), begun_inside)


def prefix_counts(counts: Mapping[str, int]) -> Counter[str]:
    """How often each prefix occurs among tags that occur so often."""
    prefixes: Counter[str] = Counter()
    for tag, count in counts.items():
        prefixes[split_tag(tag)[0]] += count
    return prefixes


def likely_scheme(prefixes: Mapping[str, int], begun_inside: int) -> Scheme:
    """The scheme by how often each prefix occurs, and how many spans begin with I-, E- or L-.

    Where most spans begin with I- it is IO, unless there is a B-, which then only IOB1 writes. A
    few slips turn no scheme into another: it takes a tenth of the tags to be IOBES or BILOU.
    """
    counts = {prefix: prefixes.get(prefix, 0) for prefix in "BIELSU"}
    iobes, bilou = counts["E"] + counts["S"], counts["L"] + counts["U"]
    if 10 * max(iobes, bilou) >= max(1, sum(counts.values())):
        return "IOBES" if iobes >= bilou else "BILOU"
    if begun_inside > counts["B"]:
        return "IOB1" if counts["B"] else "IO"
    return "IOB2"


def may_follow(before: str, after: str, scheme: Scheme) -> bool:
    """Whether `after` may come directly after `before`; O stands for the sentence's edges too."""
    before_prefix, before_label = split_tag(before)
    after_prefix, after_label = split_tag(after)
    same = before_label == after_label
    if scheme == "IO":
        return True
    if scheme == "IOB1":
        return after_prefix != "B" or (before_prefix != OUTSIDE and same)
    must_continue = scheme != "IOB2" and before_prefix in ("B", "I")
    continues = after_prefix in ("I", "E", "L")
    if must_continue or continues:
        return continues and before_prefix in ("B", "I") and same
    return True

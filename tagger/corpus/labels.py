"""Labels renamed or dropped in the tag columns of a sentence.

A name is looked for as the label of a span tag (`PER` in `B-PER`) and as a whole tag (`NN`), in
whatever column it stands. O and `_` are no labels.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from tagger.errors import UsageError
from tagger.schemes import (
    OUTSIDE,
    Scheme,
    guess_scheme,
    is_span_tag,
    may_follow,
    slips,
    spans_from_tags,
    split_tag,
    tags_from_spans,
)
from tagger.sentence import UNANNOTATED, Sentence

NO_LABELS = frozenset([OUTSIDE, UNANNOTATED])


def parse_map(texts: Iterable[str]) -> dict[str, str]:
    """Old names to new ones; each text holds one pair or several with commas between.

    Raises UsageError for what is no such pair and for a name that is mapped twice.

    >>> parse_map(["PER=PERSON,LOC=PLACE", "GPE=PLACE"])
    {'PER': 'PERSON', 'LOC': 'PLACE', 'GPE': 'PLACE'}
    """
    mapping: dict[str, str] = {}
    for pair in [pair.strip() for text in texts for pair in text.split(",")]:
        old, _, new = [part.strip() for part in pair.partition("=")]
        if not (old and new) or len(f"{old} {new}".split()) != 2:
            raise UsageError(f"expected labels such as PER=PERSON,LOC=PLACE, found {pair!r}")
        if old in NO_LABELS or new in NO_LABELS:
            raise UsageError(f"expected two labels, found {pair!r} (to remove a label, drop it)")
        if old in mapping:
            raise UsageError(f"labels are mapped once each, but {old!r} to two names")
        mapping[old] = new
    return mapping


def map_labels(
    sentence: Sentence,
    mapping: Mapping[str, str],
    names: Collection[str] | None = None,
    changed: Counter[str] | None = None,
) -> Sentence:
    """The sentence with labels renamed in all its columns, or in those called `names`.

    All names are replaced at once, so two can be swapped. Spans keep their prefixes; where two that
    touch get one label and would run together, they are written anew as two, by `scheme_of` (IO
    gets a B- there). `changed` counts the spans and plain tags of each old label. A column in which
    nothing changes remains the very same object.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for name in sentence.columns if names is None else names:
        tags = sentence.columns.get(name, ())
        found = _with_labels(tags, mapping)
        if found:
            new = {tag: _renamed(tag, mapping) for tag in found}
            columns[name] = _separate(tags, tuple([new.get(tag, tag) for tag in tags]), mapping)
            _count(tags, found, changed)
    return sentence.with_columns(columns) if columns else sentence


def drop_labels(
    sentence: Sentence,
    labels: Collection[str],
    names: Collection[str] | None = None,
    changed: Counter[str] | None = None,
) -> Sentence:
    """The sentence in which tokens with these span labels are O, those with these plain tags `_`.

    Columns and `changed` are as in `map_labels`.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for name in sentence.columns if names is None else names:
        tags = sentence.columns.get(name, ())
        found = _with_labels(tags, labels)
        if found:
            new = {tag: OUTSIDE if is_span_tag(tag) else UNANNOTATED for tag in found}
            columns[name] = tuple([new.get(tag, tag) for tag in tags])
            _count(tags, found, changed)
    return sentence.with_columns(columns) if columns else sentence


def scheme_of(tags: Sequence[str]) -> Scheme:
    """The scheme of one sentence in which its spans can be told apart.

    As `guess_scheme`, but IOB1 for all that is legal there and not in IOB2, also where it might be
    IO: what is legal in IO is legal in IOB1, which can say that two spans touch.
    """
    guess = guess_scheme([tags])
    if guess not in ("IO", "IOB1", "IOB2") or not slips(tags):
        return guess
    pairs = zip([OUTSIDE, *tags], tags, strict=False)
    is_legal = all(may_follow(before, after, "IOB1") for before, after in pairs)
    return "IOB1" if is_legal else guess


def _with_labels(tags: Iterable[str], labels: Collection[str]) -> list[str]:
    """Those distinct tags that are, or whose span label is, among the labels."""
    return [
        tag
        for tag in set(tags)
        if tag not in NO_LABELS and (tag[2:] if is_span_tag(tag) else tag) in labels
    ]


def _renamed(tag: str, mapping: Mapping[str, str]) -> str:
    return f"{tag[:2]}{mapping[tag[2:]]}" if is_span_tag(tag) else mapping[tag]


def _count(tags: Sequence[str], found: Collection[str], changed: Counter[str] | None) -> None:
    """Counts spans and plain tags."""
    if changed is None:
        return
    labels = {split_tag(tag)[1] for tag in found if is_span_tag(tag)}
    if labels:
        changed.update(span.label for span in spans_from_tags(tags) if span.label in labels)
    changed.update(tag for tag in tags if tag in found and not is_span_tag(tag))


def _separate(
    before: Sequence[str], after: tuple[str, ...], mapping: Mapping[str, str]
) -> tuple[str, ...]:
    """The renamed tags, written anew from the spans where two of them have run together."""
    spans = [
        span._replace(label=mapping.get(span.label, span.label)) for span in spans_from_tags(before)
    ]
    if {span.start for span in spans} <= {span.start for span in spans_from_tags(after)}:
        return after
    anew = tags_from_spans(spans, len(after), scheme_of(before))
    return tuple([tag if tag != OUTSIDE else old for tag, old in zip(anew, after, strict=True)])

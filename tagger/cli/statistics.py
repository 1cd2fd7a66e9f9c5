"""The statistics of corpora for people and for programs, on stdout."""

from collections.abc import Sequence

import msgspec

from tagger.cli.console import table
from tagger.corpus.statistics import Distribution, Measuring, Portion, Statistics, compare

MOST_SHOWN = 60  # tags of a column in a table; JSON has them all
Measured = Sequence[tuple[str, Measuring]]


def show_statistics(measured: Measured, *, as_json: bool) -> None:
    """What each file or split holds, and what the later ones have that the first has not."""
    counted = [(name, measuring.statistics()) for name, measuring in measured]
    unknown = [(name, compare(measured[0][1], measuring)) for name, measuring in measured[1:]]
    if as_json:
        objects = [
            {"name": name, "statistics": statistics, "unknown": found}
            for (name, statistics), (_, found) in zip(counted, [("", None), *unknown], strict=False)
        ]
        print(msgspec.json.encode(objects).decode())
        return
    names = [name for name, _ in counted]
    all_statistics = [statistics for _, statistics in counted]
    table("", ["", *names], _overview(all_statistics), stdout=True)
    for column in dict.fromkeys(c for statistics in all_statistics for c in statistics.columns):
        _show_column(column, names, all_statistics)
    if unknown:
        rows = [["unknown forms, % of tokens", *[_percent(u.forms) for _, u in unknown]]]
        for column in dict.fromkeys(c for _, u in unknown for c in u.entities):
            found_here = [u.entities.get(column) for _, u in unknown]
            rows.append([f"unknown {column} entities, %", *map(_percent, found_here)])
        title = f"against {names[0]}"
        table(title, ["", *[name for name, _ in unknown]], rows, stdout=True)


def _overview(all_statistics: Sequence[Statistics]) -> list[list[object]]:
    return [
        ["sentences", *[f"{s.sentences:,}" for s in all_statistics]],
        ["tokens", *[f"{s.tokens:,}" for s in all_statistics]],
        ["types (distinct forms)", *[f"{s.types:,}" for s in all_statistics]],
        ["tokens in a sentence", *[_spread(s.sentence_lengths) for s in all_statistics]],
        ["characters in a token", *[_spread(s.word_lengths) for s in all_statistics]],
    ]


def _spread(found: Distribution | None) -> str:
    """Least, median and greatest; the mean behind."""
    if found is None:
        return "-"
    return f"{found.min} / {found.median:g} / {found.max} (mean {found.mean:.1f})"


def _percent(portion: Portion | None) -> str:
    return "-" if portion is None else f"{100 * portion.share_of_tokens:.1f}"


def _show_column(column: str, names: Sequence[str], all_statistics: Sequence[Statistics]) -> None:
    """Counts per label where there are spans, else per tag; what is ambiguous."""
    found = [s.columns.get(column) for s in all_statistics]
    has_entities = any(c is not None and c.entities for c in found)
    counts = [
        {}
        if c is None
        else {label: e.count for label, e in (c.entities or {}).items()}
        if has_entities
        else c.tags
        for c in found
    ]
    labels = dict.fromkeys(label for of_file in counts for label in of_file)
    rows: list[list[object]] = [
        [label, *[f"{of_file.get(label, 0):,}" for of_file in counts]]
        for label in list(labels)[:MOST_SHOWN]
    ]
    if len(labels) > MOST_SHOWN:
        rows.append([f"and {len(labels) - MOST_SHOWN} more", *["" for _ in names]])
    if has_entities:
        rows.append(["scheme", *["-" if c is None else c.scheme or "-" for c in found]])
    elif any(c is not None and c.ambiguous for c in found):
        shares = [_percent(c.ambiguous if c else None) for c in found]
        rows.append(["tokens with ambiguous forms, %", *shares])
    what = "entities" if has_entities else "tokens"
    table(f"{column}: {what}", ["", *names], rows, stdout=True)

"""Spans in brackets, as CoNLL-2012 writes them: `(PER*`, `*`, `*)` and `(GPE)`, to tags and back.

Source: the format of the CoNLL-2011 and 2012 shared tasks (Pradhan et al. 2012), column 11. Spans
here do not nest: one column holds one layer.
"""

import re
from collections.abc import Iterable, Sequence

from tagger.schemes import spans_from_tags, tags_from_spans
from tagger.sentence import UNANNOTATED, Span

_cell = re.compile(r"(?:\((?P<label>[^()*\s]+))?(?P<star>\*)?(?P<end>\))?\Z").match
_begins = re.compile(r"\([^()*\s]+(\*|\)|\*\))\Z").match


def are_brackets(cells: Iterable[str]) -> bool:
    """Whether all of these distinct cells could be such a column, and one of them begins a span.

    One must have a star: coreference, `(0)` and `-`, has none.
    """
    cells = set(cells)
    has_star = any("*" in cell for cell in cells)
    return has_star and any(map(_begins, cells)) and all(map(_parts, cells))


def tags_from_brackets(cells: Sequence[str]) -> list[str]:
    """IOB2 tags.

    Raises ValueError whose arguments are the index of the first wrong cell and what is wrong.

    >>> tags_from_brackets(["(PER*", "*)", "*", "(GPE)"])
    ['B-PER', 'I-PER', 'O', 'B-GPE']
    """
    spans: list[Span] = []
    start, label = -1, ""
    for i, cell in enumerate(cells):
        parts = _parts(cell)
        if parts is None:
            raise ValueError(i, f"expected brackets such as (PER*, * or *), found {cell!r}")
        begun, ended = parts
        if begun and start >= 0:
            raise ValueError(i, f"expected the end of {label} before another begins, found {cell}")
        if begun:
            start, label = i, begun
        if ended and start < 0:
            raise ValueError(i, f"expected an open bracket before {cell}, found none")
        if ended:
            spans.append(Span(start, i + 1, label))
            start = -1
    if start >= 0:
        raise ValueError(start, f"expected the end of {label}, found the end of the sentence")
    return tags_from_spans(spans, len(cells), "IOB2")


def brackets_from_tags(tags: Sequence[str]) -> list[str]:
    """The cells for tags in any scheme.

    >>> brackets_from_tags(["B-PER", "I-PER", "O", "B-GPE"])
    ['(PER*', '*)', '*', '(GPE)']
    """
    cells = ["*"] * len(tags)
    for start, end, label in spans_from_tags(tags):
        if end == start + 1:
            cells[start] = f"({label})"
        else:
            cells[start], cells[end - 1] = f"({label}*", "*)"
    return cells


def _parts(cell: str) -> tuple[str, bool] | None:
    """The label that begins and whether a span ends; None where it is no such cell."""
    if cell in ("*", UNANNOTATED, "-"):
        return "", False
    found = _cell(cell)
    if found is None or not (found["label"] or found["end"]):
        return None
    if not found["star"] and not (found["label"] and found["end"]):
        return None
    return found["label"] or "", bool(found["end"])

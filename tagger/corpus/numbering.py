"""The lines of the pieces of a sentence: token IDs from 1 again, and all that refers to them.

In CoNLL-U a head in the same piece gets its new number. One in another piece cannot be said: if no
other token of the piece is a root or has lost its head, the piece hangs by this token, which
becomes its root (`0`, `root`); otherwise HEAD and DEPREL become `_`, unspecified. From DEPS those
relations go whose head is elsewhere. In other column files nothing is renumbered where one more
column holds nothing but numbers: they may be heads.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from tagger.corpus.conllu import FIELDS, TEXT_COMMENT
from tagger.sentence import FORM, UNANNOTATED, Layout, Source

HEAD, DEPREL, DEPS = FIELDS.index("head"), FIELDS.index("deprel"), FIELDS.index("deps")
Extent = tuple[int, int]  # the first token of a piece and the one behind its last
_sent_id = re.compile(r"(#\s*sent_id\s*=\s*\S.*?)(\s*)\Z").match
_range_or_empty_node = re.compile(r"\ufeff?([0-9]+)([-.])([0-9]+)\Z").match
_parts = re.compile(r"([ \t]+)").split


class MultiwordRange(NamedTuple):
    """A row such as `3-4`: its first token (from 0), the one behind its last, its form."""

    start: int
    end: int
    form: str


def multiword_ranges(source: Source) -> list[MultiwordRange]:
    """The ranges of a sentence, in order; none where its tokens are not numbered 1, 2, 3, …"""
    at = _ids_field(source)
    if at is None:
        return []
    token = {str(i + 1): i for i in range(len(source.rows))}
    form = _place(FORM, source.layout)
    found = []
    for _, first, sign, last, cells in _special_rows(source.lines, source.layout, at):
        if sign == "-" and first in token and last in token:
            found.append(MultiwordRange(token[first], token[last] + 1, cells[form]))
    return found


def text_comment(source: Source) -> str | None:
    """What the last `# text = ` before the first token says."""
    comments = [line.removeprefix("\ufeff") for line in source.lines[: source.rows[0]]]
    said = [line[len(TEXT_COMMENT) :] for line in comments if line.startswith(TEXT_COMMENT)]
    return said[-1].rstrip("\r\n") if said else None


def line_sources(
    source: Source, extents: Sequence[Extent], texts: Sequence[str | None]
) -> list[Source]:
    """The lines of each piece and, behind all but the last, a blank one.

    What stands before the first token goes with the first piece, what stands behind the last with
    the last, an empty node with the token before it, any other line with the token behind it.
    `# sent_id = X` becomes `X/1`, `X/2`, …; `# text` becomes the piece's part of the text, where
    it has one; all other comments stay where they are.
    """
    lines, rows = source.lines, source.rows
    at = _ids_field(source)
    is_numbered = at is not None and not _has_heads(source, at)
    ids = frozenset(str(i + 1) for i in range(len(rows))) if is_numbered else frozenset()
    blank = "\r\n" if lines[rows[0]].endswith("\r\n") else "\n"
    bounds = [*_first_lines(source, [begin for begin, _ in extents]), len(lines)]
    found = []
    for n, (first, last) in enumerate(pairwise(bounds)):
        begin, end = extents[n]
        body = list(lines[first:last])
        if at is not None and is_numbered:
            body = _renumbered(source, body, first, extents[n], at, ids)
        head = body[: rows[0]] if n == 0 else lines[: rows[0]]
        comments = _comments(head, n + 1, texts[n])
        body = body[rows[0] :] if n == 0 else body
        shift = len(comments) - first if n else 0
        text = "".join([*comments, *body, blank if n + 1 < len(extents) else ""])
        own = tuple([row + shift for row in rows[begin:end]])
        found.append(Source(source.path, source.line + first, text, own, source.layout))
    return found


def _first_lines(source: Source, begins: Sequence[int]) -> list[int]:
    """The line with which each piece begins, by its first token."""
    at, lines, rows = _ids_field(source), source.lines, source.rows
    special = [] if at is None else _special_rows(lines, source.layout, at)
    empty_nodes = {row for row, _, sign, _, _ in special if sign == "."}
    first_lines = [0]
    for begin in begins[1:]:
        between = range(rows[begin - 1] + 1, rows[begin] + 1)
        first_lines.append(next(row for row in between if row not in empty_nodes))
    return first_lines


def _comments(head: Sequence[str], number: int, text: str | None) -> list[str]:
    """What stands before the tokens of piece `number`, by what stands before those of the whole."""
    is_text = [line.removeprefix("\ufeff").startswith(TEXT_COMMENT) for line in head]
    last_text = max((i for i, found in enumerate(is_text) if found), default=-1)
    found = []
    for i, line in enumerate(head):
        content = line.removeprefix("\ufeff")
        bom = line[: len(line) - len(content)] if number == 1 else ""
        named = _sent_id(content)
        if named:
            found.append(f"{bom}{named[1]}/{number}{named[2]}")
        elif i == last_text and text is not None:
            line_end = content[len(content.rstrip("\r\n")) :]
            found.append(f"{bom}{TEXT_COMMENT}{text}{line_end}")
        elif number == 1:
            found.append(line)
    return found


def _renumbered(
    source: Source, lines: list[str], first: int, extent: Extent, at: int, ids: Set[str]
) -> list[str]:
    """Those lines of a sentence that hold these tokens; `first` is where they stood.

    `at` is the cell of the IDs, which are `ids` in the whole sentence.
    """
    layout = source.layout
    start, end = extent
    new = {str(i + 1): str(i + 1 - start) for i in range(start, end)}
    tokens = {row - first: _cells(lines[row - first], layout) for row in source.rows[start:end]}
    numbered = tokens | {row: cells for row, _, _, _, cells in _special_rows(lines, layout, at)}
    for cells in numbered.values():
        cells[at] = _moved_id(cells[at], new)
        if layout.kind == "conllu":
            cells[DEPS] = _moved_relations(cells[DEPS], new, ids)
    if layout.kind == "conllu":
        _move_heads(list(tokens.values()), new, ids)
    for row, cells in numbered.items():
        lines[row] = ("\t" if layout.separator == "\t" else "").join(cells)
    return lines


def _cells(line: str, layout: Layout) -> list[str]:
    """The cells of a line with its end; in a layout with blanks these are cells too."""
    return line.split("\t") if layout.separator == "\t" else _parts(line)


def _place(name: str, layout: Layout) -> int:
    """Where among the cells a column is."""
    return layout.columns[name] * (1 if layout.separator == "\t" else 2)


def _ids_field(source: Source) -> int | None:
    """Where among the cells the IDs are; None where they are not 1, 2, 3, …"""
    layout, lines = source.layout, source.lines
    field = 0 if layout.kind == "conllu" else layout.ids
    if field is None:
        return None
    at = field if layout.separator == "\t" else 2 * field
    ids = [_cells(lines[row], layout)[at].removeprefix("\ufeff") for row in source.rows]
    return at if ids == [str(i) for i in range(1, len(ids) + 1)] else None


def _has_heads(source: Source, at: int) -> bool:
    """Whether columns that are not CoNLL-U have one more of nothing but numbers."""
    layout, lines = source.layout, source.lines
    if layout.kind == "conllu":
        return False
    rows = [_cells(lines[row].rstrip("\r\n"), layout) for row in source.rows]
    known = (at, _place(FORM, layout))
    by_place = enumerate(zip(*rows, strict=False))
    return any(all(map(str.isdecimal, cells)) for i, cells in by_place if i not in known)


def _special_rows(
    lines: Sequence[str], layout: Layout, at: int
) -> Iterator[tuple[int, str, str, str, list[str]]]:
    """Ranges and empty nodes: row, the ID's number, sign and number, and the cells."""
    for row, line in enumerate(lines):
        cells = _cells(line, layout)
        found = _range_or_empty_node(cells[at]) if len(cells) > at else None
        if found:
            yield row, found[1], found[2], found[3], cells


def _moved_id(cell: str, new: Mapping[str, str]) -> str:
    """`7` -> `2`, `7-8` -> `2-3`, `7.1` -> `2.1`; what is not in this piece stays as it is."""
    found = _range_or_empty_node(cell)
    if found is None:
        return new.get(cell, cell)
    first, sign, last = found.groups()
    if sign == "." and first in new:
        return f"{new[first]}.{last}"
    if sign == "-" and first in new and last in new:
        return f"{new[first]}-{new[last]}"
    return cell


def _moved_relations(cell: str, new: Mapping[str, str], ids: Set[str]) -> str:
    """`7:nsubj|2:conj` -> `2:nsubj`; relations to other tokens of the sentence go."""
    kept = []
    for relation in cell.split("|"):
        head, colon, name = relation.partition(":")
        number, point, rest = head.partition(".")
        if number in new or number not in ids:
            kept.append(f"{new.get(number, number)}{point}{rest}{colon}{name}")
    return "|".join(kept) or UNANNOTATED


def _move_heads(tokens: Sequence[list[str]], new: Mapping[str, str], ids: Set[str]) -> None:
    """Renumbers the heads of the tokens of a piece in place."""
    lost = [cells for cells in tokens if cells[HEAD] in ids and cells[HEAD] not in new]
    has_root = any(cells[HEAD] == "0" for cells in tokens)
    for cells in tokens:
        cells[HEAD] = new.get(cells[HEAD], cells[HEAD])
    is_tree = len(lost) == 1 and not has_root
    for cells in lost:
        cells[HEAD], cells[DEPREL] = ("0", "root") if is_tree else (UNANNOTATED, UNANNOTATED)

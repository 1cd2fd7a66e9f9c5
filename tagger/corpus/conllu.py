"""CoNLL-U lines to sentences: ten tab-separated columns, comments, ranges, empty nodes.

Format: https://universaldependencies.org/format.html. Tags live in columns: `upos`, `xpos` and
`feats` by their place, `ner` (and any other name) as `NER=…` in MISC. Every line is kept with the
sentence, so writing what was read gives the same bytes.
"""

import re
from collections.abc import Iterable, Iterator

from tagger.corpus.lines import BLANKS, Block, blocks
from tagger.errors import CorpusError
from tagger.sentence import FORM, UNANNOTATED, Layout, Sentence, Source

FIELDS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
FORM_FIELD, MISC_FIELD = 1, 9
TAG_FIELDS = {"upos": 3, "xpos": 4, "feats": 5}
LAYOUT = Layout(kind="conllu", columns={FORM: FORM_FIELD, **TAG_FIELDS}, width=len(FIELDS))
NER_KEY = "NER"
TEXT_COMMENT = "# text = "

_range_or_empty_node = re.compile(r"[0-9]+[-.][0-9]+\Z").match


def read_conllu(lines: Iterable[str], path: str, first_line: int = 1) -> Iterator[Sentence]:
    """Sentences one by one; raises CorpusError at the first line that is not CoNLL-U.

    A column in which every token has `_` is absent from `Sentence.columns`. Blocks of comments
    without a token become a sentence of no tokens, so that no line is lost.
    """
    for block in blocks(lines, first_line):
        yield parse_block(block, path)


def parse_block(block: Block, path: str) -> Sentence:
    """One block as a sentence."""
    fields: list[list[str]] = []
    rows: list[int] = []
    text = None
    width = len(FIELDS)
    for row, line in enumerate(block.lines):
        cells = line.split("\t")  # the last with the line's end
        if len(cells) == width and cells[0].isdecimal():
            fields.append(cells)
            rows.append(row)
        elif line[0] == "#" or (row == 0 and line.startswith("\ufeff#")):
            comment = line.removeprefix("\ufeff")
            if comment.startswith(TEXT_COMMENT):
                text = comment[len(TEXT_COMMENT) :].rstrip("\r\n")
        elif line.strip(BLANKS):
            cells[0] = cells[0].lstrip("\ufeff") if row == 0 else cells[0]
            _check(cells, path, block.line + row)
            if cells[0].isdecimal():
                fields.append(cells)
                rows.append(row)
    source = Source(path, block.line, tuple(block.lines), tuple(rows), LAYOUT)
    if not fields:
        return Sentence(forms=(), text=text, source=source)
    by_field = list(zip(*fields, strict=True))
    _check_ids(by_field[0], path, block.line, rows)
    return Sentence(by_field[FORM_FIELD], _tag_columns(by_field), text=text, source=source)


def _tag_columns(by_field: list[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    columns = {}
    for name, i in TAG_FIELDS.items():
        tags = by_field[i]
        if tags.count(UNANNOTATED) < len(tags):
            columns[name] = tags
    misc = by_field[MISC_FIELD]
    if f"{NER_KEY}=" in "\t".join(misc):
        cells = [cell.rstrip("\r\n") for cell in misc]
        tags = tuple([misc_value(cell, NER_KEY) or UNANNOTATED for cell in cells])
        if tags.count(UNANNOTATED) < len(tags):
            columns["ner"] = tags
    return columns


def misc_value(misc: str, key: str) -> str | None:
    """The value of `key` in a MISC cell, or None.

    >>> misc_value("SpaceAfter=No|NER=B-PER", "NER")
    'B-PER'
    """
    for pair in misc.split("|"):
        name, equals, value = pair.partition("=")
        if equals and name == key:
            return value
    return None


def with_misc_value(misc: str, key: str, value: str) -> str:
    """The MISC cell with `key` set; the other pairs keep their place.

    >>> with_misc_value("SpaceAfter=No", "NER", "O")
    'SpaceAfter=No|NER=O'
    """
    new = f"{key}={value}"
    if misc == UNANNOTATED:
        return new
    if f"{key}=" in misc:
        pairs = misc.split("|")
        for i, pair in enumerate(pairs):
            if pair.startswith(f"{key}="):
                return "|".join([*pairs[:i], new, *pairs[i + 1 :]])
    return f"{misc}|{new}"


def is_space_after(misc: str) -> bool:
    """Whether a blank follows the token with this MISC cell."""
    return misc_value(misc, "SpaceAfter") != "No"


def _check(cells: list[str], path: str, line: int) -> None:
    """Raises CorpusError unless these are ten cells that begin with a legal ID."""
    if len(cells) != len(FIELDS):
        hint = " (blanks instead of tabs?)" if len(cells) == 1 else ""
        raise CorpusError(
            path, line, 1, f"expected 10 tab-separated columns, found {len(cells)}{hint}"
        )
    if not cells[0].isdecimal() and not _range_or_empty_node(cells[0]):
        raise CorpusError(
            path, line, 1, f"expected an ID such as 1, 1-2 or 1.1, found {cells[0]!r}"
        )


def _check_ids(ids: tuple[str, ...], path: str, line: int, rows: list[int]) -> None:
    """Raises CorpusError unless the tokens are numbered 1, 2, 3, …"""
    if ids == _NUMBERS[: len(ids)]:
        return
    for expected, (found, row) in enumerate(zip(ids, rows, strict=True), 1):
        if found != str(expected):
            raise CorpusError(
                path, line + row, 1, f"expected the token ID {expected}, found {found!r}"
            )


_NUMBERS = tuple(str(i) for i in range(1, 513))

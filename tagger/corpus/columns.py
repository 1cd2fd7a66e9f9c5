"""Column files to sentences: CoNLL-2000/2002/2003, WNUT, UNER and any other column map.

One token a line, fields cut by tabs or by runs of blanks, blank lines between sentences. Lines
`-DOCSTART-` mark documents and are no tokens. Every line is kept with the sentence, so writing
what was read gives the same bytes.
"""

import re
from collections.abc import Iterable, Iterator

from tagger.corpus.lines import BLANKS, Block, blocks
from tagger.errors import CorpusError, UsageError
from tagger.sentence import FORM, UNANNOTATED, Layout, Sentence, Source

DOCUMENT_MARK = "-DOCSTART-"
COMMENT_STARTS = ("# ", "#\t")  # the second in GermEval 2014
_runs = re.compile(r"[ \t]+").split


def parse_column_map(text: str) -> dict[str, int]:
    """Names and fields, counted from 1 as `cut` does, to fields counted from 0.

    >>> parse_column_map("form=2,ner=3")
    {'form': 1, 'ner': 2}
    """
    columns: dict[str, int] = {}
    for pair in text.split(","):
        name, equals, number = pair.strip().partition("=")
        if not (name and equals and number.isdecimal() and int(number) > 0):
            raise UsageError(f"expected columns such as form=1,ner=2, found {pair.strip()!r}")
        if name in columns or int(number) - 1 in columns.values():
            raise UsageError(f"columns {text!r} name {name!r} or field {number} twice")
        columns[name] = int(number) - 1
    if FORM not in columns:
        raise UsageError(f"columns {text!r} lack the token itself: add form=N")
    return columns


def split_fields(line: str, layout: Layout) -> list[str]:
    """The fields of a line without its end."""
    if layout.separator == "\t":
        return line.rstrip("\r\n").split("\t")
    return _runs(line.rstrip(BLANKS))


def read_columns(
    lines: Iterable[str], path: str, layout: Layout, first_line: int = 1, *, tags: bool = True
) -> Iterator[Sentence]:
    """Sentences one by one, with or without tags; raises CorpusError where a field is missing.

    A block without a token (comments, `-DOCSTART-`) becomes a sentence of no tokens, so that no
    line is lost.
    """
    for block in blocks(lines, first_line):
        yield parse_block(block, path, layout, tags)


def parse_block(block: Block, path: str, layout: Layout, tags: bool = True) -> Sentence:
    """One block as a sentence."""
    fields: list[list[str]] = []
    rows: list[int] = []
    for row, line in enumerate(block.lines):
        if row == 0:
            line = line.removeprefix("\ufeff")
        if not line.strip(BLANKS) or _is_comment(line, layout):
            continue
        if line.startswith(DOCUMENT_MARK) and line.split(maxsplit=1)[0] == DOCUMENT_MARK:
            continue
        cells = split_fields(line, layout)
        if len(cells) != layout.width:
            _check(cells, path, block.line + row, layout)
        fields.append(cells)
        rows.append(row)
    source = Source(path, block.line, "".join(block.lines), tuple(rows), layout)
    if not tags:
        return Sentence(tuple([cells[layout.columns[FORM]] for cells in fields]), source=source)
    columns = {name: tuple([cells[i] for cells in fields]) for name, i in layout.columns.items()}
    forms = columns.pop(FORM)
    annotated = {name: tags for name, tags in columns.items() if _is_annotated(tags)}
    return Sentence(forms, annotated, source=source)


def _is_comment(line: str, layout: Layout) -> bool:
    """Whether a line is a comment; one with as many fields as the others is a token such as `#`."""
    return (
        layout.comments
        and line.startswith(COMMENT_STARTS)
        and len(split_fields(line, layout)) != layout.width
    )


def _is_annotated(tags: tuple[str, ...]) -> bool:
    return bool(tags) and tags.count(UNANNOTATED) < len(tags)


def _check(cells: list[str], path: str, line: int, layout: Layout) -> None:
    """Raises CorpusError unless the line has the width of the others and the named fields."""
    needed = max(layout.columns.values()) + 1
    expected = layout.width or needed
    if len(cells) >= needed and layout.width is None:
        return
    separator = "tab" if layout.separator == "\t" else "blank"
    hint = " (blanks instead of tabs?)" if separator == "tab" and len(cells) == 1 else ""
    raise CorpusError(
        path,
        line,
        min(len(cells), needed),
        f"expected {expected} {separator}-separated columns, found {len(cells)}{hint}",
    )

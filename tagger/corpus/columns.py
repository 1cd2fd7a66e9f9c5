"""Column files to sentences: CoNLL-2000 to 2012, CoNLL-U Plus, WNUT, UNER and any column map.

One token a line, fields cut by tabs or by runs of blanks, blank lines between sentences. Lines
`-DOCSTART-` or `#begin document` mark documents and are no tokens. Every line is kept with the
sentence, so writing what was read gives the same bytes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tagger.corpus.brackets import tags_from_brackets
from tagger.corpus.conllu import is_range_or_empty_node
from tagger.corpus.lines import BLANKS, Block, blocks
from tagger.errors import CorpusError, UsageError
from tagger.sentence import FORM, UNANNOTATED, Layout, Sentence, Source

DOCUMENT_MARK = "-DOCSTART-"
DOCUMENT_LINES = ("#begin document", "#end document")  # of CoNLL-2012
GLOBAL_COLUMNS = "# global.columns ="  # the first line of CoNLL-U Plus
COMMENT_STARTS = ("# ", "#\t")  # the second in GermEval 2014
MOST_DIGITS = 9  # of a number of tokens or fields; more are no number of anything here
_runs = re.compile(r"[ \t]+").split


def parse_column_map(text: str) -> dict[str, int]:
    """Names and fields, counted from 1 as `cut` does, to fields counted from 0.

    >>> parse_column_map("form=2,ner=3")
    {'form': 1, 'ner': 2}
    """
    columns: dict[str, int] = {}
    for pair in text.split(","):
        name, equals, number = pair.strip().partition("=")
        if not (name and equals and is_number(number) and int(number) > 0):
            raise UsageError(f"expected columns such as form=1,ner=2, found {pair.strip()!r}")
        if name in columns or int(number) - 1 in columns.values():
            raise UsageError(f"columns {text!r} name {name!r} or field {number} twice")
        columns[name] = int(number) - 1
    if FORM not in columns:
        raise UsageError(f"columns {text!r} lack the token itself: add form=N")
    return columns


def is_number(text: str) -> bool:
    """Whether the text is a whole number that some file may have."""
    return text.isdecimal() and len(text) <= MOST_DIGITS


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
    regular = _regular_rows(block, layout)
    if regular is not None:
        rows, by_field = regular
        return _sentence(block, path, layout, rows, by_field.__getitem__, tags)
    return _parse_lines(block, path, layout, tags)


def _regular_rows(block: Block, layout: Layout) -> tuple[range, list[list[str]]] | None:
    """The rows and fields of a block of comments and then nothing but rows, cut all at once.

    None where it is anything else.
    """
    text, width = block.text, layout.width
    if layout.separator != "\t" or width is None or "\r" in text or DOCUMENT_MARK in text:
        return None
    begin = num_comments = 0
    while text.startswith("#", begin) and is_comment(text[begin : text.find("\n", begin)], layout):
        begin = text.find("\n", begin) + 1
        num_comments += 1
        if begin == 0:
            return None
    body = text[begin:].rstrip("\n")
    lines = body.split("\n")
    if "#" in body and any(line.startswith("#") for line in lines):
        return None
    if not (body and text[0] not in BLANKS and lines[-1].strip(BLANKS)) or text[0] == "\ufeff":
        return None
    if [line.count("\t") for line in lines] != [width - 1] * len(lines):
        return None
    cells = body.replace("\n", "\t").split("\t")
    by_field = [cells[field::width] for field in range(width)]
    if layout.ids is not None and not "".join(by_field[layout.ids]).isdecimal():
        return None
    return range(num_comments, num_comments + len(lines)), by_field


def _parse_lines(block: Block, path: str, layout: Layout, tags: bool) -> Sentence:
    """A block of any kind, line by line."""
    fields: list[list[str]] = []
    rows: list[int] = []
    for row, line in enumerate(block.lines):
        if row == 0 and block.line == 1:
            line = line.removeprefix("\ufeff")
        if not line.strip(BLANKS) or is_comment(line, layout) or is_document_mark(line):
            continue
        cells = split_fields(line, layout)
        if len(cells) != layout.width:
            _check(cells, path, block.line + row, layout)
        if layout.ids is not None and is_range_or_empty_node(cells[layout.ids]):
            continue
        fields.append(cells)
        rows.append(row)
    return _sentence(block, path, layout, rows, lambda i: [cells[i] for cells in fields], tags)


def _sentence(
    block: Block,
    path: str,
    layout: Layout,
    rows: Sequence[int],
    field: Callable[[int], Sequence[str]],
    tags: bool,
) -> Sentence:
    """A sentence of these rows, whose fields `field` gives by number."""
    source = Source(path, block.line, block.text, tuple(rows), layout)
    if not tags:
        return Sentence(tuple(field(layout.columns[FORM])), source=source)
    columns = {name: tuple(field(i)) for name, i in layout.columns.items()}
    for name in layout.brackets:
        columns[name] = _without_brackets(columns[name], name, source)
    forms = columns.pop(FORM)
    annotated = {name: tags for name, tags in columns.items() if _is_annotated(tags)}
    return Sentence(forms, annotated, source=source)


def is_document_mark(line: str) -> bool:
    """Whether a line says that a document begins or ends."""
    if line[:1] not in "-#":
        return False
    return line.startswith(DOCUMENT_LINES) or line.split(maxsplit=1)[:1] == [DOCUMENT_MARK]


def is_comment(line: str, layout: Layout) -> bool:
    """Whether a line is a comment; one with as many fields as the others is a token such as `#`.

    Where lines begin with a number none that begins with `#` can be a token.
    """
    if not layout.comments or line[:1] != "#":
        return False
    if layout.ids == 0:
        return True
    return line.startswith(COMMENT_STARTS) and len(split_fields(line, layout)) != layout.width


def _without_brackets(cells: tuple[str, ...], name: str, source: Source) -> tuple[str, ...]:
    """Tags of a column in brackets; raises CorpusError where these do not match."""
    try:
        return tuple(tags_from_brackets(cells))
    except ValueError as error:
        i, problem = error.args
        field = source.layout.columns[name] + 1
        raise CorpusError(source.path, source.line + source.rows[i], field, problem) from None


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

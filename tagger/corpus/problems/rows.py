"""What is wrong with rows: their number of fields, their separators, their IDs."""

import re
from collections.abc import Iterable, Iterator, Sequence

from tagger.corpus.columns import is_comment, is_document_mark, is_number, split_fields
from tagger.corpus.conllu import FIELDS
from tagger.corpus.lines import BLANKS, Block
from tagger.corpus.problems.characters import field_at
from tagger.corpus.problems.codes import Finding
from tagger.sentence import Layout, Sentence, Source

_ID_STARTS = tuple(f"{i}\t" for i in range(1, 513))
ODD = ("\r", "\n ", "\n\t", "\n-")  # begin or end lines that are no rows
NO_SPACE = "SpaceAfter=No"
_ranges = re.compile(r"\n([0-9]{1,9})-([0-9]{1,9})\t([^\t]*)").finditer
_any_run = re.compile(r"[ \t]+").split
_range = re.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,8})\Z").match
_node = re.compile(r"(0|[1-9][0-9]{0,8})\.([1-9][0-9]{0,8})\Z").match


def rows_of(block: Block, layout: Layout) -> Iterable[tuple[int, str]]:
    """Line number and content of each line of a block that should be a row."""
    text = block.text
    is_odd = block.line == 1 or any(part in text for part in ODD) or text[0] in " \t\n-"
    if layout.kind == "conllu" and not is_odd:
        return [
            (number, line)
            for number, line in enumerate(text.rstrip("\n").split("\n"), block.line)
            if line[:1] != "#"
        ]
    return _odd_rows(block, layout)


def _odd_rows(block: Block, layout: Layout) -> Iterator[tuple[int, str]]:
    """The same, whatever the lines are like."""
    for number, line in enumerate(block.lines, block.line):
        content = line.rstrip("\r\n")
        if number == 1:
            content = content.removeprefix("\ufeff")
        if not content.strip(BLANKS) or is_document_mark(content):
            continue
        if content[0] == "#" and (layout.kind == "conllu" or is_comment(content, layout)):
            continue
        yield number, content


def check_fields(block: Block, path: str, layout: Layout) -> list[Finding]:
    """Rows that do not have the fields of the others."""
    return [
        Finding(path, number, column, code, problem)
        for number, content in rows_of(block, layout)
        for column, code, problem in _field_problems(content, layout)
    ]


def _field_problems(content: str, layout: Layout) -> Iterator[tuple[int, str, str]]:
    """Column, code and problem of a row whose number of fields is wrong; none if it is right."""
    width = layout.width
    needed = len(FIELDS) if layout.kind == "conllu" else max(layout.columns.values()) + 1
    is_tabbed = layout.separator == "\t"
    cells = split_fields(content, layout)
    if len(cells) == width or (width is None and len(cells) >= needed):
        return
    width = width or needed
    expected = f"expected {width} {'tab' if is_tabbed else 'blank'}-separated fields"
    at = next((i for i, cell in enumerate(cells, 1) if " " in cell), None)
    if is_tabbed and at is not None and len(_any_run(content.strip(" \t"))) == width:
        if "\t" in content:
            yield at, "mixed-separators", f"{expected}, found blanks between some of them"
        else:
            yield 1, "wrong-separator", f"{expected}, found blanks between them"
        return
    yield min(len(cells), width), "ragged-row", f"{expected}, found {len(cells)}"


def check_separators(block: Block, path: str, layout: Layout) -> Iterator[Finding]:
    """Rows with tabs in a file cut by blanks, which are read all the same."""
    for number, content in rows_of(block, layout):
        body = content.rstrip(" \t")
        if "\t" not in body:
            continue
        at = field_at(content, body.index("\t"), layout)
        if " " in body:
            yield Finding(
                path, number, at, "mixed-separators", "expected blanks between fields, found a tab"
            )
        else:
            yield Finding(
                path, number, 1, "wrong-separator", "expected blanks between fields, found tabs"
            )


def check_ids(block: Block, path: str, layout: Layout) -> list[Finding]:
    """Token IDs that do not count up, and ranges and empty nodes out of place."""
    field = layout.ids or 0
    if field == 0 and layout.separator == "\t":
        found = [(number, row.partition("\t")[0]) for number, row in rows_of(block, layout)]
    else:
        cells = [(number, split_fields(row, layout)) for number, row in rows_of(block, layout)]
        found = [(number, of_row[field]) for number, of_row in cells if len(of_row) > field]
    return [
        Finding(path, number, field + 1, code, problem)
        for number, code, problem in _id_problems(found)
    ]


def _id_problems(ids: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    expected, covered, node = 1, 0, 0
    last = max([int(i) for _, i in ids if is_number(i)], default=0)
    for number, found in ids:
        if is_number(found):
            if found != str(expected):
                yield number, "token-id", f"expected the ID {expected}, found {found!r}"
            expected, node = int(found) + 1, 0
        elif match := _range(found):
            first, end = int(match[1]), int(match[2])
            if first != expected or first >= end or end > last or first <= covered:
                where = f"a range that begins with {expected}, the next word, within {last}"
                yield number, "multiword-range", f"expected {where}, found {found!r}"
            covered = max(covered, end)
        elif match := _node(found):
            if (int(match[1]), int(match[2])) != (expected - 1, node + 1):
                problem = f"expected the ID {expected - 1}.{node + 1} here, found {found!r}"
                yield number, "empty-node", problem
            node += 1
        else:
            yield number, "token-id", f"expected an ID such as {expected}, found {found!r}"


def has_other_ids(sentence: Sentence) -> bool:
    """Whether there are ranges or empty nodes before, among or behind the rows."""
    source = sentence.source
    if source is None or not source.rows:
        return False
    text, rows = source.text, source.rows
    begin = 0
    for _ in range(rows[0]):
        if text[begin] not in "#\ufeff":
            return True
        begin = text.find("\n", begin) + 1
    is_gapless = rows[-1] - rows[0] + 1 == len(rows)
    return not is_gapless or text.rstrip().count("\n", begin) != rows[-1] - rows[0]


def has_doubtful_ids(sentence: Sentence, layout: Layout) -> bool:
    """Whether its IDs have to be looked at one by one: they are not just 1, 2, 3, …"""
    source = sentence.source
    if source is None or not source.rows:
        return False
    if layout.kind == "conllu":
        return has_other_ids(sentence)  # reading has counted the others
    if layout.ids != 0 or layout.separator != "\t" or has_other_ids(sentence):
        return layout.ids is not None
    lines = source.text.split("\n")[source.rows[0] : source.rows[-1] + 1]
    is_short = len(lines) <= len(_ID_STARTS)
    return not (is_short and all(map(str.startswith, lines, _ID_STARTS)))


def surface_text(sentence: Sentence, source: Source) -> str:
    """The text that the surface tokens of CoNLL-U make up: ranges stand for their words."""
    forms = sentence.forms
    glued = _rows_with(NO_SPACE, source.text)
    if not has_other_ids(sentence):
        first, begin, stretches = source.rows[0], 0, []
        for row in glued:
            if row >= first:
                stretches.append(" ".join(forms[begin : row - first + 1]))
                begin = row - first + 1
        return "".join([*stretches, " ".join(forms[begin:])])
    is_glued = set(glued)
    ranges = {int(m[1]): m for m in _ranges("\n" + source.text.removeprefix("\ufeff"))}
    pieces, i = [], 0
    while i < len(forms):
        found = ranges.get(i + 1)
        if found is None:
            form, row, i = forms[i], source.rows[i], i + 1
        else:
            form, row = found[3], found.string.count("\n", 0, found.start())
            i = max(i + 1, int(found[2]))
        pieces.append(form if row in is_glued else f"{form} ")
    return "".join(pieces).rstrip()


def _rows_with(part: str, text: str) -> list[int]:
    """The lines of a text, from 0, in which a part occurs."""
    rows, row = [], 0
    for before in text.split(part)[:-1]:
        row += before.count("\n")
        rows.append(row)
    return rows

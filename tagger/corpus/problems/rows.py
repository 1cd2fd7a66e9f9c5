"""What is wrong with rows: their number of fields, their separators, their IDs."""

import re
from collections.abc import Iterator, Sequence

from tagger.corpus.columns import is_comment, is_document_mark, is_number, split_fields
from tagger.corpus.conllu import FIELDS
from tagger.corpus.lines import BLANKS, Block
from tagger.corpus.problems.characters import field_at
from tagger.corpus.problems.codes import Finding
from tagger.sentence import Layout, Sentence, Source

_ID_STARTS = tuple(f"{i}\t" for i in range(1, 513))
_any_run = re.compile(r"[ \t]+").split
_range = re.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,8})\Z").match
_node = re.compile(r"(0|[1-9][0-9]{0,8})\.([1-9][0-9]{0,8})\Z").match


def rows_of(block: Block, layout: Layout) -> Iterator[tuple[int, str]]:
    """Line number and content of each line of a block that should be a row."""
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
    rows = rows_of(block, layout)
    if field == 0 and layout.separator == "\t":
        found = [(number, content.partition("\t")[0]) for number, content in rows]
    else:
        cells = [(number, split_fields(content, layout)) for number, content in rows]
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
    is_whole = rows[-1] - rows[0] + 1 == len(rows) and text.rstrip().count("\n") == rows[-1]
    return not is_whole or "\n1-" in text or "\n0." in text or text.startswith(("1-", "0."))


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


def surface_of(sentence: Sentence, source: Source) -> list[tuple[str, bool]]:
    """Each surface token of CoNLL-U and whether no blank follows; ranges stand for their words."""
    lines = source.text.split("\n")
    if not has_other_ids(sentence):
        glued = ["SpaceAfter=No" in line for line in lines[source.rows[0] : source.rows[-1] + 1]]
        return list(zip(sentence.forms, glued, strict=True))
    found: list[tuple[str, bool]] = []
    first = next((i for i, line in enumerate(lines) if line[:1].isdecimal()), 0)
    until = 0
    position = 0
    rows = source.rows
    for row in range(first, rows[-1] + 1):
        line = lines[row]
        is_glued = "SpaceAfter=No" in line
        if position < len(rows) and row == rows[position]:
            if position + 1 > until:
                found.append((sentence.forms[position], is_glued))
            position += 1
        elif match := _range(line.partition("\t")[0]):
            until = int(match[2])
            found.append((line.split("\t", 2)[1], is_glued))
    return found

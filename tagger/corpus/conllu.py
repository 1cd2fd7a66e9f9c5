"""CoNLL-U lines to sentences: ten tab-separated columns, comments, ranges, empty nodes.

Format: https://universaldependencies.org/format.html. Tags live in columns: `upos`, `xpos` and
`feats` by their place, entities and chunks as `NER=…`, `NER2=…` and `CHUNK=…` in MISC. Every line
is kept with the sentence, so writing what was read gives the same bytes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from tagger.corpus.lines import BLANKS, Block, blocks, text_blocks
from tagger.errors import CorpusError
from tagger.sentence import FORM, UNANNOTATED, Layout, Sentence, Source

FIELDS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
FORM_FIELD, MISC_FIELD = 1, 9
TAG_FIELDS = {"upos": 3, "xpos": 4, "feats": 5}
LAYOUT = Layout(kind="conllu", columns={FORM: FORM_FIELD, **TAG_FIELDS}, width=len(FIELDS))
TEXT_COMMENT = "# text = "

_tag_keys = re.compile(r"(?<=\|)(NER[0-9]{0,2}|CHUNK)=").findall
is_range_or_empty_node = re.compile(r"[0-9]+[-.][0-9]+\Z").match


def read_conllu(
    lines: Iterable[str], path: str, first_line: int = 1, *, tags: bool = True
) -> Iterator[Sentence]:
    """Sentences one by one, with or without tags; raises CorpusError where it is not CoNLL-U.

    A column in which every token has `_` is absent from `Sentence.columns`. Blocks of comments
    without a token become a sentence of no tokens, so that no line is lost.
    """
    for block in blocks(lines, first_line):
        yield parse_block(block, path, tags)


def parse_block(block: Block, path: str, tags: bool = True) -> Sentence:
    """One block as a sentence."""
    return _parse_regular(block, path, tags) or _parse_lines(block, path, tags)


def read_conllu_text(
    text: str, path: str, first_line: int = 1, *, tags: bool = True
) -> Iterator[Sentence]:
    """The same sentences as `read_conllu` gives for the lines of a text, faster."""
    for block in text_blocks(text, first_line):
        yield parse_block(block, path, tags)


def _parse_regular(block: Block, path: str, tags: bool) -> Sentence | None:
    """A block of comments and then nothing but lines of ten fields, cut at its tabs all at once.

    None where it is anything else. Field f of line i is piece 9 i + f; the last field comes with
    the next line's first.
    """
    text = block.text
    begin = num_comments = 0
    while text.startswith("#", begin):
        begin = text.find("\n", begin) + 1
        num_comments += 1
        if begin == 0:
            return None
    body = text[begin:].rstrip("\n")
    pieces = body.split("\t")
    stride = len(FIELDS) - 1
    if len(pieces) != stride * (body.count("\n") + 1) + 1 or "\r" in text:
        return None
    at = _token_lines(pieces)
    if not at:
        return None
    source = Source(path, block.line, text, tuple([num_comments + i for i in at]), LAYOUT)

    def field(number: int) -> tuple[str, ...]:
        if len(at) * stride < len(pieces) - 1:
            return tuple([pieces[stride * i + number] for i in at])
        return tuple(pieces[number::stride]) if number else ()

    columns = {}
    if tags:
        misc = tuple([piece.partition("\n")[0] for piece in field(MISC_FIELD)])
        columns = _tag_columns([*map(field, range(stride)), misc])
    return Sentence(field(FORM_FIELD), columns, text=_text_of(text[:begin]), source=source)


def _token_lines(pieces: Sequence[str]) -> Sequence[int]:
    """Which of the lines are tokens; none of them where the IDs are not as they should be."""
    stride = len(FIELDS) - 1
    following = pieces[stride:-1:stride]
    is_short = len(following) <= len(_ID_LINES)
    if is_short and pieces[0] == "1" and all(map(str.endswith, following, _ID_LINES)):
        return range(len(following) + 1)
    cut = [piece.rpartition("\n") for piece in following]
    if not all(lf for _, lf, _ in cut):  # a field too many here, one too few there
        return ()
    ids = [pieces[0], *[begun for _, _, begun in cut]]
    at = [i for i, found in enumerate(ids) if found.isdecimal()]
    in_order = [ids[i] for i in at] == [*_NUMBERS[: len(at)]]
    others = [found for found in ids if not found.isdecimal()]
    return at if in_order and all(map(is_range_or_empty_node, others)) else ()


def _text_of(comments: str) -> str | None:
    """What the last `# text = ` among the comments says."""
    at = f"\n{comments}".rfind(f"\n{TEXT_COMMENT}")
    return None if at < 0 else comments[at + len(TEXT_COMMENT) :].partition("\n")[0]


def _parse_lines(block: Block, path: str, tags: bool) -> Sentence:
    """A block of any kind, line by line."""
    fields: list[list[str]] = []
    rows: list[int] = []
    said = None
    width = len(FIELDS)
    for row, line in enumerate(block.lines):
        if row == 0 and block.line == 1:
            line = line.removeprefix("\ufeff")
        cells = line.split("\t")  # the last with the line's end
        if len(cells) == width and cells[0].isdecimal():
            fields.append(cells)
            rows.append(row)
        elif line[:1] == "#":
            if line.startswith(TEXT_COMMENT):
                said = line[len(TEXT_COMMENT) :].rstrip("\r\n")
        elif line.strip(BLANKS):
            _check(cells, path, block.line + row)
            if cells[0].isdecimal():
                fields.append(cells)
                rows.append(row)
    source = Source(path, block.line, block.text, tuple(rows), LAYOUT)
    if not fields:
        return Sentence(forms=(), text=said, source=source)
    by_field = list(zip(*fields, strict=True))
    _check_ids(by_field[0], path, block.line, rows)
    columns = _tag_columns(by_field) if tags else {}
    return Sentence(by_field[FORM_FIELD], columns, text=said, source=source)


def _tag_columns(by_field: Sequence[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    columns = {}
    for name, i in TAG_FIELDS.items():
        tags = by_field[i]
        if tags.count(UNANNOTATED) < len(tags):
            columns[name] = tags
    misc = by_field[MISC_FIELD]
    joined = "|".join(["", *misc])
    if "NER" in joined or "CHUNK=" in joined:
        cells = [cell.rstrip("\r\n") for cell in misc]
        for key in dict.fromkeys(_tag_keys(joined)):
            tags = tuple([misc_value(cell, key) or UNANNOTATED for cell in cells])
            if tags.count(UNANNOTATED) < len(tags):
                columns[key.lower()] = tags
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

    No tag at all is not written where there was none before.

    >>> with_misc_value("SpaceAfter=No", "NER", "O")
    'SpaceAfter=No|NER=O'
    """
    if value == UNANNOTATED and not misc_value(misc, key):
        return misc
    new = f"{key}={value}"
    if misc == UNANNOTATED:
        return new
    if f"{key}=" in misc:
        pairs = misc.split("|")
        for i, pair in enumerate(pairs):
            if pair.startswith(f"{key}="):
                return "|".join([*pairs[:i], new, *pairs[i + 1 :]])
    return f"{misc}|{new}"


def _check(cells: list[str], path: str, line: int) -> None:
    """Raises CorpusError unless these are ten cells that begin with a legal ID."""
    if len(cells) != len(FIELDS):
        hint = " (blanks instead of tabs?)" if len(cells) == 1 else ""
        raise CorpusError(
            path, line, 1, f"expected 10 tab-separated columns, found {len(cells)}{hint}"
        )
    if not cells[0].isdecimal() and not is_range_or_empty_node(cells[0]):
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
_ID_LINES = tuple(f"\n{i}" for i in range(2, 514))  # what ends the piece before a token

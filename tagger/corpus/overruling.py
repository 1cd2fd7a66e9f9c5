"""What the user says of a file, and a dialect in which that overrules what its first lines say."""

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from tagger.corpus.brackets import are_brackets
from tagger.corpus.columns import (
    COMMENT_STARTS,
    GLOBAL_COLUMNS,
    is_document_mark,
    parse_column_map,
    split_fields,
)
from tagger.corpus.conllu import LAYOUT as CONLLU
from tagger.corpus.dialect import (
    JSON_LINES,
    Dialect,
    detect_columns,
    detect_conllu_plus,
    detect_dialect,
    detect_pairs,
)
from tagger.corpus.lines import BLANKS, UTF8
from tagger.errors import TaggerError, UsageError
from tagger.sentence import FORM, Layout

DialectName = Literal["conllu", "conllup", "columns", "pairs", "jsonl", "brat"]
DIALECTS: tuple[DialectName, ...] = get_args(DialectName)
SEPARATORS = {"tab": "\t", "blank": " "}  # any other sign joins words and tags in pairs


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a file; None leaves it to the file's first lines.

    `columns` is a map such as `form=1,ner=4`; `separator` a tab, a blank (any run of blanks and
    tabs) or the sign of pairs; `comments` whether lines that begin with `# ` are comments.
    """

    dialect: DialectName | None = None
    columns: str | None = None
    separator: str | None = None
    comments: bool | None = None
    encoding: str = UTF8

    @property
    def is_free(self) -> bool:
        """Whether all but the encoding is left to the file."""
        return self == Asked(encoding=self.encoding)

    @property
    def leaves_dialect(self) -> bool:
        """Whether nothing that is said tells or rules out a dialect."""
        return self.dialect is None and self.columns is None and self.separator is None

    @property
    def sign(self) -> str | None:
        """The separator where it is the sign of pairs."""
        return None if self.separator in SEPARATORS.values() else self.separator


NOTHING = Asked()


def overruled(head: Sequence[str], path: str, asked: Asked) -> Dialect:
    """The dialect of a file that begins with `head`, as asked.

    Raises UsageError where what is asked for contradicts itself, TaggerError where it cannot be.
    """
    found = _found(head, asked)
    if asked.columns is not None:
        found = _with_columns(found, head, asked)
    if found is None:
        raise TaggerError(
            f"{path}: expected {asked.dialect or ('pairs' if asked.sign else 'columns')}, "
            "found no columns of tags in it (name them with --columns form=1,ner=2)"
        )
    if asked.comments is None or found.layout.kind in ("conllu", "jsonl"):
        return found
    layout = msgspec.structs.replace(found.layout, comments=asked.comments)
    return Dialect(layout, f"{found.reasons}; comments {'' if asked.comments else 'not '}expected")


def _found(head: Sequence[str], asked: Asked) -> Dialect | None:
    """What the head says, where dialect and separator are as asked."""
    dialect = asked.dialect
    if asked.sign is not None and (asked.sign == "" or not set(asked.sign).isdisjoint(BLANKS)):
        raise UsageError(f"expected --separator tab, blank or a sign, found {asked.sign!r}")
    if asked.separator is not None:
        dialect = "columns" if asked.sign is None else "pairs"
        if asked.dialect not in (None, dialect):
            raise UsageError(
                f"--separator {asked.separator!r} is not one of --dialect {asked.dialect}"
            )
    content = [line for line in _without_comments(head, asked) if not is_document_mark(line)]
    if dialect == "conllu":
        return Dialect(CONLLU, "CoNLL-U as told")
    if dialect == "jsonl":
        return Dialect(JSON_LINES, "JSON lines as told")
    if dialect == "conllup":
        is_plus = bool(content) and content[0].startswith(GLOBAL_COLUMNS)
        return detect_conllu_plus(content) if is_plus else None
    if dialect == "pairs":
        return detect_pairs(content, [asked.sign], 0) if asked.sign else detect_pairs(content)
    if dialect == "columns":
        return detect_columns(content, asked.separator)
    return detect_dialect(content)


def _without_comments(head: Sequence[str], asked: Asked) -> list[str]:
    """The lines that are not blank, and no comments where they are asked for."""
    content = [line.removeprefix("\ufeff") for line in head if line.strip(BLANKS)]
    if not asked.comments:
        return content
    return [s for s in content if s.startswith(GLOBAL_COLUMNS) or not s.startswith(COMMENT_STARTS)]


def _with_columns(found: Dialect | None, head: Sequence[str], asked: Asked) -> Dialect:
    """The columns named by the user; separator, comments and width as found."""
    columns = parse_column_map(asked.columns or "")
    reasons = f"columns as given: {asked.columns}"
    old = found.layout if found else None
    if old is not None and old.kind == "jsonl":
        raise UsageError("--columns is for files in columns, not for JSON lines")
    sign = old.separator if old is not None and old.kind == "pairs" else asked.sign
    if sign is not None:
        width = max(2, max(columns.values()) + 1, (old.width if old else 0) or 0)
        return Dialect(Layout("pairs", columns, sign, False, width), reasons)
    if asked.dialect == "pairs":
        raise UsageError("--dialect pairs needs the sign between a word and its tag: --separator /")
    content = [line for line in head if line.strip(BLANKS) and not line.startswith(COMMENT_STARTS)]
    tabbed = sum("\t" in line for line in content)
    separator = asked.separator or ("\t" if tabbed * 2 > len(content) else " ")
    if asked.separator is None and old is not None:
        separator = old.separator
    layout = Layout(
        "columns",
        columns,
        separator,
        old.comments if old else separator == "\t",
        old.width if old and old.width and old.width > max(columns.values()) else None,
        _id_field(old, columns),
    )
    rows = [split_fields(line, layout) for line in content if line[0] != "#"]
    return Dialect(msgspec.structs.replace(layout, brackets=_in_brackets(rows, columns)), reasons)


def _id_field(old: Layout | None, columns: dict[str, int]) -> int | None:
    """The field of token IDs, unless it is given another name."""
    ids = None if old is None else 0 if old.kind == "conllu" else old.ids
    return None if ids in columns.values() else ids


def _in_brackets(rows: Sequence[Sequence[str]], columns: dict[str, int]) -> frozenset[str]:
    """The columns whose cells are all brackets, as far as the rows reach."""
    return frozenset(
        name
        for name, field in columns.items()
        if name != FORM and are_brackets({row[field] for row in rows if len(row) > field})
    )

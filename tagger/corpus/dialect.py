"""Finding out what a corpus file is from its first lines, and saying why.

The guess is made once, on the head of the file; a later line that does not fit is then an error
with its place, never a reason to read it differently.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from tagger.corpus.brackets import are_brackets
from tagger.corpus.columns import (
    COMMENT_STARTS,
    GLOBAL_COLUMNS,
    is_document_mark,
    split_fields,
)
from tagger.corpus.conllu import FIELDS, is_range_or_empty_node
from tagger.corpus.conllu import LAYOUT as CONLLU
from tagger.corpus.lines import BLANKS
from tagger.corpus.pairs import SIGNS
from tagger.schemes import OUTSIDE, is_span_column, is_span_tag, split_tag
from tagger.sentence import FORM, UNANNOTATED, Layout

HEAD_LINES = 5000  # how many lines a guess looks at
FITTING_SHARE = 0.9  # how many of them must have the commonest number of fields
_begins_json = re.compile(r'[ \t]*(\{[ \t]*["}]|\[[ \t]*"(?:[^"\\]|\\.)*+"[ \t]*,[ \t]*\{)').match
PAIRS_SHARE = 0.95  # how many words must have a tag behind a sign
CHUNK_LABELS = frozenset(  # of CoNLL-2000, and (from NC on) of the German part of CoNLL-2003
    "NP VP PP ADVP ADJP SBAR PRT CONJP INTJ LST UCP NC VC PC".split()
)
UPOS_TAGS = frozenset(
    "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
)
MOST_LAYERS = 32  # of entities inside entities; further columns of them get no name
MOST_TAGS = 200  # a column with more distinct values holds no part-of-speech tags
UNTAGGED = frozenset("id form lemma head deprel deps misc".split())  # of CoNLL-U Plus: no tags
_words = re.compile(r"[^ \t\r\n]+").findall


JSON_LINES = Layout(kind="jsonl", columns={})
BRAT = Layout(kind="brat", columns={})


class Dialect(msgspec.Struct, frozen=True):
    """A layout and the reasons for it, in words."""

    layout: Layout
    reasons: str


CONLLU_DIALECT = Dialect(CONLLU, "CoNLL-U: ten tab-separated columns that begin with an ID")


def describe_columns(layout: Layout) -> str:
    """The column map as `--columns` takes it: `form=2,ner=3`."""
    return ",".join(f"{name}={field + 1}" for name, field in layout.columns.items())


def detect_dialect(lines: Sequence[str]) -> Dialect | None:
    """The dialect of a file that begins with these lines, or None where they hold no columns."""
    content = [line.removeprefix("\ufeff") for line in lines[:HEAD_LINES] if line.strip(BLANKS)]
    if not content:
        return None
    if content[0].startswith(GLOBAL_COLUMNS):
        return detect_conllu_plus(content)
    if _begins_json(content[0]):
        return Dialect(JSON_LINES, "JSON lines: the first begins as an object or a pair does")
    content = [line for line in content if not is_document_mark(line)]
    pairs = detect_pairs(content)
    return pairs if pairs is not None else detect_columns(content)


def detect_conllu_plus(content: Sequence[str]) -> Dialect | None:
    """CoNLL-U Plus, whose first line names the columns; None where it names no form.

    Format: https://universaldependencies.org/ext-format.html. Columns that hold no tags (lemma,
    head, relation, …) are not named.
    """
    names = [name.lower() for name in content[0].removeprefix(GLOBAL_COLUMNS).split()]
    if FORM not in names or len(set(names)) < len(names):
        return None
    reason = f"CoNLL-U Plus: its first line names {len(names)} columns"
    if tuple(names) == FIELDS:
        return CONLLU_DIALECT
    columns = {name: i for i, name in enumerate(names) if name not in UNTAGGED - {FORM}}
    ids = names.index("id") if "id" in names else None
    return Dialect(Layout("columns", columns, "\t", True, len(names), ids), reason)


def detect_pairs(
    content: Sequence[str], signs: Sequence[str] = SIGNS, share: float = PAIRS_SHARE
) -> Dialect | None:
    """`word/TAG` lines: None unless such a share of the words ends in a sign and a tag."""
    words = [word for line in content[: HEAD_LINES // 10] for word in _words(line)]
    for sign in signs:
        parts = [word.split(sign) for word in words if sign in word[1:-1]]
        if not parts or len(parts) < share * len(words):
            continue
        width = min(map(len, parts))
        rows = [word.rsplit(sign, width - 1) for word in words if word.count(sign) >= width - 1]
        columns, reasons = _named(list(zip(*rows, strict=True)), {FORM: 0})
        if len(columns) == width:
            reason = "; ".join([f"words and {width - 1} tag(s) joined by {sign!r}", *reasons])
            return Dialect(Layout("pairs", columns, sign, False, width), reason)
    return None


def detect_columns(content: Sequence[str], separator: str | None = None) -> Dialect | None:
    """CoNLL-U or columns cut by tabs or blanks; `separator` says by which, where it is known."""
    tabbed = sum("\t" in line for line in content if not line.startswith(COMMENT_STARTS))
    plain = sum("\t" not in line for line in content if not line.startswith(COMMENT_STARTS))
    if separator == "\t" or (separator is None and tabbed and tabbed >= plain):
        return _detect_tabbed(content)
    return _detect_blank_separated(content)


def _detect_tabbed(content: Sequence[str]) -> Dialect | None:
    tokens = [line for line in content if not line.startswith(COMMENT_STARTS)]
    usual, _ = _commonest_width([line.split("\t") for line in tokens])
    is_comment = [
        line.startswith(COMMENT_STARTS) and line.count("\t") + 1 != usual for line in content
    ]
    has_comments = any(is_comment)
    rows = [
        line.rstrip("\r\n").split("\t")
        for line, comment in zip(content, is_comment, strict=True)
        if not comment
    ]
    width, share = _commonest_width(rows)
    if width == len(FIELDS) and _share_of_ids(rows, width) >= FITTING_SHARE:
        return CONLLU_DIALECT
    if share < FITTING_SHARE:
        return None
    return _name_columns([row for row in rows if len(row) == width], "\t", has_comments)


def _detect_blank_separated(content: Sequence[str]) -> Dialect | None:
    layout = Layout("columns", {FORM: 0}, " ")
    rows = [split_fields(line, layout) for line in content]
    width, share = _commonest_width(rows)
    if width < 2 or share < FITTING_SHARE:
        return None
    return _name_columns([row for row in rows if len(row) == width], " ", has_comments=False)


def _commonest_width(rows: list[list[str]]) -> tuple[int, float]:
    """The commonest number of fields and the share of rows that have it."""
    if not rows:
        return 0, 0.0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    return width, count / len(rows)


def _share_of_ids(rows: list[list[str]], width: int) -> float:
    fitting = [row for row in rows if len(row) == width]
    return sum(row[0][:1].isdecimal() for row in fitting) / max(1, len(fitting))


def _name_columns(rows: list[list[str]], separator: str, has_comments: bool) -> Dialect | None:
    """Names for the columns by what stands in them; None where none looks like tags."""
    by_field = list(zip(*rows, strict=True))
    ids = set(by_field[0])
    numbered = "1" in ids and all(i.isdecimal() or is_range_or_empty_node(i) for i in ids)
    numbered = numbered and len(by_field) > 1
    is_conll_2012 = len(by_field) > 4 and all(map(str.isdecimal, {*by_field[1], *by_field[2]}))
    form = 1 if numbered else 3 if is_conll_2012 else 0
    columns, reasons = _named(by_field, {FORM: form})
    if len(columns) == 1:
        return None
    if numbered or is_conll_2012:
        reasons.insert(0, f"the {'first' if numbered else 'third'} numbers the tokens")
    width = f"{len(by_field)} {'tab' if separator == chr(9) else 'blank'}-separated columns"
    layout = Layout(
        "columns",
        columns,
        "\t" if separator == "\t" else " ",
        has_comments,
        len(by_field),
        0 if numbered else None,
        frozenset(n for n, i in columns.items() if n != FORM and are_brackets(by_field[i])),
    )
    return Dialect(layout, "; ".join([width, *reasons]))


def _named(
    by_field: Sequence[Sequence[str]], form: Mapping[str, int]
) -> tuple[dict[str, int], list[str]]:
    """The form's field and those behind it that hold tags, and the reason for each name."""
    columns, reasons = dict(form), []
    for field in range(columns[FORM] + 1, len(by_field)):
        name, why = _name_of(Counter(by_field[field]), columns)
        if name and name not in columns:
            columns[name] = field
            reasons.append(f"{name} in column {field + 1} ({why})")
    return columns, reasons


def _name_of(counts: Counter[str], taken: Mapping[str, int]) -> tuple[str, str]:
    """A column's name and why, or two empty strings where it is none that can be tagged."""
    values = set(counts)
    if are_brackets(values):
        return _layer("ner", taken), f"brackets such as {max(values - {'*', '*)'})}"
    if is_span_column(counts) and (values != {OUTSIDE} or len(taken) == 1):
        spans = sorted(filter(is_span_tag, values - {OUTSIDE}))
        labels = {split_tag(value)[1] for value in spans}
        if labels and labels <= CHUNK_LABELS:
            return "chunk", "phrase labels"
        return _layer("ner", taken), f"tags such as {spans[-1] if spans else OUTSIDE}"
    if "ner" in taken or "chunk" in taken or len(values) > MOST_TAGS or len(values) < 2:
        return "", ""
    if values <= UPOS_TAGS | {UNANNOTATED}:
        return "upos", "universal part-of-speech tags"
    return "xpos", f"{len(values)} tags such as {min(values)}"


def _layer(name: str, taken: Mapping[str, int]) -> str:
    """`ner`, or where that is taken by the outer entities `ner2` for those inside them."""
    names = [name, *[f"{name}{layer}" for layer in range(2, MOST_LAYERS + 1)]]
    return next((found for found in names if found not in taken), "")

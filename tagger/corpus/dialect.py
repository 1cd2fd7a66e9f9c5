"""Finding out what a corpus file is from its first lines, and saying why.

The guess is made once, on the head of the file; a later line that does not fit is then an error
with its place, never a reason to read it differently.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from tagger.corpus.columns import COMMENT_STARTS, DOCUMENT_MARK, split_fields
from tagger.corpus.conllu import FIELDS
from tagger.corpus.conllu import LAYOUT as CONLLU
from tagger.corpus.lines import BLANKS
from tagger.schemes import OUTSIDE, is_span_tag, split_tag
from tagger.sentence import FORM, UNANNOTATED, Layout

HEAD_LINES = 5000  # how many lines a guess looks at
FITTING_SHARE = 0.9  # how many of them must have the commonest number of fields
CHUNK_LABELS = frozenset(  # of CoNLL-2000, and (from NC on) of the German part of CoNLL-2003
    "NP VP PP ADVP ADJP SBAR PRT CONJP INTJ LST UCP NC VC PC".split()
)
UPOS_TAGS = frozenset(
    "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
)
MOST_TAGS = 200  # a column with more distinct values holds no part-of-speech tags


class Dialect(msgspec.Struct, frozen=True):
    """A layout and the reasons for it, in words."""

    layout: Layout
    reasons: str


def describe_columns(layout: Layout) -> str:
    """The column map as `--columns` takes it: `form=2,ner=3`."""
    return ",".join(f"{name}={field + 1}" for name, field in layout.columns.items())


def detect_dialect(lines: Sequence[str]) -> Dialect | None:
    """The dialect of a file that begins with these lines, or None where they hold no columns."""
    content = [line.removeprefix("\ufeff") for line in lines[:HEAD_LINES] if line.strip(BLANKS)]
    content = [line for line in content if not line.startswith(DOCUMENT_MARK)]
    tabbed = sum("\t" in line for line in content if not line.startswith(COMMENT_STARTS))
    plain = sum("\t" not in line for line in content if not line.startswith(COMMENT_STARTS))
    if tabbed and tabbed >= plain:
        return _detect_tabbed(content)
    return _detect_blank_separated(content)


def _detect_tabbed(content: list[str]) -> Dialect | None:
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
        return Dialect(CONLLU, "CoNLL-U: ten tab-separated columns that begin with an ID")
    if share < FITTING_SHARE:
        return None
    return _name_columns([row for row in rows if len(row) == width], "\t", has_comments)


def _detect_blank_separated(content: list[str]) -> Dialect | None:
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
    by_field = [set(values) for values in zip(*rows, strict=True)]
    numbered = all(value.isdecimal() for value in by_field[0]) and "1" in by_field[0]
    columns = {FORM: 1 if numbered and len(by_field) > 1 else 0}
    reasons = [f"{len(by_field)} {'tab' if separator == chr(9) else 'blank'}-separated columns"]
    if numbered:
        reasons.append("the first numbers the tokens")
    for field in range(columns[FORM] + 1, len(by_field)):
        name, why = _name_of(by_field[field], columns)
        if name:
            columns[name] = field
            reasons.append(f"{name} in column {field + 1} ({why})")
    if len(columns) == 1:
        return None
    layout = Layout(
        "columns", columns, "\t" if separator == "\t" else " ", has_comments, len(by_field)
    )
    return Dialect(layout, "; ".join(reasons))


def _name_of(values: set[str], taken: dict[str, int]) -> tuple[str, str]:
    """A column's name and why, or two empty strings where it is none that can be tagged."""
    if all(map(is_span_tag, values)) and (values != {OUTSIDE} or len(taken) == 1):
        labels = {split_tag(value)[1] for value in values} - {""}
        if labels and labels <= CHUNK_LABELS:
            return _unless_taken("chunk", taken, "phrase labels")
        return _unless_taken(
            "ner", taken, f"tags such as {max(values - {OUTSIDE}, default=OUTSIDE)}"
        )
    if "ner" in taken or "chunk" in taken or len(values) > MOST_TAGS or len(values) < 2:
        return "", ""
    if values <= UPOS_TAGS | {UNANNOTATED}:
        return _unless_taken("upos", taken, "universal part-of-speech tags")
    return _unless_taken("xpos", taken, f"{len(values)} tags such as {min(values)}")


def _unless_taken(name: str, taken: dict[str, int], why: str) -> tuple[str, str]:
    return ("", "") if name in taken else (name, why)

"""The kinds of problems: a name, what is meant and how to mend it. docs/check.md tells why."""

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from tagger.errors import UsageError


class Code(msgspec.Struct, frozen=True):
    """A kind of problem; `is_fixed` says whether `tagger preprocess --fix` mends it."""

    meaning: str
    mend: str
    is_fixed: bool = False


FIX = "tagger preprocess --fix does it"
CODES = {
    # the file and its characters
    "empty-file": Code("a file without any token", "leave it out"),
    "byte-order-mark": Code("U+FEFF at the beginning of the file", FIX, True),
    "invalid-utf-8": Code("bytes that are not UTF-8", "tagger preprocess --encoding names another"),
    "crlf": Code("lines that end in CR LF", FIX, True),
    "lone-cr": Code("a CR inside a line", "remove it, or make it a line end"),
    "nul": Code("a NUL byte", "remove it; the file may be damaged, or in UTF-16"),
    "control-character": Code("a control character", "remove it"),
    "replacement-character": Code("U+FFFD, left by an earlier loss", "look into the source"),
    "no-final-newline": Code("a last line that does not end", FIX, True),
    "blank-line-with-blanks": Code("a blank line that holds blanks or tabs", FIX, True),
    # rows and fields
    "ragged-row": Code("a row with more or fewer fields than the others", "give it its fields"),
    "wrong-separator": Code(
        "a row cut by blanks among rows cut by tabs, or the reverse", FIX, True
    ),
    "mixed-separators": Code("a row cut by tabs and by blanks", FIX, True),
    "empty-token": Code("a token without a character", "write it, or remove the row"),
    "blank-token": Code("a token of nothing but blanks", "remove the row"),
    "blank-in-token": Code("a token with a blank, in columns", "remove it, or make two rows"),
    "no-break-space": Code("a no-break space or the like in a token", "make it two tokens"),
    "invisible-character": Code("a character without width in a token", FIX, True),
    "empty-tag": Code("a field of tags that is empty", "write the tag, or _ for none"),
    "blank-in-tag": Code("a tag with a blank in it", "remove the blank"),
    "unreadable": Code("a place that cannot be read", "mend what is said"),
    # numbers and comments of CoNLL-U and the like
    "token-id": Code("token IDs that are not 1, 2, 3, …", "number them anew"),
    "multiword-range": Code("a range that does not stand before the words it spans", "correct it"),
    "empty-node": Code("an empty node out of place or order", "number it by the word before it"),
    "text-mismatch": Code("`# text` says something else than the tokens", "correct the wrong one"),
    "duplicate-sent-id": Code("a sent_id that was there before", "give each sentence its own"),
    "empty-sentence": Code("comments without a token", "remove them"),
    "long-sentence": Code("a sentence of very many tokens", "tagger preprocess --max-length"),
    "long-word": Code("a token of very many characters", "see whether it is one"),
    # tags
    "unknown-prefix": Code("a tag of a span column without a known prefix", "correct it"),
    "inside-without-begin": Code("an I- (or E-, L-) that continues nothing", FIX, True),
    "label-change": Code("a label that changes inside a span", FIX, True),
    "span-not-ended": Code("a span of IOBES or BILOU that goes on into nothing", FIX, True),
    "needless-begin": Code("a B- of IOB1 where no span of its label is before it", FIX, True),
    "mixed-schemes": Code("a prefix of another scheme than the file's", FIX, True),
    "iob1": Code("spans that begin with I-, where most programs expect B-", FIX, True),
    "unknown-upos": Code("a UPOS that is none of the 17", "correct it"),
    "label-case": Code("labels that differ in case only", "tagger preprocess --map-labels"),
    "tag-once": Code("a tag or label that occurs once", "see whether it is meant"),
    "dominating-label": Code("one tag or label for nearly everything", "see whether it is meant"),
    # sentences among each other
    "duplicate-sentence": Code("a sentence that was there before", "tagger preprocess --dedupe"),
    "near-duplicate": Code("a sentence that was there before but for a word", "leave out one"),
    "conflict": Code("the same tokens with other tags", "decide for one"),
    "doubtful-tag": Code("a tag that a model denies which did not see it", "see which is right"),
    # the first file and the others
    "leak": Code("a sentence of an earlier file", "leave it out of one"),
    "near-leak": Code("a sentence of an earlier file but for a word", "leave it out of one"),
    "new-label": Code("a tag or label that the first file does not have", "see which is meant"),
}


class Finding(msgspec.Struct, frozen=True):
    """One problem at one place; `line` and `column` count from 1, `column` counts fields."""

    path: str
    line: int
    column: int
    code: str
    problem: str  # what was expected, what was found

    def __str__(self) -> str:
        mend = CODES[self.code].mend
        return f"{self.path}:{self.line}:{self.column}: {self.code}: {self.problem} ({mend})"


def chosen_codes(select: Iterable[str], ignore: Iterable[str]) -> frozenset[str]:
    """The codes to look for: those selected (all if none is), less those ignored.

    Each item may hold several codes between commas. Raises UsageError for one that is none.
    """
    selected, ignored = (
        {name.strip() for item in items for name in item.split(",")} for items in (select, ignore)
    )
    for name in selected | ignored:
        if name not in CODES:
            close = get_close_matches(name, CODES, 1)
            hint = f"; {close[0]}?" if close else ""
            raise UsageError(
                f"expected a code such as ragged-row, found {name!r}{hint} "
                "(tagger check --codes lists them)"
            )
    return frozenset((selected or set(CODES)) - ignored)

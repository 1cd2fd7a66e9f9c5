"""`word/TAG word/TAG`: one sentence a line, each token with its tags behind slashes.

The tags stand in the order of `style.columns`; a token is cut from its end, so its form may hold
slashes. A sentence read from such a line (`word_TAG` too) keeps it; only the predicted tags change.
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from tagger.errors import TaggerError
from tagger.output.kept_lines import kept_lines
from tagger.output.offsets import is_line
from tagger.output.style import Format, Style
from tagger.sentence import UNANNOTATED, Sentence

SIGN = "/"
_blank = re.compile(r"[ \t\r\n]")
_unfit = re.compile(rf"[ \t\r\n{SIGN}]")


def as_pairs(sentence: Sentence, style: Style) -> str:
    """The sentence on one line; an empty line of a text is an empty line.

    Underscores stand for blanks within a form. Raises TaggerError at a tag that holds a slash or a
    blank, with which the line could not be read again.
    """
    kept = kept_lines(sentence, replace(style, file=None), "pairs")
    if kept is not None:
        return kept if style.file is None or kept.endswith("\n") else f"{kept}\n"
    if not sentence.forms:
        return "\n" if is_line(sentence) else ""
    columns = [sentence.columns[name] for name in style.columns]
    for name, tags in zip(style.columns, columns, strict=True):
        _check(name, tags)
    return " ".join(map(SIGN.join, zip(_words(sentence.forms), *columns, strict=True))) + "\n"


def _words(forms: tuple[str, ...]) -> Sequence[str]:
    return [_blank.sub(UNANNOTATED, form) or UNANNOTATED for form in forms]


def _check(name: str, tags: Sequence[str]) -> None:
    if _unfit.search("".join(tags)):
        unfit = next(tag for tag in tags if _unfit.search(tag))
        raise TaggerError(
            f"expected {name} tags without slashes and blanks, found {unfit!r}, which word/TAG "
            "cannot hold (choose --format conll)"
        )


PAIRS = Format(name="pairs", suffix=".pairs.txt", sentence=as_pairs)

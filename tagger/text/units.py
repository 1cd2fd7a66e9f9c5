"""Text to units: the steps in which a learned segmenter reads it.

A unit is a run of letters, a run of digits, or one other sign (also one that is joined of several,
as some emoji are), each with the marks behind it. A letter of a script that is written without
blanks (Chinese, Japanese, Thai, …) is a unit of its own. Tokens end where units end: in UD English
EWT all but 3 of 10,000 do, and where one does not, a word is glued to the next. Against single
characters that is a fifth of the steps, and a network meets words as wholes.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.text.characters import ByCharacter
from tagger.text.paragraphs import Paragraph

LINE_BREAK = "\n"  # a unit of its own, which is no part of any token
_LETTER, _ALONE, _DIGIT = "a", "ª", "0"
_MARK, _JOINER, _FLAG = "\0", "\1", "\2"  # belongs to what is before; joins; half of a flag
_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff"  # Thai to Tai
    "\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3031-\u30ff\u31f0-\u31ff\u3400-\u9fff\uaa60-\uaadf"
    "\uf900-\ufaff\uff66-\uff9d\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
).match
_SKIN_TONES = frozenset("🏻🏼🏽🏾🏿")
_marks = f"[{_MARK}{_JOINER}]*+"
_pieces = re.compile(
    rf"[^\S\n]*+(?:[A-Za-z][A-Za-z{_MARK}{_JOINER}]*+|[0-9][0-9{_MARK}{_JOINER}]*+|{_FLAG}{{2}}{_marks}"
    rf"|\S{_marks}(?:(?<={_JOINER})[^\sA-Za-z0-9]{_marks})*+|\n\s*+)"
).findall


class Units(NamedTuple):
    """The units of a text: their forms and, as arrays of the same length, their places.

    A form begins with a blank where white space or the text's beginning stands before the unit;
    `starts` and `ends` (exclusive) are those of the unit without it, in characters. A stretch of
    white space with a line break in it, but at the text's end, is a unit `LINE_BREAK` of no extent.
    """

    forms: list[str]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def units_of(text: str) -> Units:
    """The units of a text, in order; every character but white space is in exactly one.

    >>> units_of("Zoë's 2nd try.").forms
    [' Zoë', "'", 's', ' 2', 'nd', ' try', '.']
    """
    text = text.rstrip()  # the pattern would try each of many blanks at the end anew
    kinds = text if text.isascii() else text.translate(_kinds)
    pieces = _pieces(kinds)
    bare = [piece.lstrip() for piece in pieces]
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    widths = np.fromiter(map(len, bare), np.int64, len(bare))
    ends = lengths.cumsum()
    starts = ends - widths
    if kinds is not text:
        places = zip(starts.tolist(), ends.tolist(), strict=True)
        bare = [text[start:end] for start, end in places]
    spaced = (lengths > widths).tolist()
    if spaced:
        spaced[0] = True
    if LINE_BREAK in text:
        _mark_line_breaks(bare, spaced, widths)
    forms = [f" {form}" if blank else form for form, blank in zip(bare, spaced, strict=True)]
    return Units(forms, starts, ends)


def _mark_line_breaks(bare: list[str], spaced: list[bool], widths: NDArray[np.int64]) -> None:
    """Units of nothing but white space are line breaks, and a blank stands before the next."""
    for i in np.flatnonzero(widths == 0).tolist():
        bare[i], spaced[i] = LINE_BREAK, False
        if i + 1 < len(spaced):
            spaced[i + 1] = True


def follows_blank(forms: Sequence[str]) -> NDArray[np.bool_]:
    """Whether white space stands before each unit; line breaks are white space themselves."""
    return np.fromiter((form[0] in " \n" for form in forms), np.bool_, len(forms))


class UnitStream(NamedTuple):
    """The units of several texts, one behind the other; arrays are of the shape (units,).

    `text` is all texts joined, `starts` and `ends` are places in it, to which `shifts` are added
    for those in the whole that the texts are from. `bounds` is how many units stand before each
    text, and at last their number.
    """

    text: str
    forms: list[str]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    shifts: NDArray[np.int64]
    bounds: list[int]
    follows_blank: NDArray[np.bool_]

    @classmethod
    def of(cls, paragraphs: Sequence[Paragraph]) -> "UnitStream":
        """The units of paragraphs."""
        texts = [paragraph.text for paragraph in paragraphs]
        units = [units_of(text) for text in texts]
        forms = [*chain.from_iterable([of_text.forms for of_text in units])]
        counts = [len(of_text.forms) for of_text in units]
        at = np.array([0, *accumulate(map(len, texts))], np.int64)
        begun = np.array([paragraph.start for paragraph in paragraphs], np.int64)
        nothing = np.zeros(0, np.int64)
        places = np.repeat(at[:-1], counts)
        return cls(
            "".join(texts),
            forms,
            np.concatenate([nothing, *[of_text.starts for of_text in units]]) + places,
            np.concatenate([nothing, *[of_text.ends for of_text in units]]) + places,
            np.repeat(begun - at[:-1], counts),
            [0, *accumulate(counts)],
            follows_blank(forms),
        )

    @property
    def is_token(self) -> NDArray[np.bool_]:
        """Whether each unit is of a token, and no line break."""
        return self.ends > self.starts

    @property
    def last(self) -> NDArray[np.int64]:
        """The last unit of each text that has one."""
        bounds = np.array(self.bounds)
        return bounds[1:][bounds[1:] > bounds[:-1]] - 1

    def has_gap_behind(self) -> NDArray[np.bool_]:
        """Whether white space or the text's end follows each unit."""
        has_gap = np.ones(len(self.forms), np.bool_)
        has_gap[:-1] = self.starts[1:] > self.ends[:-1]
        has_gap[self.last] = True
        return has_gap


def _kind_of(character: str) -> str:
    if character.isascii() or character.isspace():
        return character
    if character == "\u200d":
        return _JOINER
    if "🇦" <= character <= "🇿":
        return _FLAG
    category = unicodedata.category(character)
    if category[0] == "M" or category == "Cf" or character in _SKIN_TONES:
        return _MARK
    if category[0] == "L":
        return _ALONE if _WITHOUT_BLANKS(character) else _LETTER
    return _DIGIT if category == "Nd" else "."


_kinds = ByCharacter(_kind_of)

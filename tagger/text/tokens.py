"""Where the tokens of a text are: one pattern that matches a token at every non-blank character.

It follows the tokens of the English Web Treebank (Silveira et al. 2014), less what would harm
other languages. A run of letters without case (Chinese, Japanese, Thai) is one token. The pattern
is written for shapes (see `shapes`), in which a letter beyond ASCII is one of three, and "'" any
apostrophe.

It takes linear time: what can be long is matched possessively (`++`), and what may fail after a
long match is bounded or cannot be tried again from inside that match.
"""

import re

from tagger.text.abbreviations import ANYWHERE, BEFORE_NUMBERS, OPENERS, TITLES, any_of
from tagger.text.shapes import (
    CASELESS,
    ELLIPSIS,
    FLAG,
    FULL_STOP,
    JOINER,
    LOWER,
    NUMERAL,
    PICTURE,
    UPPER,
)

CAPITAL = f"A-Z{UPPER}"
SMALL = f"a-z{LOWER}"
MARK = rf"\x00-\x08\x0e-\x1b\x7f{JOINER}"
LETTER = f"{CAPITAL}{SMALL}{CASELESS}{MARK}"
WORD = f"{LETTER}0-9_{NUMERAL}"
END = f"(?![{WORD}])"
START = f"(?<![{WORD}])"

UNITS = (
    "[AaPp][Mm]|[kKmMbBtgxp]|mm|MM|cm|km|kg|bn|lbs?|ft|hh|k?Hz|[MG]Hz|[kKMGT]B"
    "|mins?|minutes|hrs?|hours|yrs?|mph"
)
SUFFIXES = (
    "com|org|net|edu|gov|mil|int|info|biz|co|uk|us|ca|au|de|fr|eu|io"
    "|doc|DOC|xls|XLS|pdf|PDF|txt|ppt|csv|zip|html?|url|jpg|gif|png|exe"
)
PREFIXES = (
    "non|pre|anti|mid|re|post|pro|co|ex|e|multi|semi|neo|over|sub|un|intra|micro|counter|socio"
)


def _contraction(first: str, second: str) -> str:
    """The first half of a word that is two, in any case.

    >>> _contraction("gon", "na")[:20]
    '[gG][oO][nN](?=[nN]['
    """
    halves = ["".join(f"[{c}{c.upper()}]" for c in half) for half in (first, second)]
    return f"{halves[0]}(?={halves[1]}{END})"


CONTRACTED = "|".join(
    _contraction(*halves.split()) for halves in ("can not", "gon na", "wan na", "got ta", "out ta")
)
CLITIC = f"'(?:[sSmMdD]|[lL][lL]|[rR][eE]|[vV][eE]){END}"
_host = f"[{LETTER}]++'[tT]{END}"
NEGATED = f"(?={_host})[{LETTER}]+(?=[nN]')|[nN]'[tT]{END}"  # do n't

_tail = rf"""(?:[^\s<>()"{FULL_STOP}]|\([^\s<>()"{FULL_STOP}]*+\))*(?<![.,;:!?'\]}}])"""
ADDRESS = (
    rf"(?i:https?://|ftp://|www\.|mailto:){_tail}"
    rf"|[{WORD}][{WORD}.+%~-]{{0,63}}+@[{WORD}]++(?:[.-][{WORD}]++)*+"
    rf"|(?:[{WORD}]++-){{0,4}}(?:[{WORD}]++\.){{1,6}}(?:{SUFFIXES}){END}(?:/{_tail})?"
    rf"|[{SMALL}]++(?:\.[{SMALL}]++){{2,}}+"
)
_not_last = rf"(?!\.\.|\s*+\Z|\s++(?:{any_of(OPENERS)}){END})"
ABBREVIATION = (
    rf"(?:[iI]\.e|[eE]\.g|a\.k\.a|P\.S|{any_of(TITLES)})\."
    rf"|[{CAPITAL}{SMALL}](?:\.[{CAPITAL}{SMALL}])+{END}(?:\.{_not_last})?"
    rf"|(?:{any_of(ANYWHERE)})\.{_not_last}"
    rf"|(?:{any_of(BEFORE_NUMBERS)})\.(?=\s*[0-9])"
    rf"|[A-HJ-Z{UPPER}]\.{_not_last}(?=\s+[{CAPITAL}])"
)
COMPOUND = (
    rf"(?<!-)(?i:{PREFIXES})-[{WORD}]++"
    rf"|[{CAPITAL}]{{1,4}}&[{CAPITAL}]{{1,2}}{END}|(?:[wW]/(?:o|out)?|b/c){END}"
)
ANY_WORD = rf"[{LETTER}_{NUMERAL}][{WORD}]*+(?:(?!{CLITIC})'[{LETTER}]++)*+"
CLIPPED = rf"{START}'(?:em|til|cause|tis|twas|[0-9]{{2}}s?){END}"
NUMBER = (
    rf"[0-9]++(?:[-./][0-9]++){{2,}}+"  # dates, telephone numbers, versions
    rf"|[0-9]{{3}}[-/][0-9]{{4}}{END}|[0-9]{{5}}-[0-9]{{4}}{END}"
    rf"|(?:0?[1-9]|1[0-2])/(?:[0-2][0-9]|3[01]){END}|(?:[4-9]|1[0-2])/[1-9]{END}"
    rf"|[0-9]++(?:[.,:][0-9]++)*+(?:(?=(?:{UNITS}){END})|[{WORD}]*+)"
    rf"|{START}(?<!\.)\.[0-9]++|{START}\+[0-9]{{1,3}}{END}"
)
EMOTICON = (
    rf"[:;=]['^-]?[)(]++{END}|{START}(?:[:;=]['^o-]?[DPpOo/|\\\[\]*]{END}"
    rf"|>:[()]|[(][:;=]{END}|</?3++{END}|[-^][_.]++[-^]{END})"
)
SYMBOLS = (
    rf"(?:[.!?{ELLIPSIS}]++|{FULL_STOP}++)[{MARK}]*+|,,++|''++|``++|<<++|>>++|(?:-++|=++)>|<(?:-++|=++)"
    rf"|(?P<one>[-=*+~#^|\\$])(?P=one)++"
    rf"|{FLAG}{FLAG}?[{MARK}]*+|{PICTURE}(?:{JOINER}{PICTURE}|[{MARK}])*+"
    rf"|\S[{MARK}]*+"
)

TOKEN = re.compile(
    r"(?=\S)(?:"  # lest everything be tried at every blank: half the time
    + "|".join(
        (
            CONTRACTED,
            rf"[{LETTER}]++(?![{WORD}'.@&:/-])",  # nine tokens in ten: what follows costs no time
            rf"[,.](?![,.!?{ELLIPSIS}0-9{MARK}])",
            ADDRESS,
            NEGATED,
            f"(?<=[{WORD})]){CLITIC}",
            ABBREVIATION,
            COMPOUND,
            ANY_WORD,
            CLIPPED,
            NUMBER,
            rf"{START}[#@][{LETTER}_][{WORD}]*+",
            EMOTICON,
            SYMBOLS,
        )
    )
    + ")"
)

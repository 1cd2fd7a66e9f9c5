"""A text's shape: each character replaced by one that stands for its Unicode category.

The patterns in `tokens` and `rules` are written for Latin-1 and run over the shape of a text, so
that they hold for every script, while offsets stay those of the text itself. ASCII stands for
itself and is not even copied.
"""

import unicodedata

from tagger.text.characters import ByCharacter

UPPER, LOWER, CASELESS, NUMERAL = "Þ", "ß", "ª", "²"
MARK = "\0"  # belongs to the character before it
# Signs that stand for nothing else, since all currencies beyond ASCII are "$": patterns of
# characters below 256 compile in a third of the time.
FULL_STOP = "¥"  # 。 ends a sentence with no blank behind it
ELLIPSIS = "¢"
JOINER = "£"  # zero-width joiner
PICTURE, FLAG = "©", "®"  # an emoji or other symbol; one half of a flag

_BY_CATEGORY = {
    "Lu": UPPER,
    "Lt": UPPER,
    "Ll": LOWER,
    "Lm": CASELESS,
    "Lo": CASELESS,
    "Nd": "0",
    "Nl": NUMERAL,
    "No": NUMERAL,
    "Mn": MARK,
    "Mc": MARK,
    "Me": MARK,
    "Cf": MARK,  # soft hyphen, zero-width blank, byte order mark, …
    "Ps": "(",
    "Pi": "(",
    "Pe": ")",
    "Pf": ")",
    "Sc": "$",
    "So": PICTURE,
    "Pd": "—",
    "Pc": "_",
}
_BY_CHARACTER = (
    dict.fromkeys("‘’‛ʼ＇", "'")
    | dict.fromkeys("“”„‟", '"')
    | dict.fromkeys("‐‑", "-")  # hyphens, unlike dashes
    | dict.fromkeys("。！？｡︒︕︖", FULL_STOP)
    | dict.fromkeys("؟۔।॥։።፧។៕။჻܀܁܂⸮𑁇𑁈", "!")  # full stops that have a blank behind them
    | dict.fromkeys("🏻🏼🏽🏾🏿", MARK)
    | {"…": ELLIPSIS, "\u200d": JOINER}
)


def _shape_of(character: str) -> str:
    if character.isascii() or character.isspace():
        return character
    if character in _BY_CHARACTER:
        return _BY_CHARACTER[character]
    if "🇦" <= character <= "🇿":
        return FLAG
    return _BY_CATEGORY.get(unicodedata.category(character), character)


_shapes = ByCharacter(_shape_of)


def shape(text: str) -> str:
    """The shape of a text: as many characters, in the same places.

    >>> shape("Zoë paid 5 €, 北京")
    'Zoß paid 5 $, ªª'
    """
    return text if text.isascii() else text.translate(_shapes)

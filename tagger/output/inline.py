"""Inline: one sentence a line, for reading, with spans in brackets and plain tags behind slashes.

`[PER Ada] wrote.` where all columns hold spans, `[PER Ada/PROPN] wrote/VERB ./PUNCT` otherwise.
Spans of several columns nest; of two that cross the later is cut in two, and the second part is
marked by a plus sign: `[PER a [LOC b]] [+LOC c]`. Brackets and slashes of the text itself stay,
so this cannot be read back.
"""

from collections.abc import Sequence

from tagger.output.cells import cell, form_cells
from tagger.output.nesting import closed, nested, opened
from tagger.output.offsets import is_line, located, stretches
from tagger.output.style import Format, Style
from tagger.sentence import UNANNOTATED, Sentence


def as_inline(sentence: Sentence, style: Style) -> str:
    """The sentence on one line; an empty line of a text is an empty line."""
    if not sentence.forms:
        return "\n" if is_line(sentence) else ""
    plain = [sentence.columns[name] for name in style.columns if name not in style.spans]
    if plain:
        words = form_cells(sentence.forms, UNANNOTATED)
        tokens = list(map("/".join, zip(words, *plain, strict=True)))
        return " ".join(_bracketed(tokens, sentence, style)) + "\n"
    sentence = located(sentence)
    gaps, covered, rest = stretches(sentence)
    tokens = _bracketed(covered, sentence, style)
    text = "".join([gap + token for gap, token in zip(gaps, tokens, strict=True)])
    return cell(text + rest) + "\n"


def _bracketed(tokens: Sequence[str], sentence: Sentence, style: Style) -> list[str]:
    """The tokens with the brackets that open before them and close behind them."""
    pieces = nested(sentence, style.span_columns)
    before, behind = opened(pieces), closed(pieces)
    return [
        "".join(f"[{piece.title} " for piece in before.get(i, ()))
        + token
        + "]" * len(behind.get(i, ()))
        for i, token in enumerate(tokens)
    ]


INLINE = Format(name="inline", suffix=".txt", sentence=as_inline)

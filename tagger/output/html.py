"""HTML: a page to look at, spans marked and labelled, tags and probabilities as tooltips.

Spans of several columns nest; of two that cross the later is cut in two, and the second part is
marked by a plus sign before its label.
"""

import re
from html import escape

from tagger.output.cells import cell, probability_cell, probability_cells
from tagger.output.nesting import Piece, closed, nested, opened
from tagger.output.offsets import located, stretches
from tagger.output.page import colour_class, page_foot, page_head
from tagger.output.style import Format, Style
from tagger.sentence import Sentence

_not_in_a_page = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def as_html(sentence: Sentence, style: Style) -> str:
    """A paragraph with the text of the sentence."""
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    gaps, covered, rest = stretches(sentence)
    pieces = nested(sentence, style.span_columns)
    before, behind = opened(pieces), closed(pieces)
    parts = []
    rows = zip(gaps, covered, _tooltips(sentence, style), strict=True)
    for i, (gap, token, tooltip) in enumerate(rows):
        parts.append(_escaped(gap))
        parts += [f'<mark class="{colour_class(piece.label)}">' for piece in before.get(i, ())]
        parts.append(f'<span title="{_escaped(tooltip)}">{_escaped(token)}</span>')
        parts += [f"{_label(piece)}</mark>" for piece in behind.get(i, ())]
    return f'<p dir="auto">{"".join(parts)}{_escaped(rest)}</p>\n'


def html_header(style: Style) -> str:
    """The head of the page."""
    return page_head()


def begin_html(style: Style, name: str) -> str:
    """A heading where there are several inputs."""
    return "" if style.file is None else f'<h2 dir="auto">{_escaped(cell(name))}</h2>\n'


def _tooltips(sentence: Sentence, style: Style) -> list[str]:
    """For each token its tags and their probabilities, one column a line."""
    lines = [
        [
            f"{name}: {tag} {probability}".rstrip()
            for tag, probability in zip(
                sentence.columns[name], probability_cells(sentence, name), strict=True
            )
        ]
        for name in style.columns
    ]
    return list(map("\n".join, zip(*lines, strict=True))) or [""] * len(sentence)


def _label(piece: Piece) -> str:
    """The label of a span, which tells its column and probability to whoever points at it."""
    tooltip = f"{piece.name} {probability_cell(piece.probability)}".rstrip()
    return f'<small title="{_escaped(tooltip)}"> {_escaped(piece.title)}</small>'


def _escaped(text: str) -> str:
    """Text for a page; U+FFFD stands for what no page may hold: surrogates, control characters."""
    return escape(_not_in_a_page.sub("\ufffd", text))


HTML = Format(
    name="html",
    suffix=".html",
    sentence=as_html,
    header=html_header,
    begin=begin_html,
    footer=page_foot,
    probabilities=True,
)

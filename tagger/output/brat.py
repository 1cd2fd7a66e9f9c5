"""brat's standoff annotations: spans by their characters in a text that stays as it is.

Format: https://brat.nlplab.org/standoff.html. A file belongs to one text; offsets count from the
text's beginning, so sentences must come from text. Plain columns are not written.
"""

import re
from collections import Counter

from tagger.output.offsets import located
from tagger.output.spans import LocatedSpan, located_spans
from tagger.output.style import Format, Style
from tagger.sentence import Sentence

_not_in_a_label = re.compile(r"[^A-Za-z0-9_-]")
_line = re.compile(r"[^\r\n]+")


def as_brat(sentence: Sentence, style: Style) -> str:
    """A text-bound annotation for each span that covers any text.

    The place and the column make its ID, which is unique among all sentences of a text; where the
    words of a multiword token begin several spans there, these are numbered.
    """
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    names = style.span_columns
    lines = []
    seen: Counter[int] = Counter()
    for i, name in enumerate(names):
        for span in located_spans(sentence, name):
            if span.text.strip("\r\n"):
                number = span.start * len(names) + i + 1
                nth = f"-{seen[number]}" if seen[number] else ""
                seen[number] += 1
                lines.append(f"T{number}{nth}\t{_annotation(span)}\n")
    return "".join(lines)


def _annotation(span: LocatedSpan) -> str:
    """Label, places and text; over line breaks, a place in each line, or brat would refuse it."""
    pieces = list(_line.finditer(span.text))
    places = ";".join(f"{span.start + m.start()} {span.start + m.end()}" for m in pieces)
    text = " ".join(m[0] for m in pieces)
    return f"{_not_in_a_label.sub('_', span.label) or '_'} {places}\t{text}"


BRAT = Format(name="brat", suffix=".ann", sentence=as_brat)

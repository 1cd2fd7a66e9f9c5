"""Entities: one span a line without a header, made for `cut | sort | uniq -c`."""

from operator import attrgetter

from tagger.output.cells import cell, probability_cell
from tagger.output.offsets import located
from tagger.output.spans import located_spans
from tagger.output.style import Format, Style
from tagger.sentence import Sentence


def as_entities(sentence: Sentence, style: Style) -> str:
    """A line for each span: text, label, start, end, probability and, of several inputs, the name.

    White space of any kind inside a span's text is one blank.
    """
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    spans = [span for name in style.span_columns for span in located_spans(sentence, name)]
    spans.sort(key=attrgetter("start"))
    end_of_line = "\n" if style.file is None else f"\t{cell(style.file)}\n"
    lines = [
        f"{' '.join(text.split())}\t{label}\t{style.place(start)}\t{style.place(end)}"
        f"\t{probability_cell(p)}{end_of_line}"
        for label, start, end, text, p in spans
    ]
    return "".join(lines)


ENTITIES = Format(name="entities", suffix=".entities.tsv", sentence=as_entities, probabilities=True)

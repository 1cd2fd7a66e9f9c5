"""Plain columns: a form and its tags a line, tabs between, an empty line behind each sentence.

A sentence read from a column file keeps its own lines; only the predicted columns change.
"""

from tagger.output.cells import form_cells
from tagger.output.kept_lines import kept_lines
from tagger.output.style import Format, Style
from tagger.sentence import UNANNOTATED, Sentence


def as_conll(sentence: Sentence, style: Style) -> str:
    """One token a line: form and tags in the order of `style.columns`."""
    kept = kept_lines(sentence, style, "columns")
    if kept is not None:
        return kept
    if not sentence.forms:
        return ""
    columns = [sentence.columns[name] for name in style.columns]
    rows = zip(form_cells(sentence.forms, UNANNOTATED), *columns, strict=True)
    return "\n".join(map("\t".join, rows)) + "\n\n"


CONLL = Format(name="conll", suffix=".conll", sentence=as_conll)

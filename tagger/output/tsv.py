"""TSV: a table under a header, one token a line, an empty line behind each sentence.

Probabilities come last, one column `NAME_p` for each column of tags, empty where there are none,
so that the number of a column does not depend on them.
"""

from collections.abc import Iterable

from tagger.output.cells import cell, form_cells, probability_cells
from tagger.output.offsets import located
from tagger.output.style import Format, Style
from tagger.sentence import Sentence


def tsv_header(style: Style) -> str:
    """The first line: what each column is."""
    file = [] if style.file is None else ["file"]
    probabilities = [f"{name}_p" for name in style.columns]
    return "\t".join([*file, "form", "start", "end", *style.columns, *probabilities]) + "\n"


def as_tsv(sentence: Sentence, style: Style) -> str:
    """One token a line: form, offsets, tags, probabilities."""
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    starts, ends = zip(*(sentence.offsets or ()), strict=True)
    places: list[Iterable[int]] = [starts, ends]
    if style.bytes is not None:
        places = [[*map(style.place, starts)], [*map(style.place, ends)]]
    cells: list[Iterable[str]] = [form_cells(sentence.forms), *(map(str, of) for of in places)]
    cells += [sentence.columns[name] for name in style.columns]
    cells += [probability_cells(sentence, name) for name in style.columns]
    if style.file is not None:
        cells.insert(0, (cell(style.file),) * len(sentence))
    return "\n".join(map("\t".join, zip(*cells, strict=True))) + "\n\n"


TSV = Format(name="tsv", suffix=".tsv", sentence=as_tsv, header=tsv_header, probabilities=True)

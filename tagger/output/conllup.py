"""CoNLL-U Plus: the columns that are there under their names, one token a line.

Format: https://universaldependencies.org/ext-format.html. The first line of the output names the
columns: ID, FORM and those of the tags.
"""

from tagger.output.cells import cell, form_cells
from tagger.output.conllu import begin_conllu, multiword_lines
from tagger.output.offsets import located
from tagger.output.style import Format, Style
from tagger.sentence import UNANNOTATED, Sentence


def conllup_header(style: Style) -> str:
    """The first line: `# global.columns = ID FORM UPOS NER`."""
    return " ".join(["# global.columns =", "ID", "FORM", *map(str.upper, style.columns)]) + "\n"


def as_conllup(sentence: Sentence, style: Style) -> str:
    """The sentence's text, then a row for each word; a multiword token has one of its own."""
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    columns = [sentence.columns[name] for name in style.columns]
    numbers = map(str, range(1, len(sentence) + 1))
    rows = zip(numbers, form_cells(sentence.forms, UNANNOTATED), *columns, strict=True)
    lines = [f"{row}\n" for row in map("\t".join, rows)]
    for before, line in multiword_lines(sentence, 2 + len(columns)):
        lines[before] = line + lines[before]
    return f"# text = {cell(sentence.text or '')}\n{''.join(lines)}\n"


CONLLUP = Format(
    name="conllup",
    suffix=".conllup",
    sentence=as_conllup,
    header=conllup_header,
    begin=begin_conllu,
)

"""CoNLL-U: ten columns, one token a line.

A sentence read from CoNLL-U keeps its own lines; only the predicted columns change. Any other
gets its text, its forms and its tags, and SpaceAfter=No where no blank follows.
"""

from collections.abc import Sequence

from tagger.corpus.conllu import TAG_FIELDS
from tagger.output.cells import cell, form_cells
from tagger.output.kept_lines import kept_lines
from tagger.output.offsets import located
from tagger.output.style import Format, Style
from tagger.sentence import UNANNOTATED, Sentence

NO_BLANK = "SpaceAfter=No"


def as_conllu(sentence: Sentence, style: Style) -> str:
    """CoNLL-U; columns other than UPOS, XPOS and FEATS go into MISC as `NER=B-PER`."""
    kept = kept_lines(sentence, style, "conllu")
    if kept is not None:
        return kept
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    length = len(sentence)
    unannotated = (UNANNOTATED,) * length
    upos, xpos, feats = [
        sentence.columns[name] if name in style.columns else unannotated for name in TAG_FIELDS
    ]
    rows = zip(
        range(1, length + 1),
        form_cells(sentence.forms, UNANNOTATED),
        *(upos, xpos, feats),
        _misc(sentence, style),
        strict=True,
    )
    lines = [
        f"{number}\t{form}\t_\t{upos}\t{xpos}\t{feats}\t_\t_\t_\t{misc}\n"
        for number, form, upos, xpos, feats, misc in rows
    ]
    return f"# text = {cell(sentence.text or '')}\n{''.join(lines)}\n"


def _misc(sentence: Sentence, style: Style) -> Sequence[str]:
    """The last cell of each token: whether a blank follows it, and the tags without a field."""
    keys = {name.upper(): name for name in style.columns if name not in TAG_FIELDS}
    if not keys:
        return _blanks(sentence, NO_BLANK, UNANNOTATED)
    cells = _blanks(sentence, f"{NO_BLANK}|", "")
    bar = ""
    for key, name in keys.items():
        before = f"{bar}{key}="
        tags = sentence.columns[name]
        cells = [f"{pairs}{before}{tag}" for pairs, tag in zip(cells, tags, strict=True)]
        bar = "|"
    return cells


def _blanks(sentence: Sentence, glued: str, separate: str) -> list[str]:
    """Whether the next token stands right behind each token; none does behind the last."""
    starts, ends = zip(*(sentence.offsets or ()), strict=True)
    cells = [
        glued if start <= end else separate for start, end in zip(starts[1:], ends, strict=False)
    ]
    return [*cells, separate]


def begin_conllu(style: Style, name: str) -> str:
    """The mark of a new document where there are several."""
    return "" if style.file is None else f"# newdoc id = {cell(name)}\n"


CONLLU = Format(name="conllu", suffix=".conllu", sentence=as_conllu, begin=begin_conllu)

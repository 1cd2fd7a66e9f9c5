"""CoNLL-U: ten columns, one token a line.

A sentence read from CoNLL-U keeps its own lines; only the predicted columns change. Any other
gets its text, its forms and its tags, a line for each multiword token, and SpaceAfter=No where no
blank follows.
"""

from collections.abc import Sequence

from tagger.corpus.conllu import FIELDS, TAG_FIELDS
from tagger.output.cells import cell, form_cells
from tagger.output.kept_lines import kept_lines
from tagger.output.offsets import located
from tagger.output.style import Format, Style
from tagger.sentence import UNANNOTATED, Sentence, multiword_tokens

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
    for before, line in multiword_lines(sentence, len(FIELDS), with_misc=True):
        lines[before] = line + lines[before]
    return f"# text = {cell(sentence.text or '')}\n{''.join(lines)}\n"


def multiword_lines(
    sentence: Sentence, width: int, *, with_misc: bool = False
) -> list[tuple[int, str]]:
    """The lines of multiword tokens, each with the number of the word (from 0) it stands before.

    They have so many columns, of which the last may be MISC and say whether a blank follows.
    """
    found = []
    offsets, text = sentence.offsets or (), sentence.text or ""
    for first, end in multiword_tokens(sentence):
        start, stop = offsets[first]
        form = cell(text[start - sentence.start : stop - sentence.start])
        cells = [f"{first + 1}-{end}", form, *[UNANNOTATED] * (width - 2)]
        if with_misc and not _has_space_after(sentence, end - 1):
            cells[-1] = NO_BLANK
        found.append((first, "\t".join(cells) + "\n"))
    return found


def _has_space_after(sentence: Sentence, i: int) -> bool:
    offsets = sentence.offsets or ()
    if i + 1 == len(offsets):
        return sentence.space_after
    return offsets[i][1] < offsets[i + 1][0]


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
    """Whether something stands right behind each token; for multiword ones their own line says it.

    At the end of a sentence that is the next one.
    """
    starts, ends = zip(*(sentence.offsets or ()), strict=True)
    cells = [
        glued if start <= end else separate for start, end in zip(starts[1:], ends, strict=False)
    ]
    cells.append(separate if sentence.space_after else glued)
    for first, end in multiword_tokens(sentence):
        cells[first:end] = [separate] * (end - first)
    return cells


def begin_conllu(style: Style, name: str) -> str:
    """The mark of a new document where there are several."""
    return "" if style.file is None else f"# newdoc id = {cell(name)}\n"


CONLLU = Format(name="conllu", suffix=".conllu", sentence=as_conllu, begin=begin_conllu)

"""Sentences back to the lines they were read from, with nothing changed but the tags.

Only sentences that were read from a corpus can be written here; `output/` writes any sentence in
any format.
"""

import re
from collections.abc import Iterable, Sequence

from tagger.corpus.conllu import with_misc_value
from tagger.corpus.lines import BLANKS
from tagger.sentence import Layout, Sentence

_parts = re.compile(r"([ \t]+)").split


def rewrite_sentence(sentence: Sentence, names: Iterable[str] = ()) -> str:
    """The sentence's own lines, in which the columns called `names` now hold its tags.

    A column that the file did not have is added behind the last one (in CoNLL-U: in MISC).
    """
    source = sentence.source
    if source is None:
        raise ValueError("a sentence that was not read from a corpus has no lines to write")
    names = tuple(names)
    if not names:
        return "".join(source.lines)
    lines = list(source.lines)
    contents = [lines[row].rstrip("\r\n") for row in source.rows]
    cells = _cells(contents, names, source.layout)
    for name in names:
        _set_tags(cells, name, sentence.columns[name], source.layout)
    joined = ("\t" if source.layout.separator == "\t" else "").join
    for row, content, fields in zip(source.rows, contents, cells, strict=True):
        lines[row] = joined(fields) + lines[row][len(content) :]
    return "".join(lines)


def with_blank_line(text: str) -> str:
    """The lines of a sentence with a blank line behind, lest the next file's join them."""
    end = "\r\n" if "\r\n" in text else "\n"
    text = text if text.endswith("\n") else text + end
    last_line = text.rsplit("\n", 2)[-2]
    return text + end if last_line.strip(BLANKS) else text


def _cells(contents: list[str], names: Sequence[str], layout: Layout) -> list[list[str]]:
    """The cells of each token up to the last that is replaced; all behind that one is one more.

    Those of a layout with blanks have the blanks themselves between them.
    """
    columns = layout.columns
    replaced = max((columns[name] + 1 for name in names if name in columns), default=0)
    if layout.separator == "\t":
        return [content.split("\t", replaced) for content in contents]
    if replaced == 0:
        return [[content] for content in contents]
    return [_parts(content, replaced) for content in contents]


def _set_tags(cells: list[list[str]], name: str, tags: tuple[str, ...], layout: Layout) -> None:
    """Sets or adds one column in these cells."""
    if name in layout.columns:
        at = layout.columns[name] * (1 if layout.separator == "\t" else 2)
        for fields, tag in zip(cells, tags, strict=True):
            fields[at] = tag
    elif layout.kind == "conllu":
        key = name.upper()
        for fields, tag in zip(cells, tags, strict=True):
            before, tab, misc = fields[-1].rpartition("\t")
            fields[-1] = before + tab + with_misc_value(misc, key, tag)
    else:
        gap = [] if layout.separator == "\t" else [" "]
        for fields, tag in zip(cells, tags, strict=True):
            fields += [*gap, tag]

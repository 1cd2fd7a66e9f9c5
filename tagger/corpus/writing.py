"""Sentences back to the lines they were read from, with nothing changed but the tags.

Only sentences that were read from a corpus can be written here; `output/` writes any sentence in
any format.
"""

import re
from collections.abc import Iterable, Sequence

from tagger.corpus.conllu import MISC_FIELD, with_misc_value
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
    lines = list(source.lines)
    for name in names:
        tags = sentence.columns[name]
        for row, tag in zip(source.rows, tags, strict=True):
            lines[row] = _with_tag(lines[row], name, tag, source.layout)
    return "".join(lines)


def with_blank_line(text: str) -> str:
    """The lines of a sentence with a blank line behind, lest the next file's join them."""
    end = "\r\n" if "\r\n" in text else "\n"
    text = text if text.endswith("\n") else text + end
    last_line = text.rsplit("\n", 2)[-2]
    return text + end if last_line.strip(BLANKS) else text


def _with_tag(line: str, name: str, tag: str, layout: Layout) -> str:
    """One token line with the tag of one column replaced or added."""
    content = line.rstrip("\r\n")
    end = line[len(content) :]
    if layout.kind == "conllu" and name not in layout.columns:
        fields = content.split("\t")
        fields[MISC_FIELD] = with_misc_value(fields[MISC_FIELD], name.upper(), tag)
        return "\t".join(fields) + end
    if layout.separator == "\t":
        return "\t".join(_replaced(content.split("\t"), name, tag, layout, 1)) + end
    parts = _parts(content)
    if name in layout.columns:
        return "".join(_replaced(parts, name, tag, layout, 2)) + end
    return f"{content} {tag}{end}"


def _replaced(parts: Sequence[str], name: str, tag: str, layout: Layout, stride: int) -> list[str]:
    """Fields (every `stride`-th part) with the one called `name` replaced or appended."""
    field = layout.columns.get(name)
    if field is None:
        return [*parts, tag]
    at = field * stride
    return [*parts[:at], tag, *parts[at + 1 :]]

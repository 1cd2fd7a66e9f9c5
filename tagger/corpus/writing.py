"""Sentences back to the lines they were read from, with nothing changed but the tags.

Only sentences that were read from a corpus can be written here; `output/` writes any sentence in
any format.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tagger.corpus.brackets import brackets_from_tags
from tagger.corpus.columns import GLOBAL_COLUMNS
from tagger.corpus.conllu import with_misc_value
from tagger.corpus.lines import BLANKS
from tagger.corpus.pairs import rewrite_pairs
from tagger.sentence import UNANNOTATED, Layout, Sentence, Source

BOM = "\ufeff"
_parts = re.compile(r"([ \t]+)").split


def rewrite_sentence(sentence: Sentence, names: Iterable[str] = ()) -> str:
    """The sentence's own lines, in which the columns called `names` now hold its tags.

    A column that the file did not have is added behind the last one (in CoNLL-U: in MISC).
    """
    source = sentence.source
    if source is None or not has_lines(source):
        raise ValueError(
            "a sentence that was not read from a corpus of lines has no lines to write"
        )
    names = tuple(names)
    if not names:
        return source.text
    if source.layout.kind == "pairs":
        return rewrite_pairs(sentence, source, names)
    quick = _rewritten_at_once(sentence, source, names)
    return _rewritten_by_line(sentence, source, names) if quick is None else quick


def settled(sentence: Sentence, columns: Mapping[str, tuple[str, ...]]) -> Sentence:
    """The sentence with these columns, which its own lines now hold, if it has lines.

    Columns that the lines do not have yet must still be named to be written, but in CoNLL-U.
    """
    changed = sentence.with_columns(columns)
    source = sentence.source
    if source is None or not has_lines(source):
        return changed
    known, in_misc = source.layout.columns, source.layout.kind == "conllu"
    text = rewrite_sentence(changed, [name for name in columns if in_misc or name in known])
    return msgspec.structs.replace(changed, source=msgspec.structs.replace(source, text=text))


def has_lines(source: Source) -> bool:
    """Whether the sentence stood in lines of tokens, which can be written again."""
    return source.layout.kind in ("conllu", "columns", "pairs")


def _rewritten_at_once(sentence: Sentence, source: Source, names: Sequence[str]) -> str | None:
    """The whole sentence cut at its tabs and joined again, None where that is not so simple.

    With LF between lines of `width` fields, field f of line i is piece i * (width - 1) + f, the
    last one together with the next line's first.
    """
    layout, rows, text = source.layout, source.rows, source.text
    if layout.separator != "\t" or layout.width is None or "\r" in text:
        return None
    begin = 0
    for _ in range(rows[0]):
        begin = text.find("\n", begin) + 1
    body = text[begin:].rstrip("\n")
    pieces = body.split("\t")
    stride = layout.width - 1
    fields = [layout.columns.get(name, stride) for name in names]
    is_added = layout.kind == "columns" and not layout.columns.keys() >= set(names)
    is_regular = len(pieces) == stride * (body.count("\n") + 1) + 1
    if is_added or 0 in fields or not is_regular or not layout.brackets.isdisjoint(names):
        return None
    every = len(pieces) == stride * len(rows) + 1  # all lines are tokens
    for name, field in zip(names, fields, strict=True):
        tags: Sequence[str] = sentence.columns[name]
        places = range(field, len(pieces), stride) if every else _places(rows, stride, field)
        if field == stride:
            key = "" if name in layout.columns else f"{name.upper()}="
            tags = [_with_last(pieces[i], key, tag) for i, tag in zip(places, tags, strict=True)]
        if every:
            pieces[field::stride] = tags
        else:
            for i, tag in zip(places, tags, strict=True):
                pieces[i] = tag
    return "".join([text[:begin], "\t".join(pieces), text[begin + len(body) :]])


def _places(rows: Sequence[int], stride: int, field: int) -> list[int]:
    """Where a field of each token is among the pieces."""
    return [stride * (row - rows[0]) + field for row in rows]


def _with_last(piece: str, key: str, tag: str) -> str:
    """A line's last field and what follows it, the tag set in the field or under a key of it."""
    last, lf, following = piece.partition("\n")
    if key and tag == UNANNOTATED and key not in last:
        return piece
    if not key or last == UNANNOTATED:
        return f"{key}{tag}{lf}{following}"
    if key not in last:
        return f"{last}|{key}{tag}{lf}{following}"
    return f"{with_misc_value(last, key[:-1], tag)}{lf}{following}"


def _rewritten_by_line(sentence: Sentence, source: Source, names: Sequence[str]) -> str:
    """Line by line, whatever they are like."""
    bom = BOM if source.line == 1 and source.text.startswith(BOM) else ""
    lines = list(source.lines)
    lines[0] = lines[0].removeprefix(bom)
    contents = [lines[row].rstrip("\r\n") for row in source.rows]
    cells = _cells(contents, names, source.layout)
    for name in names:
        tags = sentence.columns[name]
        in_brackets = name in source.layout.brackets
        _set_tags(cells, name, brackets_from_tags(tags) if in_brackets else tags, source.layout)
        _name_in_header(lines, name, source.layout)
    joined = ("\t" if source.layout.separator == "\t" else "").join
    for row, content, fields in zip(source.rows, contents, cells, strict=True):
        lines[row] = joined(fields) + lines[row][len(content) :]
    return bom + "".join(lines)


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


def _name_in_header(lines: list[str], name: str, layout: Layout) -> None:
    """Adds a new column to the first line of CoNLL-U Plus, which names them all."""
    if layout.kind != "columns" or name in layout.columns:
        return
    if lines[0].removeprefix("\ufeff").startswith(GLOBAL_COLUMNS):
        content = lines[0].rstrip("\r\n")
        lines[0] = f"{content} {name.upper()}{lines[0][len(content) :]}"


def _set_tags(cells: list[list[str]], name: str, tags: Sequence[str], layout: Layout) -> None:
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

"""Sentences as CoNLL-U, TSV or JSON lines: one function per format, sentence in, text out.

A sentence read from CoNLL-U and written as CoNLL-U keeps its own lines; only the predicted columns
change. `Style` says which columns to write and whether the file's name belongs in the output.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tagger.corpus.conllu import FIELDS, MISC_FIELD, TAG_FIELDS, with_misc_value
from tagger.corpus.writing import rewrite_sentence, with_blank_line
from tagger.output.offsets import located
from tagger.schemes import spans_from_tags
from tagger.sentence import UNANNOTATED, Sentence

_breaks = re.compile(r"[\t\r\n]")


@dataclass(frozen=True, slots=True)
class Style:
    """`columns` to write, in order; `spans` are those of them that hold spans; the input's name.

    `file` is None where there is only one input.
    """

    columns: tuple[str, ...]
    spans: frozenset[str]
    file: str | None = None


def as_conllu(sentence: Sentence, style: Style) -> str:
    """CoNLL-U; columns other than UPOS, XPOS and FEATS go into MISC as `NER=B-PER`."""
    if sentence.source is not None and sentence.source.layout.kind == "conllu":
        text = rewrite_sentence(sentence, style.columns if sentence.forms else ())
        return text if style.file is None else with_blank_line(text)
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    lines = [f"# text = {_breaks.sub(' ', sentence.text or '')}"]
    for i, form in enumerate(sentence.forms):
        cells = [UNANNOTATED] * len(FIELDS)
        cells[0], cells[1] = str(i + 1), _breaks.sub(" ", form) or UNANNOTATED
        if not _blank_follows(sentence, i):
            cells[MISC_FIELD] = "SpaceAfter=No"
        for name in style.columns:
            tag = sentence.columns[name][i]
            if name in TAG_FIELDS:
                cells[TAG_FIELDS[name]] = tag
            else:
                cells[MISC_FIELD] = with_misc_value(cells[MISC_FIELD], name.upper(), tag)
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n\n"


def _blank_follows(sentence: Sentence, i: int) -> bool:
    offsets = sentence.offsets or ()
    return i + 1 >= len(offsets) or offsets[i + 1][0] > offsets[i][1]


def tsv_header(style: Style) -> str:
    """The first line of TSV: what each column is."""
    names = ["form", "start", "end", *style.columns]
    return "\t".join([*(["file"] if style.file is not None else []), *names]) + "\n"


def as_tsv(sentence: Sentence, style: Style) -> str:
    """One token a line: form, offsets, tags; an empty line after each sentence."""
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    columns = [sentence.columns[name] for name in style.columns]
    prefix = "" if style.file is None else f"{style.file}\t"
    rows = zip(sentence.forms, sentence.offsets or (), zip(*columns, strict=True), strict=True)
    lines = [
        f"{prefix}{_breaks.sub(' ', form)}\t{start}\t{end}\t" + "\t".join(tags)
        for form, (start, end), tags in rows
    ]
    return "\n".join(lines) + "\n\n"


def as_jsonl(sentence: Sentence, style: Style) -> str:
    """One sentence a line: text, its place, tokens with offsets and tags, spans with their text."""
    if not sentence.forms:
        return ""
    sentence = located(sentence)
    offsets = sentence.offsets or ()
    tokens: list[dict[str, object]] = [
        {
            "form": form,
            "start": start,
            "end": end,
            **{name: sentence.columns[name][i] for name in style.columns},
        }
        for i, (form, (start, end)) in enumerate(zip(sentence.forms, offsets, strict=True))
    ]
    row: dict[str, object] = {"file": style.file} if style.file is not None else {}
    row |= {"start": sentence.start, "text": sentence.text, "tokens": tokens}
    row |= {
        f"{name}_spans": _spans(sentence, name) for name in style.columns if name in style.spans
    }
    return msgspec.json.encode(row).decode() + "\n"


def _spans(sentence: Sentence, name: str) -> list[dict[str, object]]:
    offsets, text = sentence.offsets or (), sentence.text or ""
    found = []
    for span in spans_from_tags(sentence.columns[name]):
        start, end = offsets[span.start][0], offsets[span.end - 1][1]
        covered = text[start - sentence.start : end - sentence.start]
        found.append({"label": span.label, "start": start, "end": end, "text": covered})
    return found


FORMATS: dict[str, Callable[[Sentence, Style], str]] = {
    "conllu": as_conllu,
    "tsv": as_tsv,
    "jsonl": as_jsonl,
}

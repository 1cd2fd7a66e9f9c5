"""brat's standoff annotations to sentences: `doc.ann` says what the characters of `doc.txt` are.

Format: https://brat.nlplab.org/standoff.html. Only text-bound annotations (`T1`) are read; how
many others there are is told. A span in several parts is read as one from the first part to the
last; where more than white space lies between them that is told too.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path

import msgspec

from tagger.corpus.lines import decode_lines, open_corpus
from tagger.corpus.standoff import check_span, sentences_from_spans
from tagger.errors import CorpusError, TaggerError
from tagger.sentence import Sentence, Span

OTHERS = {
    "R": "relations",
    "E": "events",
    "A": "attributes",
    "M": "modifications",
    "N": "normalizations",
    "#": "notes",
    "*": "equivalences",
}
_places = re.compile(r"(\S+) ([0-9]{1,18} [0-9]{1,18}(?:;[0-9]{1,18} [0-9]{1,18})*)")
_number = re.compile(r"[0-9]+")
_white = re.compile(r"\s")


def read_brat(
    path: str | Path, *, layers: int = 1, remarks: list[str] | None = None
) -> Iterator[Sentence]:
    """The sentences of a document, of which `path` names either file; places are in the text.

    Sentences have at least `layers` columns of spans. What was not read or not read exactly is
    added to `remarks`. Raises TaggerError where one of the two files is missing, CorpusError at a
    line that is no annotation or does not say what the text says.
    """
    text_path, annotations_path = brat_files(Path(path))
    with open_corpus(text_path) as stream:
        lines = list(decode_lines(stream, str(text_path)))
    text = "".join(lines)
    with open_corpus(annotations_path) as stream:
        annotations = list(decode_lines(stream, str(annotations_path)))
    spans = _spans(annotations, text, str(annotations_path), [] if remarks is None else remarks)
    sentences = sentences_from_spans(
        text, spans, path=str(text_path), line=1, layers=layers, kind="brat"
    )
    line_starts = [0, *accumulate(map(len, lines))]
    return (_placed(sentence, line_starts) for sentence in sentences)


def brat_files(path: Path) -> tuple[Path, Path]:
    """The text and its annotations; raises TaggerError unless both are there."""
    if path.suffix not in (".ann", ".txt"):
        raise TaggerError(f"{path}: expected brat's .ann or .txt file, found {path.suffix!r}")
    files = path.with_suffix(".txt"), path.with_suffix(".ann")
    for file in files:
        if not file.is_file():
            raise TaggerError(f"{file}: no such file (brat has a .txt and a .ann of one name)")
    return files


def _spans(lines: list[str], text: str, path: str, remarks: list[str]) -> list[Span]:
    """The text-bound annotations among the lines; remarks on all others."""
    spans = []
    others: Counter[str] = Counter()
    for number, line in enumerate(lines, 1):
        content = line.removesuffix("\n").removesuffix("\r")
        content = content.removeprefix("\ufeff") if number == 1 else content
        kind = content[:1]
        if kind == "T":
            spans.append(_span(content, text, path, number, remarks))
        elif kind in OTHERS:
            others[OTHERS[kind]] += 1
        elif content.strip():
            problem = f"expected an annotation such as T1, R1 or #1, found {content[:20]!r}"
            raise CorpusError(path, number, 1, problem)
    if others:
        counted = ", ".join(f"{name} ({count})" for name, count in others.items())
        remarks.append(f"{path}: not read: {counted}")
    return spans


def _span(content: str, text: str, path: str, number: int, remarks: list[str]) -> Span:
    """What a line such as `T1<TAB>PER 0 4<TAB>Anna` says, checked against the text."""
    fields = content.split("\t", 2)
    match = _places.fullmatch(fields[1]) if len(fields) == 3 else None
    if match is None:
        field = min(len(fields), 2)
        problem = f"expected a line such as T1<TAB>PER 0 4<TAB>Anna, found {content[:60]!r}"
        raise CorpusError(path, number, field, problem)
    ends = [int(digits) for digits in _number.findall(match[2])]
    parts = [Span(ends[i], ends[i + 1], match[1]) for i in range(0, len(ends), 2)]
    for part in parts:
        check_span(part, text, path, number, field=2)
    covered = " ".join(text[part.start : part.end] for part in parts)
    if _white.sub(" ", fields[2]) != _white.sub(" ", covered):
        problem = f"expected {covered!r} as in the text, found {fields[2]!r} (another text file?)"
        raise CorpusError(path, number, 3, problem)
    parts.sort()
    whole = Span(parts[0].start, max(part.end for part in parts), match[1])
    if any(text[before.end : after.start].strip() for before, after in pairwise(parts)):
        found = f"{fields[0]} is in parts with other words between ({match[2]})"
        remarks.append(f"{path}:{number}: {found}: read as {whole.start} {whole.end}")
    return whole


def _placed(sentence: Sentence, line_starts: list[int]) -> Sentence:
    """The sentence with the lines of the text in which its tokens stand."""
    source, offsets = sentence.source, sentence.offsets
    assert source is not None
    assert offsets is not None
    lines = [bisect_right(line_starts, start) for start, _ in offsets]
    rows = tuple([line - lines[0] for line in lines])
    return msgspec.structs.replace(
        sentence, source=msgspec.structs.replace(source, line=lines[0], rows=rows)
    )

"""What must hold for any file whatever, in which the fuzzer looks for one that breaks it.

Each function takes a path and what is said of the file, and gives marks of what it met there. It
raises TaggerError where the file cannot be used, and BrokenError where a promise is not kept.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tagger.corpus.columns import split_fields
from tagger.corpus.conllu import read_conllu_text
from tagger.corpus.files import CorpusFile, open_corpus_file, parse_text
from tagger.corpus.lengths import cut
from tagger.corpus.lines import UTF8, decode_lines, open_corpus
from tagger.corpus.overruling import Asked
from tagger.corpus.problems.checker import Checker
from tagger.corpus.problems.codes import CODES
from tagger.corpus.repairs import Repair, repaired
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import TaggerError
from tagger.output.formats import FormatName, find_format
from tagger.output.style import Style
from tagger.schemes import is_span_tag
from tagger.sentence import FORM, Sentence

Promise = Callable[[Path, Asked], set[str]]
NAMES = ("form", "upos", "xpos", "feats", "chunk", "ner", "ner2", "ner3")
OF_LINES = ("conllu", "columns", "pairs")
MENDED = {"byte-order-mark", "crlf", "no-final-newline", "blank-line-with-blanks"}  # in any file


class BrokenError(Exception):
    """A promise that was not kept; its text is the promise."""


def promise(text: str, is_kept: bool) -> None:
    """Raises BrokenError unless it is kept."""
    if not is_kept:
        raise BrokenError(text)


def read(path: Path, asked: Asked) -> set[str]:
    """Reading gives whole sentences, which written back are the file."""
    corpus = open_corpus_file(path, asked)
    layout = corpus.dialect.layout
    sentences = list(corpus.with_empty())
    for sentence in sentences:
        _check_whole(sentence)
    if layout.kind in OF_LINES:
        text = _text(corpus)
        promise("all lines are kept", "".join(map(rewrite_sentence, sentences)) == text)
        promise("parsed as a whole it is the same", _parsed(text, corpus) == sentences)
        for sentence in sentences:
            _check_lines(sentence)
    named = [name for name in NAMES if name in layout.columns]
    return {f"read {layout.kind}", *(f"read column {name}" for name in named)}


def _text(corpus: CorpusFile) -> str:
    with open_corpus(corpus.path) as stream:
        return "".join(decode_lines(stream, corpus.path, encoding=corpus.encoding))


def _parsed(text: str, corpus: CorpusFile) -> list[Sentence]:
    return list(parse_text(text, corpus.path, corpus.dialect.layout))


def _check_whole(sentence: Sentence) -> None:
    length = len(sentence)
    columns = sentence.columns.values()
    promise("columns have a tag for each token", all(len(tags) == length for tags in columns))
    promise("tags stand on one line", not any("\n" in tag for tags in columns for tag in tags))
    source = sentence.source
    promise("each token has a row", source is not None and len(source.rows) == length)
    if sentence.offsets is not None:
        text, begin = sentence.text or "", sentence.start
        stretches = tuple(text[start - begin : end - begin] for start, end in sentence.offsets)
        promise("offsets give the forms", stretches == sentence.forms)


def _check_lines(sentence: Sentence) -> None:
    """Each token is the one of its line, and its tags written again change nothing."""
    source = sentence.source
    if source is None or not sentence.forms:
        return
    layout = source.layout
    rewritten = rewrite_sentence(sentence, sentence.columns)
    if layout.brackets.isdisjoint(sentence.columns):
        promise("the same tags written again change nothing", rewritten == source.text)
    added = sentence.with_columns({"added": ("ADDED-X",) * len(sentence)})
    with_x = rewrite_sentence(added, ["added"]).split("\n")
    promise("a column is added to no other line", len(with_x) == source.text.count("\n") + 1)
    promise("a column is added to each token", all("ADDED-X" in with_x[row] for row in source.rows))
    if layout.kind == "pairs":
        return
    lines = source.lines
    for form, row in zip(sentence.forms, source.rows, strict=True):
        first = row == 0 and source.line == 1
        line = lines[row].removeprefix("\ufeff") if first else lines[row]
        found = split_fields(line, layout)[layout.columns[FORM]]
        promise("a token is that of its line", found == form)


def check(path: Path, asked: Asked) -> set[str]:
    """Checking gives findings with a place and a known code; what cannot be read is one."""
    findings = Checker().check(path, asked)
    is_plain = not path.suffix and asked.encoding == UTF8
    num_lines = path.read_bytes().count(b"\n") + 1 if is_plain else sys.maxsize
    for finding in findings:
        promise("a finding has a known code", finding.code in CODES)
        promise("a finding has a place", 0 < finding.line <= num_lines and finding.column > 0)
        promise("a finding is told on one line", "\n" not in str(finding))
    codes = {finding.code for finding in findings}
    try:
        list(open_corpus_file(path, asked))
        promise("what can be read is not called unreadable", "unreadable" not in codes)
    except TaggerError:
        promise("what cannot be read is found", bool(findings))
    return {f"check {code}" for code in codes} or {"check nothing"}


def repair(path: Path, asked: Asked) -> set[str]:
    """Repairs are told, what is repaired can be read, and there is nothing in it to repair."""
    corpus = open_corpus_file(path, asked)
    layout = corpus.dialect.layout
    told: list[Repair] = []
    if layout.kind not in OF_LINES:
        list(repaired(corpus, told.append))
        return {f"repair {layout.kind}"}
    once = _repaired(corpus, told)
    if not told:
        promise("what is changed is told", once == _text(corpus))
    copy = path.with_name("repaired")
    copy.write_bytes(once.encode())
    more: list[Repair] = []
    try:
        twice = _repaired(CorpusFile(str(copy), corpus.dialect), more)
    except TaggerError:
        raise BrokenError("what is repaired can be read") from None
    promise("nothing is repaired twice", not more)
    promise("a second repair changes nothing", once == twice)
    codes = {finding.code for finding in Checker().check(copy)}
    promise("what is repaired is found no more", codes.isdisjoint(MENDED))
    read(copy, Asked())
    return {f"repair {repair.code}" for repair in told} or {"repair nothing"}


def _repaired(corpus: CorpusFile, told: list[Repair]) -> str:
    sentences = repaired(corpus, told.append)
    return "".join(map(rewrite_sentence, sentences))


def shorten(path: Path, asked: Asked) -> set[str]:
    """Long sentences cut into pieces lose no token, and the pieces' lines can be read."""
    marks = {"cut nothing"}
    for sentence in open_corpus_file(path, asked):
        pieces = cut(sentence, 2)
        forms = tuple(form for piece in pieces for form in piece.forms)
        promise("no token is lost where a sentence is cut", forms == sentence.forms)
        for source in [piece.source for piece in pieces if piece.source and len(pieces) > 1]:
            try:
                again = list(parse_text(source.text, source.path, source.layout, source.line))
            except TaggerError:
                raise BrokenError("a piece can be read") from None
            piece = pieces[0]
            pieces = pieces[1:]
            promise("a piece is read as it is", [s.forms for s in again] == [piece.forms])
            marks = {f"cut {source.layout.kind}"}
    return marks


def write(format: FormatName, path: Path, asked: Asked) -> set[str]:
    """All sentences can be written; CoNLL-U that is written can be read, token by token."""
    to_text = find_format(format).sentence
    for sentence in open_corpus_file(path, asked).with_empty():
        columns = sentence.columns
        spans = frozenset(name for name, tags in columns.items() if all(map(is_span_tag, tags)))
        written = to_text(sentence, Style(tuple(columns), spans))
        promise("what is written is UTF-8", written.encode().decode() == written)
        if format == FormatName.conllu and written:
            (again,) = read_conllu_text(written, "written")
            promise("CoNLL-U that is written can be read", len(again) == len(sentence))
    return {f"write {format}"}


ACTIONS: dict[str, tuple[float, Promise]] = {
    "read": (0.4, read),
    "check": (0.25, check),
    "repair": (0.15, repair),
    "cut": (0.05, shorten),
    **{f"write {format}": (0.015, partial(write, format)) for format in FormatName},
}

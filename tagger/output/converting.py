"""Corpora from one format to another: columns filled in, comments and documents carried over."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import msgspec

from tagger.corpus.columns import DOCUMENT_MARK, GLOBAL_COLUMNS, is_document_mark
from tagger.corpus.conllu import TAG_FIELDS, TEXT_COMMENT
from tagger.corpus.documents import document_of, may_have_marks
from tagger.corpus.lines import BLANKS
from tagger.corpus.numbering import text_comment
from tagger.corpus.writing import rewrite_sentence, with_blank_line
from tagger.output.brat import as_brat
from tagger.output.offsets import located
from tagger.output.style import Format, Style
from tagger.schemes import is_span_column
from tagger.sentence import UNANNOTATED, Sentence

WITH_COMMENTS = frozenset(["conllu", "conllup"])
KEPT = {"conllu": "conllu", "conll": "columns", "pairs": "pairs"}  # a format: whose lines it keeps
BOM = "\ufeff"


def survey(sentences: Iterable[Sentence]) -> Style:
    """The columns that sentences have, in order of appearance, and which of them hold spans."""
    counts: dict[str, Counter[str]] = {}
    for sentence in sentences:
        for name, tags in sentence.columns.items():
            if name not in counts:
                counts[name] = Counter()
            counts[name].update(tags)
    spans = frozenset(name for name, tags in counts.items() if is_span_column(tags))
    usual = [name for name in TAG_FIELDS if name in counts]
    others = [name for name in counts if name not in TAG_FIELDS]
    return Style((*usual, *others), spans)


class Converter:
    """Writes the sentences of corpora, one after the other, in a format they were not all read in.

    Comments go along where the format has comments; marks of documents become `# newdoc` there and
    `-DOCSTART-` in columns. Those of a block without tokens wait for the next sentence. Sentences
    of CoNLL-U among others keep their lines in CoNLL-U.
    """

    def __init__(self, format: Format, style: Style) -> None:
        self._format = format
        self._style = style
        self._has_comments = format.name in WITH_COMMENTS
        self._waiting: list[str] = []  # comments and marks that the next sentence begins with
        self._document: object = None

    def header(self) -> str:
        """What stands before everything."""
        return self._format.header(self._style)

    def footer(self) -> str:
        """What stands behind everything; first the comments behind the last sentence."""
        left = [line for line in self._waiting if line != self._mark]
        return "".join([*left, "\n" if left else "", self._format.footer()])

    def text(self, sentence: Sentence) -> str:
        """The lines of a sentence, nothing for one without tokens."""
        source = sentence.source
        if source is not None and source.layout.kind == self._format.name == "conllu":
            begun, self._waiting = "".join(self._waiting), []
            kept = self._format.sentence(self._completed(sentence), self._style)
            if source.line == 1:
                kept = kept[len(_header_of(kept)) :].removeprefix(BOM)
            return begun + with_blank_line(kept)
        before, after = self._beside(sentence)
        self._waiting += before
        if not sentence.forms:
            self._waiting += after
            return ""
        anew = msgspec.structs.replace(self._completed(sentence), source=None)
        written = self._format.sentence(anew, self._style)
        begun, self._waiting = "".join(self._waiting), after
        return begun + written

    def _completed(self, sentence: Sentence) -> Sentence:
        """With `_` in the columns that the sentence lacks, and the text that its comments say."""
        source = sentence.source
        if sentence.text is None and source and sentence.forms and TEXT_COMMENT in source.text:
            sentence = msgspec.structs.replace(sentence, text=text_comment(source))
        missing = {
            name: (UNANNOTATED,) * len(sentence)
            for name in self._style.columns
            if name not in sentence.columns
        }
        return sentence.with_columns(missing) if missing and sentence.forms else sentence

    def _beside(self, sentence: Sentence) -> tuple[list[str], list[str]]:
        """Lines of this format for the comments and marks before a sentence and behind it."""
        source = sentence.source
        if source is None:
            return [], []
        if source.layout.kind in ("jsonl", "brat"):
            is_new, self._document = self._document != document_of(source), document_of(source)
            return ([self._mark] if is_new and self._mark else []), []
        if not self._mark or not (self._has_comments or may_have_marks(source.text)):
            return [], []
        lines = source.lines
        first = source.rows[0] if source.rows else len(lines)
        rows = set(source.rows)
        beside = [
            (i, self._carried(line.removeprefix(BOM).rstrip("\r\n")))
            for i, line in enumerate(lines)
            if i not in rows and line.removeprefix(BOM)[:1] in ("#", "-")
        ]
        return [line for i, line in beside if i < first and line], [
            line for i, line in beside if i > first and line
        ]

    @property
    def _mark(self) -> str:
        """The line that begins a document, if the format has one."""
        if self._has_comments:
            return "# newdoc\n"
        return f"{DOCUMENT_MARK}\n\n" if self._format.name == "conll" else ""

    def _carried(self, line: str) -> str:
        """A comment or mark as this format has it; nothing for what is written anew."""
        if is_document_mark(line):
            return "" if line.startswith("#end document") else self._mark
        if not line.startswith("#") or line.startswith((TEXT_COMMENT, GLOBAL_COLUMNS)):
            return ""
        if self._has_comments:
            return f"{line}\n"
        return self._mark if line.split()[1:2] == ["newdoc"] else ""


class Rewriter:
    """Writes sentences in the lines that they were read from, with columns added.

    `first` is the first block of all; the first line of CoNLL-U Plus stands there and must begin
    each output, once. Several files come one behind the other with a blank line between.
    """

    def __init__(self, first: Sentence | None, added: Sequence[str] = ()) -> None:
        self._added = added
        self._last = ""  # what was written last
        source = None if first is None else first.source
        self._header = "" if source is None else _header_of(source.text)
        is_plus = source is not None and source.layout.kind == "columns"
        known = {} if source is None else source.layout.columns
        self._named = [name for name in added if is_plus and name not in known]

    def header(self) -> str:
        """The line that names the columns of CoNLL-U Plus, and blank ones before it."""
        names = " ".join(["", *map(str.upper, self._named)])
        content = self._header.rstrip("\r\n")
        return self._header and f"{content}{names.rstrip()}{self._header[len(content) :]}"

    def footer(self) -> str:
        """Nothing."""
        return ""

    def text(self, sentence: Sentence) -> str:
        """The sentence's own lines."""
        text = rewrite_sentence(sentence, [n for n in self._added if n in sentence.columns])
        source = sentence.source
        if source is None:
            return text
        if source.line == 1 and (self._last or self._header):
            text = text[len(_header_of(text)) :].removeprefix(BOM)
        gap = ""
        if self._last and not self._last.endswith("\n\n"):
            is_line = source.layout.kind == "pairs" and self._last.endswith("\n")
            gap = "" if is_line else with_blank_line(self._last)[len(self._last) :]
        self._last = text
        return gap + text


def _header_of(text: str) -> str:
    """The beginning of a file up to the line that names its columns; nothing without one."""
    body = text.removeprefix(BOM).lstrip(BLANKS)
    if not body.startswith(GLOBAL_COLUMNS):
        return ""
    begin = len(text) - len(body)
    return text[: text.find("\n", begin) + 1 or len(text)]


def write_brat(
    sentences: Iterable[Sentence], style: Style, annotations: BinaryIO, text: BinaryIO
) -> None:
    """Sentences as brat's annotations and the text that belongs to them, a sentence a line."""
    length = 0  # characters of the text so far
    for sentence in sentences:
        if not sentence.forms:
            continue
        placed = located(sentence)
        shift = length - placed.start
        offsets = tuple([(start + shift, end + shift) for start, end in placed.offsets or ()])
        moved = msgspec.structs.replace(placed, start=length, offsets=offsets)
        annotations.write(as_brat(moved, style).encode())
        line = f"{placed.text}\n"
        text.write(line.encode())
        length += len(line)

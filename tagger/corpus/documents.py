"""A stream of sentences cut into documents, where the corpus marks them.

Marks are lines beside the tokens: `# newdoc` (CoNLL-U), `-DOCSTART-` (CoNLL-2003), `#begin
document` (CoNLL-2012). A document of JSON lines is a line, one of brat a file.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from tagger.corpus.columns import DOCUMENT_MARK
from tagger.sentence import Sentence, Source

Unit = Literal["document", "sentence"]
NEW_DOCUMENT = "newdoc"
BEGIN_DOCUMENT = "#begin document"


class Marks(NamedTuple):
    """Whether a document begins with this sentence, and whether one begins right after it."""

    before: bool = False
    after: bool = False


_NONE = Marks()


def documents(sentences: Iterable[Sentence]) -> Iterator[list[Sentence]]:
    """All sentences in order, document by document; another file is always another document.

    Blocks without tokens come with the sentence that follows them, at the end with the last one.
    So each document has tokens, also where marks stand at the end of documents or follow one
    another.
    """
    document: list[Sentence] = []
    waiting: list[Sentence] = []
    place: object = None
    begins = False
    for sentence in sentences:
        marks = marks_of(sentence)
        begins = begins or marks.before
        if not sentence.forms:
            waiting.append(sentence)
            continue
        here = document_of(sentence.source) if sentence.source else None
        if document and (begins or here != place):
            yield document
            document = []
        document += [*waiting, sentence]
        waiting, place, begins = [], here, marks.after
    if document or waiting:
        yield document + waiting


def whole_units(sentences: Sequence[Sentence], more_than: int) -> tuple[Unit, list[list[int]]]:
    """Where the sentences of each document stand, if documents are known and more than this many.

    Else each sentence is a unit, with the blocks without tokens before it; those at the end come
    with the last one.
    """
    if has_documents(sentences):
        numbers = iter(range(len(sentences)))
        units = [[next(numbers) for _ in document] for document in documents(sentences)]
        if len(units) > more_than:
            return "document", units
    ends = [number + 1 for number, sentence in enumerate(sentences) if sentence.forms]
    ends[-1:] = [len(sentences)]
    return "sentence", [[*range(begin, end)] for begin, end in pairwise([0, *ends]) if end]


def has_documents(sentences: Iterable[Sentence]) -> bool:
    """Whether documents are known at all: some mark is there, or the format has documents."""
    return any(
        marks_of(sentence) != _NONE
        or (sentence.source is not None and sentence.source.layout.kind in ("jsonl", "brat"))
        for sentence in sentences
    )


def marks_of(sentence: Sentence) -> Marks:
    """The document marks beside a sentence's tokens.

    One between two of its tokens counts as after it: a sentence is never cut.
    """
    source = sentence.source
    if source is None or not may_have_marks(source.text):
        return _NONE
    rows = set(source.rows)
    marked = [
        number
        for number, line in enumerate(source.lines)
        if number not in rows and _is_mark(line.removeprefix("\ufeff"))
    ]
    first = source.rows[0] if source.rows else len(source.text)
    return Marks(any(number < first for number in marked), any(number > first for number in marked))


def may_have_marks(text: str) -> bool:
    """Whether a text could hold a mark; quick, and never wrong when it says no."""
    return NEW_DOCUMENT in text or DOCUMENT_MARK in text or BEGIN_DOCUMENT in text


def _is_mark(line: str) -> bool:
    """Whether a line that is no token marks a document.

    >>> [_is_mark(line) for line in ("# newdoc id = d1", "# newdocument", "-DOCSTART- O")]
    [True, False, True]
    """
    words = line.split(maxsplit=2)
    return (
        words[:2] == ["#", NEW_DOCUMENT]
        or words[:1] == [DOCUMENT_MARK]
        or line.startswith(BEGIN_DOCUMENT)
    )


def document_of(source: Source) -> object:
    """What differs between documents even without a mark: the file, in JSON lines the line too."""
    return (source.path, source.line) if source.layout.kind == "jsonl" else source.path

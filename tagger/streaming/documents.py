"""JSON lines: one document a line, its text in one field, the other fields kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tagger.errors import CorpusError
from tagger.output.jsonl import json_line, sentence_object
from tagger.output.style import Style
from tagger.sentence import Sentence
from tagger.streaming.chunks import Chunk
from tagger.text.raw import BYTE_ORDER_MARK, segment_lines

TAGGED_FIELD = "sentences"  # where the tagged sentences are put


@dataclass(frozen=True, slots=True)
class Document:
    """A line's object, the number of the line (from 1) and its sentences."""

    fields: dict[str, Any]
    line: int
    sentences: Sequence[Sentence]


def read_documents(chunk: Chunk, name: str, field: str) -> Iterator[Document]:
    """The documents of a chunk; blank lines are none.

    Raises CorpusError at the first line that is no JSON object with a text in `field`.
    """
    for number, line in enumerate(chunk.text.split("\n"), chunk.line):
        line = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if line.strip():
            fields = _parse(line, name, number)
            yield Document(fields, number, list(segment_lines(_text(fields, field, name, number))))


def _parse(line: str, name: str, number: int) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise CorpusError(name, number, 1, f"expected a JSON object: {error}") from None


def _text(fields: dict[str, Any], field: str, name: str, number: int) -> str:
    if TAGGED_FIELD in fields:
        problem = f"has a field {TAGGED_FIELD!r} already, where the tagged sentences would go"
        raise CorpusError(name, number, 1, problem)
    text = fields.get(field)
    if not isinstance(text, str):
        found = "no such field" if field not in fields else f"{type(text).__name__}"
        known = ", ".join(map(repr, fields))
        raise CorpusError(
            name,
            number,
            1,
            f"expected a text in the field {field!r}, found {found} among {known or 'no fields'} "
            "(name it with --field)",
        )
    return text


def document_line(document: Document, sentences: Sequence[Sentence], style: Style) -> str:
    """The document's fields as they were, and its tagged sentences."""
    tagged = [sentence_object(sentence, style) for sentence in sentences]
    return json_line({**document.fields, TAGGED_FIELD: tagged})

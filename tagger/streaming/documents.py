"""JSON lines: one document a line, its text in one field, the other fields kept."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import msgspec

from tagger.errors import CorpusError, TaggerError
from tagger.output.jsonl import json_line, sentence_object
from tagger.output.style import Format, Style
from tagger.sentence import Sentence
from tagger.streaming.chunks import Chunk, until_error
from tagger.text.paragraphs import BYTE_ORDER_MARK

TAGGED_FIELD = "sentences"  # where the tagged sentences are put


class Document(msgspec.Struct, frozen=True):
    """A line's object, the number of the line (from 1) and its text."""

    fields: dict[str, Any]
    line: int
    text: str


def read_documents(chunk: Chunk, name: str, field: str) -> Iterator[Document]:
    """The documents of a chunk; blank lines are none.

    Raises CorpusError at the first line that is no JSON object with a text in `field`.
    """
    for number, line in enumerate(chunk.text.split("\n"), chunk.line):
        line = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if line.strip():
            fields = _parse(line, name, number)
            yield Document(fields, number, _text(fields, field, name, number))


def _parse(line: str, name: str, number: int) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
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


def tag_documents(
    chunk: Chunk,
    name: str,
    field: str,
    cut: Callable[[Sequence[str]], Sequence[Sequence[Sentence]]],
    tag: Callable[[Sequence[Sentence]], Sequence[Sentence]],
    format: Format,
    style: Style,
) -> tuple[str, TaggerError | None]:
    """A chunk's documents cut, tagged and written, until the error if there is one.

    As JSON lines they keep their fields; in another format their sentences come one behind the
    other, each document with its place as its name.
    """
    documents, error = until_error(read_documents(chunk, name, field))
    by_document = cut([document.text for document in documents])
    tagged = iter(tag([*chain.from_iterable(by_document)]))
    texts = []
    for document, untagged in zip(documents, by_document, strict=True):
        sentences = list(islice(tagged, len(untagged)))
        of_document = style.of_text(document.text)
        if format.name == "jsonl":
            texts.append(_line(document, sentences, of_document))
            continue
        place = f"{name}:{document.line}"
        named = msgspec.structs.replace(of_document, file=place)
        texts.append(format.begin(named, place))
        texts += [format.sentence(sentence, named) for sentence in sentences]
    return "".join(texts), error


def _line(document: Document, sentences: Sequence[Sentence], style: Style) -> str:
    """The document's fields as they were, and its tagged sentences."""
    unnamed = msgspec.structs.replace(style, file=None)
    tagged = [sentence_object(sentence, unnamed) for sentence in sentences]
    return json_line({**document.fields, TAGGED_FIELD: tagged})

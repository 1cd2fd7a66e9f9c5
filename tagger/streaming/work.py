"""What is done with a chunk, in whichever process: text in, tagged and formatted text out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from tagger.errors import TaggerError
from tagger.inference.decoder import Decoding
from tagger.inference.pipeline import Tagger
from tagger.output.formats import FORMATS
from tagger.output.style import Style
from tagger.sentence import Sentence
from tagger.streaming.chunks import Chunk, Undecodable
from tagger.streaming.documents import document_line, read_documents
from tagger.streaming.inputs import Input, InputKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides what predict does with an input, but for the input itself."""

    model: Path
    decoding: Decoding
    field: str
    undecodable: Undecodable


@dataclass(frozen=True, slots=True)
class Part:
    """A chunk of the input with this number, and how that input is read and written."""

    number: int
    input: Input
    format: str
    style: Style
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Result:
    """What a part gave until the error, if there was one."""

    part_number: int
    output: bytes
    error: TaggerError | None = None


class Work:
    """A model and a plan at work."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tagger = Tagger(plan.model, decoding=plan.decoding)

    def __call__(self, part: Part) -> Result:
        """The part's sentences, tagged and written; the same bytes in any process."""
        if part.input.kind is InputKind.JSONL:
            text, error = self._documents(part)
        else:
            sentences, error = _until_error(part.input.sentences(part.chunk))
            write, style = FORMATS[part.format].sentence, part.style
            text = "".join([write(s, style) for s in self._tagger.tag_window(sentences)])
        handler = "surrogateescape" if self._plan.undecodable is Undecodable.KEEP else "strict"
        return Result(part.number, text.encode("utf-8", handler), error)

    def _documents(self, part: Part) -> tuple[str, TaggerError | None]:
        """Documents as they were with their sentences, or written one behind the other."""
        found = read_documents(part.chunk, part.input.name, self._plan.field)
        documents, error = _until_error(found)
        flat: list[Sentence] = [s for document in documents for s in document.sentences]
        tagged = iter(self._tagger.tag_window(flat))
        format = FORMATS[part.format]
        texts = []
        for document in documents:
            sentences = list(islice(tagged, len(document.sentences)))
            if part.format == "jsonl":
                texts.append(document_line(document, sentences, replace(part.style, file=None)))
                continue
            name = f"{part.input.name}:{document.line}"
            style = replace(part.style, file=name)
            texts.append(format.begin(style, name))
            texts += [format.sentence(sentence, style) for sentence in sentences]
        return "".join(texts), error


def _until_error(items: Iterable[T]) -> tuple[list[T], TaggerError | None]:
    """What comes before an error in the input, and the error."""
    found: list[T] = []
    iterator: Iterator[T] = iter(items)
    try:
        for item in iterator:
            found.append(item)
    except TaggerError as error:
        return found, error
    return found, None

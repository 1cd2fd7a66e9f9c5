"""What is done with a chunk, in whichever process: text in, tagged and formatted text out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tagger.errors import TaggerError
from tagger.inference.decoder import Decoding
from tagger.inference.pipeline import Tagger
from tagger.output.formats import find_format
from tagger.output.style import Style
from tagger.sentence import Sentence
from tagger.streaming.chunks import Chunk, until_error
from tagger.streaming.inputs import Input
from tagger.streaming.kinds import InputKind, Undecodable
from tagger.text.segmenters import Segmenter, cut_texts


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what predict does with an input, but for the input itself.

    Whether there are probabilities depends on the format, not on `decoding`. Text is cut by the
    segmenter that the model learned, if it did, unless `by_rules` is true (by rules) or false (an
    error where it did not).
    """

    model: Path
    decoding: Decoding
    field: str
    undecodable: Undecodable
    by_rules: bool | None = None


class Part(msgspec.Struct, frozen=True):
    """A chunk of the input with this number, and how that input is read and written.

    `completes` says that nothing comes after it, so that an output of its own can appear.
    """

    number: int
    input: Input
    format: str
    style: Style
    chunk: Chunk
    completes: bool = False


class Result(msgspec.Struct, frozen=True):
    """What a part gave until the error, if there was one."""

    part_number: int
    output: bytes
    error: TaggerError | None = None
    completes: bool = False


class Work:
    """A model and a plan at work."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        tagger = Tagger(plan.model, decoding=plan.decoding)
        sure = msgspec.structs.replace(plan.decoding, probabilities=True)
        self._taggers = {False: tagger, True: tagger.with_decoding(sure)}

    def __call__(self, part: Part) -> Result:
        """The part's sentences, tagged and written; the same bytes in any process."""
        format, style = find_format(part.format), part.style
        tag = self._taggers[format.probabilities].tag_window
        if part.input.kind is InputKind.JSONL:
            from tagger.streaming.documents import tag_documents

            def cut(texts: Sequence[str]) -> list[list[Sentence]]:
                return cut_texts(texts, self._segmenter(), part.input.cutting)

            text, error = tag_documents(
                part.chunk, part.input.name, self._plan.field, cut, tag, format, style
            )
        else:
            sentences, error = until_error(part.input.sentences(part.chunk, self._segmenter))
            style = style.of_text(part.chunk.text, part.chunk.start, part.chunk.byte_start)
            text = "".join([format.sentence(sentence, style) for sentence in tag(sentences)])
        output = text.encode("utf-8", "surrogateescape")
        return Result(part.number, output, error, part.completes)

    def _segmenter(self) -> Segmenter:
        """What cuts text; raises UsageError where the model should have learned it and did not."""
        return self._taggers[False].segmenter_for(self._plan.by_rules)


def next_part(parts: Iterator[Part]) -> tuple[Part | None, Exception | None]:
    """The next part if there is one, and the error that came in its place."""
    try:
        return next(parts, None), None
    except (TaggerError, OSError) as error:
        return None, error

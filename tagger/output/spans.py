"""The spans of a sentence: where they stand in the text, what they cover, how probable they are."""

from collections.abc import Sequence
from typing import NamedTuple

from tagger.output.offsets import located
from tagger.schemes import spans_from_tags
from tagger.sentence import Sentence


class LocatedSpan(NamedTuple):
    """A span by characters: `start` inclusive, `end` exclusive, as tokens count theirs."""

    label: str
    start: int
    end: int
    text: str
    probability: float | None


def located_spans(sentence: Sentence, name: str) -> list[LocatedSpan]:
    """The spans of one column in order; the text holds what stands between their tokens too."""
    sentence = located(sentence)
    offsets, text, begin = sentence.offsets or (), sentence.text or "", sentence.start
    spans = spans_from_tags(sentence.columns[name])
    found = []
    for span, p in zip(spans, span_probabilities(sentence, name, len(spans)), strict=True):
        start, end = offsets[span.start][0], offsets[span.end - 1][1]
        covered = text[start - begin : end - begin]
        found.append(LocatedSpan(span.label, start, end, covered, p))
    return found


def span_probabilities(sentence: Sentence, name: str, number: int) -> Sequence[float | None]:
    """The probability of each of the column's spans, of which there are `number`."""
    confidence = sentence.confidence.get(name)
    return (confidence.spans if confidence else ()) or (None,) * number

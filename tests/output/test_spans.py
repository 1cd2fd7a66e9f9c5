"""Where spans stand and what they cover."""

import pytest

from tagger.output.spans import LocatedSpan, located_spans
from tagger.sentence import Confidence, Sentence
from tests.output.samples import ADA, SURE_ADA, of_words


def test_a_span_has_its_place_its_text_and_its_probability() -> None:
    assert located_spans(SURE_ADA, "ner") == [LocatedSpan("PER", 10, 22, "Ada Lovelace", 0.73214)]
    assert located_spans(ADA, "ner") == [LocatedSpan("PER", 10, 22, "Ada Lovelace", None)]


def test_a_span_covers_what_stands_between_its_tokens_too() -> None:
    sentence = Sentence(
        ("New", "York"),
        {"ner": ("B-LOC", "I-LOC")},
        offsets=((5, 8), (11, 15)),
        text=" New\n  York ",
        start=4,
    )
    assert located_spans(sentence, "ner") == [LocatedSpan("LOC", 5, 15, "New\n  York", None)]


def test_a_sentence_without_offsets_is_located_first() -> None:
    (span,) = located_spans(of_words("in La Paz", ner="O B-LOC I-LOC"), "ner")
    assert span == LocatedSpan("LOC", 3, 9, "La Paz", None)


def test_every_span_has_its_own_probability() -> None:
    confidence = {"ner": Confidence((1.0, 1.0), (0.25, 0.5))}
    sentence = Sentence(("a", "b"), {"ner": ("B-X", "B-Y")}, confidence=confidence)
    assert [span.probability for span in located_spans(sentence, "ner")] == [0.25, 0.5]


def test_probabilities_of_other_spans_are_a_bug_that_shows() -> None:
    confidence = {"ner": Confidence((1.0, 1.0), (0.25,))}
    sentence = Sentence(("a", "b"), {"ner": ("B-X", "B-Y")}, confidence=confidence)
    with pytest.raises(ValueError, match="zip"):
        located_spans(sentence, "ner")

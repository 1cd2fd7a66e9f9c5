"""Entities: a span a line."""

from hypothesis import given, settings

from tagger.output.entities import as_entities
from tagger.sentence import Sentence
from tests.output.samples import (
    ADA,
    NER,
    NER_IN_A_FILE,
    STYLE,
    SURE_ADA,
    TWO,
    of_words,
    rows_of,
    sentences,
)


def test_a_span_is_a_line_of_text_label_and_place() -> None:
    assert as_entities(ADA, STYLE) == "Ada Lovelace\tPER\t10\t22\t\n"


def test_the_probability_is_the_fifth_cell() -> None:
    assert as_entities(SURE_ADA, STYLE) == "Ada Lovelace\tPER\t10\t22\t0.7321\n"


def test_of_several_files_the_name_is_the_last_cell() -> None:
    assert as_entities(ADA, NER_IN_A_FILE) == "Ada Lovelace\tPER\t10\t22\t\ta b.txt\n"


def test_a_sentence_without_spans_writes_nothing() -> None:
    assert as_entities(of_words("It rained", ner="O O"), NER) == ""


def test_spans_of_several_columns_come_in_order_of_their_start() -> None:
    sentence = of_words("a b c", ner="O B-PER B-LOC", chunk="B-NP I-NP O")
    labels = [row[1] for row in rows_of(as_entities(sentence, TWO))]
    assert labels == ["NP", "PER", "LOC"]


def test_white_space_of_any_kind_is_one_blank() -> None:
    text = "New \t\r\n\u2028\u3000York"
    sentence = Sentence(("New", "York"), {"ner": ("B-LOC", "I-LOC")}, ((0, 3), (9, 13)), text)
    assert as_entities(sentence, NER) == "New York\tLOC\t0\t13\t\n"


@given(sentence=sentences())
@settings(deadline=None)
def test_offsets_rebuild_the_text_of_every_entity(sentence: Sentence) -> None:
    text, begin = sentence.text or "", sentence.start
    starts = []
    lines = as_entities(sentence, TWO).split("\n")
    assert lines.pop() == ""
    for line in lines:
        covered, _label, start, end, p = line.split("\t")
        assert " ".join(text[int(start) - begin : int(end) - begin].split()) == covered
        assert p == ("0.7500" if sentence.confidence else "")
        starts.append(int(start))
    assert starts == sorted(starts)

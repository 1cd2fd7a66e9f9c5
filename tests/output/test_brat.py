"""brat's standoff annotations."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.output.brat import as_brat
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


def test_a_span_is_an_annotation_of_its_characters() -> None:
    assert as_brat(ADA, STYLE) == "T11\tPER 10 22\tAda Lovelace\n"


def test_neither_probabilities_nor_the_name_of_the_input_are_written() -> None:
    assert as_brat(SURE_ADA, NER_IN_A_FILE) == as_brat(ADA, NER)


def test_a_label_has_only_signs_that_brat_allows() -> None:
    sentence = of_words("a b c", ner="B-creative-work B-p:é_1 B-")
    labels = [row[1].split()[0] for row in rows_of(as_brat(sentence, NER))]
    assert labels == ["creative-work", "p___1", "_"]


def test_a_span_over_line_breaks_has_a_place_in_each_line() -> None:
    """brat joins the places by blanks and refuses a file whose text differs from that."""
    text = "New\n\nYork\r\n City"
    sentence = Sentence(
        ("New", "York", "City"),
        {"ner": ("B-LOC", "I-LOC", "I-LOC")},
        offsets=((20, 23), (25, 29), (32, 36)),
        text=text,
        start=20,
    )
    assert as_brat(sentence, NER) == "T21\tLOC 20 23;25 29;31 36\tNew York  City\n"


def test_a_span_of_no_characters_is_left_out() -> None:
    assert as_brat(Sentence(("", ""), {"ner": ("B-X", "B-X")}, ((0, 0), (0, 0)), ""), NER) == ""


def test_spans_at_one_place_have_ids_of_their_own() -> None:
    sentence = of_words("a b", ner="B-PER B-PER", chunk="B-NP I-NP")
    assert [row[0] for row in rows_of(as_brat(sentence, TWO))] == ["T1", "T5", "T2"]


@given(parts=st.lists(sentences(), max_size=4))
@settings(deadline=None, max_examples=50)
def test_ids_are_unique_in_a_text_of_several_sentences(parts: list[Sentence]) -> None:
    text, lines = "", []
    for part in parts:
        moved = [
            (s - part.start + len(text), e - part.start + len(text)) for s, e in part.offsets or ()
        ]
        sentence = Sentence(part.forms, part.columns, tuple(moved), part.text, len(text))
        lines += as_brat(sentence, TWO).split("\n")[:-1]
        text += part.text or ""
    ids = [line.split("\t")[0] for line in lines]
    assert len(set(ids)) == len(ids)
    for line in lines:
        _, where, covered = line.split("\t", 2)
        assert re.fullmatch(r"[A-Za-z0-9_-]+( \d+ \d+)(;\d+ \d+)*", where)
        places = [place.split() for place in where.split(" ", 1)[1].split(";")]
        assert " ".join(text[int(start) : int(end)] for start, end in places) == covered
        assert all(int(start) < int(end) for start, end in places)

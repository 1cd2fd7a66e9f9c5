"""Spans of several columns as brackets: nested, and cut where they would cross."""

from hypothesis import given, settings

from tagger.output.nesting import Piece, closed, nested, opened
from tagger.schemes import spans_from_tags
from tagger.sentence import Sentence
from tests.output.samples import of_words, sentences

NAMES = ("ner", "chunk")


def titles(sentence: Sentence) -> list[tuple[int, int, str]]:
    return [(piece.start, piece.end, piece.title) for piece in nested(sentence, NAMES)]


def test_a_longer_span_stands_outside_whatever_its_column() -> None:
    inside = of_words("a b c", ner="O B-PER O", chunk="B-NP I-NP I-NP")
    assert titles(inside) == [(0, 3, "NP"), (1, 2, "PER")]
    at_the_start = of_words("a b", ner="B-PER O", chunk="B-NP I-NP")
    assert titles(at_the_start) == [(0, 2, "NP"), (0, 1, "PER")]


def test_of_two_equal_spans_that_of_the_first_column_stands_outside() -> None:
    assert titles(of_words("a", ner="B-PER", chunk="B-NP")) == [(0, 1, "PER"), (0, 1, "NP")]


def test_of_two_spans_that_cross_the_later_is_cut() -> None:
    crossing = of_words("a b c", ner="B-PER I-PER O", chunk="O B-NP I-NP")
    assert titles(crossing) == [(0, 2, "PER"), (1, 2, "NP"), (2, 3, "+NP")]


def test_a_span_that_crosses_two_is_cut_twice() -> None:
    crossing = of_words("a b c d", ner="B-X I-X B-Y O", chunk="O B-NP I-NP I-NP")
    assert titles(crossing) == [(0, 2, "X"), (1, 2, "NP"), (2, 4, "+NP"), (2, 3, "Y")]


def test_pieces_open_outer_first_and_close_inner_first() -> None:
    outer, inner = Piece(0, 2, "A", "x"), Piece(0, 2, "B", "y")
    assert opened([outer, inner]) == {0: [outer, inner]}
    assert closed([outer, inner]) == {1: [inner, outer]}


@given(sentence=sentences())
@settings(deadline=None)
def test_pieces_never_cross_and_lose_no_token_of_any_span(sentence: Sentence) -> None:
    pieces = nested(sentence, NAMES)
    for one in pieces:
        for other in pieces:
            assert not one.start < other.start < one.end < other.end
    for name in NAMES:
        parts = [piece for piece in pieces if piece.name == name]
        covered = [(i, part.label) for part in parts for i in range(part.start, part.end)]
        spans = spans_from_tags(sentence.columns[name])
        assert sorted(covered) == [(i, s.label) for s in spans for i in range(s.start, s.end)]
        assert [p.start for p in parts if not p.continues] == [span.start for span in spans]


@given(sentence=sentences())
@settings(deadline=None)
def test_whatever_opens_closes_in_its_turn(sentence: Sentence) -> None:
    pieces = nested(sentence, NAMES)
    before, behind = opened(pieces), closed(pieces)
    stack: list[Piece] = []
    for i in range(len(sentence)):
        stack += before.get(i, [])
        for piece in behind.get(i, []):
            assert stack.pop() == piece
    assert stack == []

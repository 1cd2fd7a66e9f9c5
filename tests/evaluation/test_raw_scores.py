"""Scores on raw text worked by hand, after the definitions of the CoNLL 2018 evaluation."""

from collections.abc import Callable, Iterable

import pytest

from tagger.errors import TaggerError
from tagger.evaluation.raw_scores import RawScore, evaluate_raw
from tagger.evaluation.raw_text import RawText
from tagger.sentence import Sentence
from tagger.tasks import Task
from tests.evaluation.surface import sentences, text_of

UPOS = Task(name="upos", tags=("N", "V"), scheme=None)
MOOD = Task(name="mood", tags=("x", "y"), scheme=None)
NER = Task(name="ner", tags=("O", "B-PER"), scheme="IOBES")


def gold_of(line: str, **columns: str) -> RawText:
    return RawText(text=text_of(line), sentences=tuple(sentences(line, **columns)), paragraphs=1)


def saying(line: str, **columns: str) -> Callable[[str], Iterable[Sentence]]:
    """A tagger that answers this, whatever the text."""
    return lambda text: sentences(line, **columns)


def score(gold: RawText, tag: Callable[[str], Iterable[Sentence]]) -> dict[str, RawScore]:
    return {s.task: s for s in evaluate_raw(tag, [UPOS, NER, MOOD], gold)}


def counts(s: RawScore) -> tuple[int, int, int]:
    return s.correct, s.gold, s.predicted


def test_a_case_worked_by_hand() -> None:
    gold = gold_of("Ich muss zum=zu+dem Zug . | Ja !", upos="N V P D N . I .")
    found = score(gold, saying("Ich muss zum Zug . Ja | !", upos="N N P V . I ."))
    # tokens: all 7; sentences: neither begins and ends as in gold
    assert counts(found["Tokens"]) == (7, 7, 7)
    assert counts(found["Sentences"]) == (0, 2, 2)
    # words: 8 gold, 7 predicted; zum is neither zu nor dem
    assert counts(found["Words"]) == (6, 8, 7)
    assert found["Words"].precision == pytest.approx(6 / 7)
    assert found["Words"].recall == pytest.approx(6 / 8)
    assert found["Words"].value == pytest.approx(12 / 15)
    assert (found["Words"].aligned, found["Words"].aligned_accuracy) == (None, None)
    # of the 6 aligned words muss (V, N) and Zug (N, V) are wrong
    assert counts(found["UPOS"]) == (4, 8, 7)
    assert found["UPOS"].value == pytest.approx(8 / 15)
    assert (found["UPOS"].aligned, found["UPOS"].aligned_accuracy) == (6, pytest.approx(4 / 6))
    # the one multiword token is found as a token, but of one word
    assert counts(found["Multiword"]) == (0, 1, 0)
    assert set(found) == {"Tokens", "Sentences", "Words", "Multiword", "UPOS"}


def test_a_sentence_is_right_from_its_first_character_to_its_last() -> None:
    gold = gold_of("a b | c d | e")
    found = score(gold, saying("ab | c | d | e"))
    assert counts(found["Sentences"]) == (2, 3, 4)
    assert counts(found["Tokens"]) == (3, 5, 4)
    assert found["Sentences"].precision == pytest.approx(2 / 4)
    assert found["Sentences"].recall == pytest.approx(2 / 3)
    assert found["Sentences"].value == pytest.approx(4 / 7)


def test_gold_against_itself_is_1_everywhere() -> None:
    line = "Ann can't=ca+n't | run x=y+y"
    columns = {"upos": "N V N V N N", "ner": "B-PER O O O B-LOC I-LOC", "mood": "x y x y x x"}
    found = score(gold_of(line, **columns), saying(line, **columns))
    names = ["Tokens", "Sentences", "Words", "Multiword", "UPOS", "ner", "mood"]
    assert list(found) == names
    assert {(s.value, s.precision, s.recall) for s in found.values()} == {(1.0, 1.0, 1.0)}
    assert found["mood"].aligned_accuracy == 1.0


def test_a_multiword_token_is_right_where_its_characters_and_words_are() -> None:
    gold = gold_of("du=de+le x=a+b au=à+le don't=do+n't yz")
    found = score(gold, saying("du=de+le x=a+c au don't=Do+N'T y z=z+z"))
    assert counts(found["Multiword"]) == (2, 4, 4)
    assert found["Multiword"].signature == "multiword-f1|tokens:same-words|text:raw|paragraphs:1"
    assert "Multiword" not in score(gold_of("a b"), saying("a b"))


def test_signatures_say_how_each_was_computed() -> None:
    found = score(gold_of("a", upos="N", ner="O"), saying("a", upos="N", ner="O"))
    assert {s.signature for s in found.values()} == {
        "conll18|f1:tokens|text:raw|paragraphs:1",
        "conll18|f1:sentences|text:raw|paragraphs:1",
        "conll18|f1:words|text:raw|paragraphs:1",
        "conll18|f1:upos|text:raw|paragraphs:1",
        "span-f1:micro|mode:strict|by:characters|text:raw|paragraphs:1",
    }


def test_words_without_a_gold_tag_count_as_in_the_shared_task() -> None:
    gold = gold_of("a b | c", upos="N _ _")
    bare = gold.sentences[1].without_columns()
    gold = RawText(text=gold.text, sentences=(gold.sentences[0], bare), paragraphs=1)
    found = score(gold, saying("a b | c", upos="N N N"))
    assert counts(found["UPOS"]) == (1, 3, 3)


def test_entities_are_right_by_characters_and_label() -> None:
    gold = gold_of("Ann Bell met Bob in Oslo", ner="I-PER I-PER O B-PER O B-LOC")
    found = score(
        gold, saying("Ann B ell met | Bob in Oslo", ner="B-PER I-PER I-PER O B-ORG O B-LOC")
    )
    assert counts(found["ner"]) == (2, 3, 3)  # Ann Bell in other tokens; Bob has another label
    found = score(gold, saying("Ann Bell | met Bob in Oslo", ner="O B-PER O B-PER O O"))
    assert counts(found["ner"]) == (1, 3, 2)
    assert found["ner"].aligned is None
    found = score(gold, saying("Ann Bell met Bob in Oslo", ner="B-PER O O B-PER O O"))
    assert counts(found["ner"]) == (1, 3, 2)  # Ann alone is not Ann Bell


def test_entities_where_gold_has_none_marked_do_not_count() -> None:
    gold = gold_of("Ann | Bob Lee | Eve", ner="B-PER _ O B-PER")
    found = score(gold, saying("Ann | Bob Lee Eve", ner="B-PER B-PER O B-PER"))
    assert counts(found["ner"]) == (2, 2, 2)
    found = score(gold, saying("Ann | Bob Lee Eve", ner="B-PER O B-PER I-PER"))
    assert counts(found["ner"]) == (1, 2, 1)  # Lee Eve begins where nobody has looked


def test_nothing_right_is_0() -> None:
    found = score(gold_of("abc", upos="N"), saying("a b c", upos="N N N"))
    assert {s.value for s in found.values()} == {0.0, 1.0}
    assert found["Sentences"].value == 1.0
    assert (found["UPOS"].aligned, found["UPOS"].aligned_accuracy) == (0, 0.0)


def test_lost_characters_are_an_error() -> None:
    with pytest.raises(TaggerError, match=r"gold sentence 2: expected 'd', found ''"):
        score(gold_of("a b | c d"), saying("a b c"))


def test_the_tagger_is_given_the_raw_text() -> None:
    given = []

    def tag(text: str) -> list[Sentence]:
        given.append(text)
        return sentences("a b | c")

    score(gold_of("a b | c"), tag)
    assert given == ["a b c"]

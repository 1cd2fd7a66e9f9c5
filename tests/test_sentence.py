"""A sentence is a value: its tokens, and copies with other columns."""

import pytest

from tagger.sentence import Sentence, Token


def test_a_sentence_has_the_length_of_its_forms() -> None:
    assert len(Sentence(("Rain", "fell"))) == 2
    assert len(Sentence(())) == 0


def test_tokens_carry_their_tags_and_offsets() -> None:
    sentence = Sentence(("Rain", "fell"), {"upos": ("NOUN", "VERB")}, offsets=((3, 7), (8, 12)))
    assert sentence.tokens() == [
        Token("Rain", 3, 7, {"upos": "NOUN"}),
        Token("fell", 8, 12, {"upos": "VERB"}),
    ]


def test_tokens_without_offsets_say_so() -> None:
    assert Sentence(("Rain",)).tokens() == [Token("Rain", None, None, {})]


def test_tokens_of_a_sentence_with_too_few_tags_or_offsets_are_an_error() -> None:
    with pytest.raises(IndexError):
        Sentence(("Rain", "fell"), {"upos": ("NOUN",)}).tokens()
    with pytest.raises(ValueError, match="zip"):
        Sentence(("Rain", "fell"), offsets=((0, 4),)).tokens()


def test_new_columns_replace_or_join_the_old_ones_in_a_copy() -> None:
    before = Sentence(("Rain",), {"upos": ("NOUN",), "ner": ("O",)})
    after = before.with_columns({"upos": ("VERB",), "xpos": ("VB",)})
    assert after.columns == {"upos": ("VERB",), "ner": ("O",), "xpos": ("VB",)}
    assert before.columns == {"upos": ("NOUN",), "ner": ("O",)}


def test_a_copy_without_columns_keeps_everything_else() -> None:
    before = Sentence(("Rain",), {"upos": ("NOUN",)}, ((1, 5),), " Rain", start=1)
    after = before.without_columns()
    assert after == Sentence(("Rain",), {}, ((1, 5),), " Rain", start=1)
    assert before.columns == {"upos": ("NOUN",)}


def test_a_sentence_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Sentence(("Rain",)).forms = ()  # type: ignore[misc]

"""Forms to ids: what a network is told about a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.inference.encoding import (
    MOST_CHARACTERS,
    NUM_AFFIXES,
    affixes_of,
    encode_affixes,
    encode_characters,
    encode_word,
    encode_words,
    ends_of,
    shape,
)
from tagger.vocabulary import Vocabulary

WORDS = Vocabulary.with_special(["the", "room-0000", "é"])
CHARACTERS = Vocabulary.with_special("abT")


def test_words_are_looked_up_in_lower_case_with_digits_folded_and_composed() -> None:
    forms = ["The", "THE", "Room-1984", "e\u0301", "unheard"]
    assert encode_words(forms, WORDS).tolist() == [2, 2, 3, 4, WORDS.unknown_id]


def test_characters_are_exact_and_padded_at_the_end() -> None:
    found = encode_characters(["Ta", "b", "?abt"], CHARACTERS)
    assert found.tolist() == [[4, 2, 0, 0], [3, 0, 0, 0], [1, 2, 3, 1]]


@pytest.mark.parametrize(("forms", "size"), [([], (0, 1)), ([""], (1, 1)), (["", "ab"], (2, 2))])
def test_there_is_at_least_one_character_position(forms: list[str], size: tuple[int, int]) -> None:
    assert encode_characters(forms, CHARACTERS).shape == size


@given(st.text(max_size=90), st.integers(1, 20).map(lambda half: 2 * half))
def test_a_long_word_is_its_two_ends(form: str, most: int) -> None:
    ends = ends_of(form, most)
    assert len(ends) == min(len(form), most)
    assert form.startswith(ends[: most // 2])
    assert form.endswith(ends[most // 2 :])


def test_a_word_of_300_000_characters_costs_no_more_than_a_long_name() -> None:
    word = "a" * 150_000 + "b" * 150_000
    assert encode_characters([word], CHARACTERS).shape == (1, MOST_CHARACTERS)
    assert encode_characters([word], CHARACTERS).tolist() == [
        [2] * (MOST_CHARACTERS // 2) + [3] * (MOST_CHARACTERS // 2)
    ]
    assert encode_word(word, WORDS) == WORDS.unknown_id


def test_a_word_of_over_1_000_characters_is_in_no_vocabulary() -> None:
    words = Vocabulary.with_special(["a" * 1000, "a" * 1001])
    assert encode_word("a" * 1000, words) == 2
    assert encode_word("a" * 1001, words) == words.unknown_id


def test_affixes_are_prefixes_suffixes_and_shape_as_far_as_the_form_is_long() -> None:
    assert affixes_of("Bath-12") == "b> ba> bat> bath> <2 <12 <-12 <h-12 =Xxx-dd".split()
    assert affixes_of("Ab") == "a> ab> <b <ab =Xx".split()
    assert affixes_of("") == ["="]


def test_affixes_are_padded_at_the_end() -> None:
    affixes = Vocabulary.with_special(["a>", "<a", "=xx"])
    assert encode_affixes(["a", "aaaaaaa"], affixes).tolist() == [
        [2, 3, 1, *[0] * (NUM_AFFIXES - 3)],
        [2, 1, 1, 1, 3, 1, 1, 1, 4],
    ]


@given(st.text(max_size=90))
def test_affixes_never_outgrow_their_row(form: str) -> None:
    assert 1 <= len(affixes_of(form)) <= NUM_AFFIXES


@pytest.mark.parametrize(
    ("form", "expected"),
    [("aaaa", "xx"), ("USA", "XX"), ("U.S.A.", "X.X.X."), ("1,000.50", "d,dd.dd"), ("...", "..")],
)
def test_a_shape_cuts_runs_to_two(form: str, expected: str) -> None:
    assert shape(form) == expected

"""Strings to ids and back, and the form under which words are looked up."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.errors import ModelError
from tagger.vocabulary import (
    PAD,
    UNKNOWN,
    Vocabulary,
    count_words,
    most_common,
    normalise,
)


@given(strings=st.lists(st.text(), unique=True))
@settings(deadline=None)
def test_every_string_gets_its_place_as_id(strings: list[str]) -> None:
    vocabulary = Vocabulary(strings)
    assert vocabulary.strings == tuple(strings)
    assert len(vocabulary) == len(strings)
    assert [vocabulary.id_of(string) for string in strings] == list(range(len(strings)))
    assert [vocabulary[i] for i in range(len(strings))] == strings


def test_special_entries_come_first() -> None:
    vocabulary = Vocabulary.with_special(["b", "a"])
    assert vocabulary.strings == (PAD, UNKNOWN, "b", "a")
    assert vocabulary[vocabulary.pad_id] == PAD
    assert vocabulary[vocabulary.unknown_id] == UNKNOWN


def test_a_word_that_looks_like_a_special_entry_is_no_second_one() -> None:
    assert Vocabulary.with_special(["a", UNKNOWN, PAD, "b"]).strings == (PAD, UNKNOWN, "a", "b")


def test_an_unknown_string_has_the_unknown_id_and_is_not_learnt() -> None:
    vocabulary = Vocabulary.with_special(["a"])
    assert vocabulary.id_or_unknown("a") == 2
    assert vocabulary.id_or_unknown("z") == vocabulary.unknown_id
    assert vocabulary.ids_or_unknown("zaz") == [1, 2, 1]
    assert "z" not in vocabulary
    assert "a" in vocabulary
    assert len(vocabulary) == 3


def test_an_unknown_tag_is_an_error() -> None:
    with pytest.raises(KeyError, match="VERB"):
        Vocabulary(["NOUN"]).id_of("VERB")


def test_a_string_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(ModelError, match="the same string twice"):
        Vocabulary(["a", "b", "a"])


def test_a_vocabulary_cannot_be_changed() -> None:
    strings = ["a", "b"]
    vocabulary = Vocabulary(strings)
    strings.append("c")
    assert len(vocabulary) == 2
    with pytest.raises(TypeError):
        vocabulary[0] = "z"  # type: ignore[index]
    with pytest.raises(AttributeError):
        vocabulary.strings = ("z",)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("Oslo", "oslo"),
        ("1984", "0000"),
        ("0", "0"),
        ("A4-B5", "a0-b0"),
        ("cafe\u0301", "caf\u00e9"),  # two code points become one
        ("ÅNGSTRÖM", "ångström"),
        ("ΟΔΟΣ", "οδο\u03c2"),  # a final sigma
        ("٣", "٣"),  # only ASCII digits are folded
        ("", ""),
    ],
)
def test_forms_are_looked_up_composed_in_lower_case_and_with_folded_digits(
    form: str, expected: str
) -> None:
    assert normalise(form) == expected


def test_words_are_counted_by_their_normal_form() -> None:
    assert count_words(["The", "the", "1999", "2001"]) == Counter({"the": 2, "0000": 2})


def test_frequent_strings_come_first_then_the_alphabet_and_rare_ones_are_left_out() -> None:
    counts = Counter({"rare": 1, "b": 2, "a": 2, "z": 5})
    assert most_common(counts, least=2) == ["z", "a", "b"]
    assert most_common(counts, least=1) == ["z", "a", "b", "rare"]

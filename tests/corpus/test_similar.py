"""Which sentences are nearly the same, held against trying all pairs of words to leave out."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.similar import NearIndex, alike, groups, joined, near_keys, words_of

MINIMUM = 2
words = st.lists(st.sampled_from("abc"), max_size=6)


def with_at_most_one_left_out(words: list[str]) -> list[list[str]]:
    return [words, *(words[:i] + words[i + 1 :] for i in range(len(words)))]


def are_near(one: list[str], other: list[str]) -> bool:
    both = product(with_at_most_one_left_out(one), with_at_most_one_left_out(other))
    return min(len(one), len(other)) >= MINIMUM and any(a == b for a, b in both)


def groups_by_walking(sentences: list[list[str]]) -> list[int]:
    found = [*range(len(sentences))]
    for _ in sentences:
        for i, j in product(range(len(sentences)), repeat=2):
            if are_near(sentences[i], sentences[j]):
                found[i] = found[j] = min(found[i], found[j])
    return found


def test_words_are_forms_without_case_digits_and_bare_signs() -> None:
    forms = ["STRASSE", "Straße", "1.5", "٣", "...", "’s", "Ⅷ", "", "😀", "x²"]
    assert words_of(forms) == ("strasse", "strasse", "0.0", "0", "’s", "ⅷ", "x²")


@given(words, words)
@settings(deadline=None, max_examples=60)
def test_sentences_share_a_key_iff_they_are_alike_but_for_one_word_of_each(
    one: list[str], other: list[str]
) -> None:
    shared = {*near_keys(one, MINIMUM)} & {*near_keys(other, MINIMUM)}
    assert bool(shared) == are_near(one, other)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("the cat sat on the mat", True),
        ("The cat sat , on the mat !", True),
        ("the dog sat on the mat", True),
        ("the fat cat sat on the mat", True),
        ("on the cat sat the mat", True),  # a word moved
        ("the cat sat on mat", False),  # too short
        ("the dog lay on the mat", False),
        ("the cats sat on the mats", False),
        ("a fat cat sat on the mat", False),
    ],
)
def test_one_word_may_be_replaced_added_missing_or_moved(other: str, expected: bool) -> None:
    index = NearIndex()
    index.add(words_of("the cat sat on the mat".split()), 7)
    assert index.find(words_of(other.split())) == (7 if expected else None)


def test_a_sentence_of_few_words_is_never_near_another() -> None:
    thanks = words_of("Thank you very very much .".split())
    assert len(thanks) == 5
    assert near_keys(thanks) == []
    assert groups([thanks, thanks]) == [0, 1]
    index = NearIndex()
    assert [index.add(thanks, 0), index.add(thanks, 1)] == [None, None]


def test_a_very_long_sentence_has_a_key_for_each_word_and_one_for_all() -> None:
    long = [f"w{i}" for i in range(20_000)]
    assert len({*near_keys(long)}) == 20_001
    assert {*near_keys(long)} & {*near_keys(long[:9_999] + long[10_000:])}


@given(st.lists(words, max_size=8))
@settings(deadline=None, max_examples=60)
def test_the_index_gives_the_first_earlier_sentence_that_is_near(
    sentences: list[list[str]],
) -> None:
    index = NearIndex(MINIMUM)
    for number, sentence in enumerate(sentences):
        near = [j for j in range(number) if are_near(sentence, sentences[j])]
        assert index.find(sentence) == (near[0] if near else None)
        assert index.add(sentence, number) == (near[0] if near else None)


@given(st.lists(words, max_size=7))
@settings(deadline=None, max_examples=60)
def test_groups_hold_all_that_are_near_one_another_by_any_number_of_steps(
    sentences: list[list[str]],
) -> None:
    assert groups(sentences, MINIMUM) == groups_by_walking(sentences)


@given(st.lists(words, max_size=7))
@settings(deadline=None, max_examples=60)
def test_the_sets_of_those_alike_hold_every_near_pair_and_no_other(
    sentences: list[list[str]],
) -> None:
    sets = alike(sentences, MINIMUM)
    assert sets == sorted({tuple(sorted({*members})) for members in sets})
    pairs = {(i, j) for members in sets for i in members for j in members if i < j}
    every = product(range(len(sentences)), repeat=2)
    assert pairs == {(i, j) for i, j in every if i < j and are_near(sentences[i], sentences[j])}


def test_a_set_that_would_make_too_large_a_group_ties_nothing() -> None:
    sizes = [3, 3, 3, 1, 1]
    assert joined(sizes, [(0, 1), (1, 2), (3, 4)]) == [0, 0, 0, 3, 3]
    assert joined(sizes, [(0, 1), (1, 2), (3, 4)], limit=8) == [0, 0, 2, 3, 3]
    assert joined(sizes, [(0, 1, 2), (2, 3)], limit=9) == [0, 1, 2, 2, 4]  # the smaller set first
    everywhere = (0, 1, 2, 3, 4)
    assert joined(sizes, [everywhere, (0, 4)], limit=10) == [0, 1, 2, 3, 0]
    assert joined(sizes, [everywhere, (0, 4)], limit=11) == [0] * 5

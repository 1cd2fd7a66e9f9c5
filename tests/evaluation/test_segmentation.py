"""Alignment worked by hand, after https://universaldependencies.org/conll18/evaluation.html."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.errors import TaggerError
from tagger.evaluation.segmentation import (
    Segmentation,
    align_words,
    check_same_characters,
    longest_common_subsequence,
    segmentation_of,
)
from tagger.sentence import Sentence
from tests.evaluation.surface import sentences


def cut(line: str) -> Segmentation:
    return segmentation_of(sentences(line))


def aligned(gold: str, predicted: str) -> list[tuple[int, int]]:
    return align_words(cut(gold), cut(predicted))


def test_places_count_characters_that_are_no_white_space() -> None:
    found = cut("I can't=ca+n't | New")
    assert found.characters == "Ican'tNew"
    assert found.tokens == ((0, 1), (1, 6), (6, 9))
    assert found.sentences == ((0, 6), (6, 9))
    assert found.words == ((0, 1), (1, 6), (1, 6), (6, 9))
    assert found.forms == ("i", "ca", "n't", "new")
    assert found.is_part == (False, True, True, False)


def test_white_space_in_a_token_does_not_count() -> None:
    text = "10\u00a0000 km"
    one = Sentence(("10\u00a0000", "km"), offsets=((5, 11), (12, 14)), text=text, start=5)
    two = Sentence(("10", "000", "km"), offsets=((0, 2), (3, 6), (7, 9)), text=text)
    assert segmentation_of([one]).tokens == ((0, 5), (5, 7))
    assert segmentation_of([two]).tokens == ((0, 2), (2, 5), (5, 7))
    check_same_characters(segmentation_of([one]), segmentation_of([two]))


def test_sentences_without_offsets_are_placed_by_their_forms() -> None:
    found = segmentation_of([Sentence(("a", "bc")), Sentence(()), Sentence(("d",))])
    assert (found.tokens, found.sentences) == (((0, 1), (1, 3), (3, 4)), ((0, 3), (3, 4)))


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        # without multiword tokens: equal places
        ("a b c", "a b c", [(0, 0), (1, 1), (2, 2)]),
        ("abcd", "a b c d", []),
        ("abc d", "a b c d", [(1, 3)]),
        ("a bc d", "ab c d", [(2, 2)]),
        # a multiword token against its words
        ("abc=a+b+c", "a b c", [(0, 0), (1, 1), (2, 2)]),
        ("a b c", "abc=a+b+c", [(0, 0), (1, 1), (2, 2)]),
        ("x du=de+le y", "x du=de+le y", [(0, 0), (1, 1), (2, 2), (3, 3)]),
        ("x du=de+le y", "x du y", [(0, 0), (3, 2)]),  # du is neither de nor le
        ("x du y", "x du=de+le y", [(0, 0), (2, 3)]),
        ("x la=a+la y", "x la y", [(0, 0), (2, 1), (3, 2)]),  # but la is la
        ("don't=do+n't", "do n't", [(0, 0), (1, 1)]),
        ("don't=do+n't", "don 't", []),
        ("Don't=Do+not", "Don't=do+NOT", [(0, 0), (1, 1)]),  # capitals do not count
        # a word that overlaps an area without lying in it is aligned with nothing
        ("a bc=b+c d", "a b cd", [(0, 0), (1, 1)]),
        ("ab=a+b c", "a bc", [(0, 0)]),
        ("a bc=b+cd d", "a b cd", [(0, 0), (1, 1)]),
        ("ab=a+b c d", "a bc d", [(0, 0), (3, 2)]),
        # multiword tokens of either side that overlap are one area
        ("abcd=a+b+c+d", "ab=a+b cd=c+d", [(0, 0), (1, 1), (2, 2), (3, 3)]),
        ("abc=a+b+c de=d+e", "a bcd=b+c+d e", [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]),
        ("abc=a+x+c def=d+y+f", "ab=a+b cd=c+d ef=e+f", [(0, 0), (2, 2), (3, 3), (5, 5)]),
        # those that only meet are two areas: the second bc lies in neither
        ("ab=a+b cd=bc+d", "a bc d", [(0, 0), (3, 2)]),
        # the last of the longest common subsequences is not crossed: x y against y x is one
        ("ab=x+y", "ab=y+x", [(1, 0)]),
        # words on the area's edge are aligned by place, not by form
        ("y xx=y+x", "y xx=x+y", [(0, 0), (2, 1)]),
        ("", "", []),
    ],
)
def test_words_are_aligned(gold: str, predicted: str, expected: list[tuple[int, int]]) -> None:
    assert aligned(gold, predicted) == expected


def test_a_word_before_an_area_takes_no_part_in_it() -> None:
    # y ends where the area begins, so it is not the y of the multiword token
    assert aligned("xy ab=y+b", "x y a b") == [(2, 3)]


def test_the_first_difference_in_characters_is_named_with_its_sentence() -> None:
    check_same_characters(cut("a bc | d"), cut("ab | cd"))
    with pytest.raises(TaggerError) as caught:
        check_same_characters(cut("a bc | def"), cut("a bc | dxf"))
    assert str(caught.value) == (
        "predicted tokens have other characters than gold, first in gold sentence 2: "
        "expected 'ef', found 'xf' (character 5, white space not counted)"
    )


@pytest.mark.parametrize(("gold", "predicted"), [("a b", "a"), ("a", "a b"), ("", "a"), ("a", "")])
def test_missing_and_additional_characters_are_differences(gold: str, predicted: str) -> None:
    with pytest.raises(TaggerError, match="other characters than gold"):
        check_same_characters(cut(gold), cut(predicted))


CHARACTERS = "ababab"


@st.composite
def segmentations(draw: st.DrawFn) -> str:
    """The same six characters cut anywhere, tokens split into any words or none."""
    places = draw(st.sets(st.integers(1, len(CHARACTERS) - 1)))
    edges = [0, *sorted(places), len(CHARACTERS)]
    line = []
    for begin, end in pairwise(edges):
        words = draw(st.lists(st.sampled_from(["a", "b", "ab"]), min_size=2, max_size=3))
        is_multiword = draw(st.booleans())
        surface = CHARACTERS[begin:end]
        line.append(f"{surface}={'+'.join(words)}" if is_multiword else surface)
        line += ["|"] * (draw(st.booleans()) and end < len(CHARACTERS))
    return " ".join(line)


def longest_by_trying(a: list[str], b: list[str]) -> int:
    """How long the longest common subsequence is, by trying all."""
    for length in range(min(len(a), len(b)), 0, -1):
        if set(combinations(a, length)) & set(combinations(b, length)):
            return length
    return 0


def areas_by_painting(gold: Segmentation, predicted: Segmentation) -> list[set[int]]:
    """Sets of characters: multiword tokens joined as long as two share one."""
    parts = [
        set(range(*word))
        for side in (gold, predicted)
        for word, is_part in zip(side.words, side.is_part, strict=True)
        if is_part
    ]
    while pair := next(((a, b) for a, b in combinations(parts, 2) if a & b), None):
        parts = [part for part in parts if part is not pair[0] and part is not pair[1]]
        parts.append(pair[0] | pair[1])
    return parts


@given(segmentations(), segmentations())
@settings(max_examples=60, deadline=None)
def test_as_many_words_are_aligned_as_the_definition_says(gold: str, predicted: str) -> None:
    right, found = cut(gold), cut(predicted)
    areas = areas_by_painting(right, found)
    touched = set().union(*areas)

    def plain(side: Segmentation) -> set[tuple[int, int]]:
        return {word for word in side.words if touched.isdisjoint(range(*word))}

    def inside(side: Segmentation, area: set[int]) -> list[str]:
        pairs = zip(side.words, side.forms, strict=True)
        return [form for word, form in pairs if area.issuperset(range(*word))]

    expected = len(plain(right) & plain(found)) + sum(
        longest_by_trying(inside(right, area), inside(found, area)) for area in areas
    )
    pairs = align_words(right, found)
    assert len(pairs) == expected
    for i, j in pairs:
        both = {*range(*right.words[i]), *range(*found.words[j])}
        assert right.forms[i] == found.forms[j]
        if touched.isdisjoint(both):
            assert right.words[i] == found.words[j]
        else:
            assert any(area >= both for area in areas)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))
    assert len(align_words(found, right)) == expected


@given(segmentations())
@settings(max_examples=30, deadline=None)
def test_every_word_is_aligned_with_itself(line: str) -> None:
    found = cut(line)
    assert align_words(found, found) == [(i, i) for i in range(len(found.words))]


@given(st.lists(st.sampled_from("abc"), max_size=7), st.lists(st.sampled_from("abc"), max_size=7))
@settings(max_examples=60, deadline=None)
def test_a_longest_common_subsequence_is_common_and_longest(a: list[str], b: list[str]) -> None:
    pairs = longest_common_subsequence(a, b)
    assert len(pairs) == longest_by_trying(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert pairs == sorted(pairs)

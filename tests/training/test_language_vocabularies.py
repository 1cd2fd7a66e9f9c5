"""What a language model knows of words: the most frequent, counted in little memory."""

import tracemalloc
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagger.training import language_vocabularies as module
from tagger.training.language_vocabularies import build_language_vocabularies, most_frequent
from tagger.training.token_files import FormCounts
from tagger.vocabulary import most_common
from tests.training.language_corpus import language_settings

TEXTS = FormCounts(
    forms=["", "\ufffd", "Ann", "ann", "sees", "<unknown>", "1984", "rare", "a" * 60, "<PAD>"],
    counts=[9, 4, 3, 2, 7, 5, 4, 1, 3, 8],
    joined=[0] * 10,
    sentences=9,
    held_out_characters=1,
)


def test_the_empty_form_is_in_both_vocabularies_behind_its_special_entries() -> None:
    known, targets = build_language_vocabularies(TEXTS, language_settings())
    assert known.words.strings == (
        *("<pad>", "<unknown>", "", "sees", "ann", "0000", "\ufffd", "a" * 60, "rare"),
    )
    assert targets.strings == (
        *("", "<unknown>", "<PAD>", "sees", "1984", "Ann", "a" * 60, "ann", "rare"),
    )
    assert known.characters.strings[2] == "a"
    assert "\ufffd" not in known.characters


def test_the_most_frequent_are_taken() -> None:
    settings = language_settings(
        words={"min_count": 4, "most": 2},
        characters={"most": 3},
        affixes={"min_count": 2, "most": 4},
        targets=5,
    )
    known, targets = build_language_vocabularies(TEXTS, settings)
    # Forms that read <unknown> or <pad> are what these stand for, and take no other's place.
    assert known.words.strings == ("<pad>", "<unknown>", "", "sees", "ann")
    assert targets.strings == ("", "<unknown>", "<PAD>", "sees", "1984")
    assert len(known.characters) == 5
    assert len(known.affixes) == 6


@pytest.mark.parametrize("collide", [False, True])
@example(counted=[("c", 5), ("a", 3), ("b", 3), ("d", 1), ("ab", 1), ("ac", 1)], least=1, most=1)
@given(
    counted=st.lists(st.tuples(st.text("abcd", max_size=3), st.integers(1, 9)), max_size=80),
    least=st.integers(1, 20),
    most=st.none() | st.integers(1, 8),
)
def test_counting_by_hashes_first_finds_the_same_strings(
    collide: bool, counted: list[tuple[str, int]], least: int, most: int | None
) -> None:
    """Also piece by piece, and where all of a few strings have the same hash as another."""
    counts: Counter[str] = Counter()
    for string, count in counted:
        counts[string] += count
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COUNTED_AT_ONCE", 7)
        patch.setattr(module, "COLLISIONS", 3 if collide else 0)
        if collide:
            hashes = {"a": hash("b"), "cc": hash("dd"), "abc": hash("ad")}
            patch.setattr(module, "hash", lambda s: hashes.get(s, hash(s)), raising=False)
        found = most_frequent(lambda: counted, least, most)
    assert found == most_common(counts, least)[:most]


def test_counting_many_rare_strings_takes_few_bytes_each() -> None:
    tracemalloc.start()
    found = most_frequent(lambda: ((f"{i % 80_000}x", 1) for i in range(100_000)), 2, 50)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 50
    counter = 80_000 * 100  # what a dict and its strings take at least
    assert peak < counter


def test_characters_beyond_the_basic_plane_are_kept() -> None:
    texts = FormCounts(["", "\ufffd", "😀", "é"], [1, 0, 2, 1], [0] * 4, 1, 1)
    _, targets = build_language_vocabularies(texts, language_settings())
    assert targets.strings == ("", "<unknown>", "😀", "é")

"""Sentences that come again: within a file, in another, nearly so, with other tags."""

from collections.abc import Sequence

import pytest

from tagger.corpus.files import parse_text
from tagger.corpus.problems.repeats import MIN_TOKENS, RepeatChecks
from tagger.corpus.similar import MIN_WORDS
from tagger.sentence import Layout

TABS = Layout("columns", {"form": 0, "xpos": 1, "ner": 2}, "\t", comments=False, width=3)
SIX = "Ada went home in the rain"
FIVE = "Ada went home in rain"


def text(*sentences: str) -> str:
    """A file in which a word may carry its tags: `word/xpos/ner`."""
    rows = [[_row(word) for word in sentence.split()] for sentence in sentences]
    return "".join("".join(of_one) + "\n" for of_one in rows)


def _row(word: str) -> str:
    form, *tags = word.split("/")
    xpos, ner = [*tags, *["N", "O"][len(tags) :]]
    return f"{form}\t{xpos}\t{ner}\n"


def findings(*files: Sequence[str]) -> list[str]:
    """What is found in files a, b, c of these sentences."""
    checks = RepeatChecks()
    return [
        str(finding)
        for number, (name, sentences) in enumerate(zip("abc", files, strict=False))
        for sentence in parse_text(text(*sentences), name, TABS)
        for finding in checks.check(sentence, number)
    ]


def test_sentences_that_differ_are_fine() -> None:
    assert findings([SIX, "Bo stayed at home all day long"], ["Cy sang a song for us all"]) == []


def test_a_sentence_that_comes_again_is_found_each_time() -> None:
    assert findings([SIX, "Bo sat", SIX, SIX]) == [
        f"a:{line}:1: duplicate-sentence: expected a new sentence, found that of line 1 "
        "(tagger preprocess --dedupe)"
        for line in (11, 18)
    ]


def test_a_sentence_of_another_file_is_a_leak_in_the_later_one() -> None:
    assert findings(["Bo sat", SIX], [SIX]) == [
        "b:1:1: leak: expected a new sentence, found that of a:4 (leave it out of one)"
    ]


def test_a_leak_between_the_second_and_the_third_file_is_found_too() -> None:
    near = SIX.replace("rain", "snow")
    assert findings(["Bo sat"], ["Bo sat", SIX], [SIX, near]) == [
        "c:1:1: leak: expected a new sentence, found that of b:4 (leave it out of one)",
        "c:8:1: near-leak: expected a new sentence, found nearly that of b:4 (leave it out of one)",
    ]


@pytest.mark.parametrize(
    "nearly",
    [
        "Ada went home in the snow",
        "Ada went home in the rain today",
        "Ada went home in the heavy rain",
        "Ada walked home in the rain",
        "ADA went home , in the rain !",
    ],
)
def test_a_sentence_that_differs_in_a_word_is_nearly_the_same(nearly: str) -> None:
    assert findings([SIX, nearly]) == [
        "a:8:1: near-duplicate: expected a new sentence, found nearly that of line 1 "
        "(leave out one)"
    ]
    assert [line.split(": ")[1] for line in findings([SIX], [nearly])] == ["near-leak"]


@pytest.mark.parametrize(
    "other", ["Bo went home in the snow", "Ada went home in rain", "Ada home the in went rain"]
)
def test_a_sentence_that_differs_in_more_or_is_shorter_is_another(other: str) -> None:
    assert findings([SIX, other]) == []


def test_sentences_of_five_words_may_come_again() -> None:
    assert len(FIVE.split()) == MIN_WORDS - 1
    assert findings([FIVE, FIVE, FIVE + " .", FIVE.replace("rain", "snow")], [FIVE]) == []


def test_the_words_count_and_not_the_signs() -> None:
    signs = "« Ada went home in rain »"
    assert findings([signs, signs]) == []
    assert [line.split(": ")[1] for line in findings(["In 1987 Ada went home alone"] * 2)] == [
        "duplicate-sentence"
    ]
    assert [
        line.split(": ")[1]
        for line in findings(["In 1987 Ada went home alone", "In 2004 Ada went home alone"])
    ] == ["near-duplicate"]


def test_other_tags_for_the_same_tokens_are_a_conflict_at_the_first() -> None:
    other = "Ada/N/B-PER went/V/O home/V/O in the rain"
    assert sorted(findings([SIX, other])) == [
        "a:8:1: duplicate-sentence: expected a new sentence, found that of line 1 "
        "(tagger preprocess --dedupe)",
        "a:8:3: conflict: expected 'O' as in the same sentence in line 1, found 'B-PER' "
        "(decide for one)",
        "a:9:2: conflict: expected 'N' as in the same sentence in line 1, found 'V' "
        "(decide for one)",
    ]


def test_a_conflict_between_files_names_the_first() -> None:
    assert findings(["Bo sat", "Ada ran home"], ["Ada ran/V home"]) == [
        "b:2:2: conflict: expected 'N' as in the same sentence in a:4, found 'V' (decide for one)"
    ]


def test_conflicts_are_found_in_short_sentences_too_but_not_in_two_words() -> None:
    assert MIN_TOKENS == 3
    assert [line.split(": ")[1] for line in findings(["a b c", "a b c/V"])] == ["conflict"]
    assert findings(["a b", "a b/V"]) == []
    assert findings(["a b c", "A b c/V"]) == []  # other tokens


def test_every_further_sentence_is_held_against_the_first() -> None:
    found = findings(["a b c", "a b c/V", "a b c", "a b c/X"])
    assert [line.partition(": expected")[0] for line in found] == [
        *("a:7:2: conflict", "a:15:2: conflict")
    ]


def test_a_column_that_one_of_them_lacks_is_no_conflict() -> None:
    assert findings(["a/_/B-X b/_ c/_", "a/N/B-X b c"]) == []


def test_other_columns_need_not_agree() -> None:
    layout = Layout("columns", {"form": 0, "lemma": 1, "ner": 2}, "\t", comments=False, width=3)
    checks = RepeatChecks()
    sentences = [*parse_text(text("a b c", "a b/V c"), "a", layout)]
    assert [finding for s in sentences for finding in checks.check(s, 0)] == []

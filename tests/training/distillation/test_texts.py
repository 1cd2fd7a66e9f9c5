"""Which sentences of raw text a teacher is asked about."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tagger.errors import TaggerError
from tagger.sentence import Sentence
from tagger.training.distillation.texts import LONGEST, key_of, open_texts, write_texts
from tests.conftest import sentence


def written(
    folder: Path,
    *texts: Sequence[Sentence],
    most_tokens: int = 1_000_000,
    kept_out: Sequence[str] = (),
) -> list[list[str]]:
    keys = frozenset(key_of(text.split()) for text in kept_out)
    told: list[int] = []
    choice = write_texts(folder, texts, most_tokens=most_tokens, kept_out=keys, told=told.append)
    found = open_texts(folder)
    sentences = [[found.all_forms[i] for i in found.forms(k)] for k in range(len(found))]
    assert choice.sentences == len(sentences)
    assert choice.tokens == sum(map(len, sentences)) == told[-1]
    return sentences


def test_all_sentences_come_back_in_order(tmp_path: Path) -> None:
    given = [sentence("Ann sees Bob ."), sentence("Yes"), sentence("Bob sees Ann .")]
    assert written(tmp_path, given) == [[*s.forms] for s in given]


def test_several_texts_are_read_in_turn_until_there_is_enough(tmp_path: Path) -> None:
    words, others = ([sentence(f"{letter} " * 100)] * 10 for letter in "ab")
    found = written(tmp_path, words, others[:4], most_tokens=1_000)
    assert "".join(s[0] for s in found) == "aabbaabbaa"


def test_sentences_of_dev_are_kept_out_however_they_are_cut_and_written(tmp_path: Path) -> None:
    given = [sentence("i do n't know"), sentence("I know")]
    assert written(tmp_path, given, kept_out=["I don't KNOW"]) == [["I", "know"]]


def test_what_is_too_long_or_empty_is_left_out(tmp_path: Path) -> None:
    given = [sentence("a " * (LONGEST + 1)), sentence(""), sentence("b " * LONGEST)]
    assert written(tmp_path, given) == [["b"] * LONGEST]


def test_nothing_to_learn_from_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaggerError, match="expected sentences of raw text"):
        written(tmp_path, [sentence("a")], kept_out=["a"])


@pytest.mark.parametrize("most_tokens", [1, 4, 5, 6, 100])
def test_the_first_of_many_are_those_that_would_have_been_chosen(
    tmp_path: Path, most_tokens: int
) -> None:
    given = [sentence("Ann sees Bob ."), sentence("Yes"), sentence("Bob sees Ann .")]
    (tmp_path / "all").mkdir()
    (tmp_path / "some").mkdir()
    written(tmp_path / "all", given)
    expected = written(tmp_path / "some", given, most_tokens=most_tokens)
    found = open_texts(tmp_path / "all").first(most_tokens)
    assert [[found.all_forms[i] for i in found.forms(k)] for k in range(len(found))] == expected
    assert found.num_tokens == sum(map(len, expected))
    counts = {f: n for f, n in zip(found.all_forms, found.counts.tolist(), strict=True) if f and n}
    assert counts == Counter(form for forms in expected for form in forms)

"""Sentences in, tagged sentences out: nothing lost, nothing moved, whatever the company."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tagger.inference import forms, pieces, pipeline
from tagger.inference.decoder import Decoding
from tagger.inference.pieces import CONTEXT_TOKENS, PIECE_TOKENS, pieces_of
from tagger.inference.pipeline import Tagger
from tagger.schemes import slips
from tagger.sentence import Sentence
from tests.conftest import sentence

ROOT = Path(__file__).parent.parent.parent
WORDS = "The invoice of Ms. Adeyemi reached our warehouse in Leeds , zyx 1984 yesterday .".split()


@pytest.fixture(scope="module")
def tagger(tiny_model: Path) -> Tagger:
    return Tagger(tiny_model)


def random_sentences(num: int, longest: int = 25, seed: int = 1) -> list[Sentence]:
    """Sentences of any length from 0, each told apart by its first word."""
    random = np.random.default_rng(seed)
    lengths = random.integers(0, longest, num).tolist()
    return [
        Sentence((f"w{i}", *random.choice(WORDS, length - 1).tolist()) if length else ())
        for i, length in enumerate(lengths)
    ]


def of_length(length: int, seed: int = 1) -> Sentence:
    return Sentence(tuple(np.random.default_rng(seed).choice(WORDS, length).tolist()))


def test_every_sentence_comes_back_in_order_with_one_tag_per_token(tagger: Tagger) -> None:
    sentences = random_sentences(200)
    tagged = list(tagger.tag_sentences(sentences, window_tokens=300))
    assert [s.forms for s in tagged] == [s.forms for s in sentences]
    for found in tagged:
        if found.forms:
            assert {name: len(tags) for name, tags in found.columns.items()} == {
                "upos": len(found),
                "ner": len(found),
            }


def test_tags_are_those_of_the_tasks_and_spans_are_iob2(tagger: Tagger) -> None:
    upos, ner = tagger.tasks
    found = {
        tag for s in tagger.tag_sentences(random_sentences(50)) for tag in s.columns.get("upos", ())
    }
    assert found <= set(upos.tags)
    assert len(found) > 2, "a model that says one thing only would pass everything here"
    for tagged in tagger.tag_sentences(random_sentences(50)):
        tags = tagged.columns.get("ner", ())
        assert set(tags) <= {tag for tag in ner.tags if tag[0] in "OBI"}
        assert not slips(tags)


@pytest.mark.parametrize("window_tokens", [1, 2, 50, 10**6])
@pytest.mark.parametrize("batch_tokens", [1, 40, 2000])
def test_a_sentence_is_tagged_alike_alone_and_in_any_company(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch, window_tokens: int, batch_tokens: int
) -> None:
    sentences = random_sentences(60)
    alone = [next(tagger.tag_sentences([s])) for s in sentences]
    monkeypatch.setattr(pipeline, "BATCH_TOKENS", batch_tokens)
    assert list(tagger.tag_sentences(sentences, window_tokens=window_tokens)) == alone


def test_empty_sentences_pass_through_as_they_were(tagger: Tagger) -> None:
    empty = Sentence((), text="# a comment")
    full = sentence("Leeds .")
    tagged = list(tagger.tag_sentences([empty, full, empty, empty]))
    assert [s.forms for s in tagged] == [(), ("Leeds", "."), (), ()]
    assert all(tagged[i] is empty for i in (0, 2, 3))
    assert list(tagger.tag_sentences([])) == []


def test_other_columns_and_offsets_are_kept(tagger: Tagger) -> None:
    given = Sentence(
        ("Leeds", "."), {"lemma": ("L", "."), "upos": ("?", "?")}, offsets=((0, 5), (5, 6))
    )
    (tagged,) = tagger.tag_sentences([given])
    assert tagged.columns["lemma"] == ("L", ".")
    assert "?" not in tagged.columns["upos"]
    assert tagged.offsets == given.offsets
    assert given.columns["upos"] == ("?", "?")


def test_a_sentence_of_5_000_tokens_comes_back_whole(tagger: Tagger) -> None:
    long = of_length(5000)
    before, tagged, after = tagger.tag_sentences([sentence("Leeds ."), long, sentence("Bath")])
    assert tagged.forms == long.forms
    assert {len(tags) for tags in tagged.columns.values()} == {5000}
    assert not slips(tagged.columns["ner"])
    assert (len(before.columns["upos"]), len(after.columns["upos"])) == (2, 1)


def test_pieces_of_a_long_sentence_are_tagged_as_the_whole_would_be(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = of_length(3000)
    tagger = tagger.with_decoding(Decoding(probabilities=True))
    (in_pieces,) = tagger.tag_sentences([long])
    assert len(in_pieces.confidence["upos"].tokens) == 3000
    monkeypatch.setattr(pieces, "PIECE_TOKENS", 10_000)
    (whole,) = tagger.tag_sentences([long])
    assert in_pieces.columns == whole.columns
    for name, sure in in_pieces.confidence.items():
        assert sure.tokens == pytest.approx(whole.confidence[name].tokens, abs=1e-3)


def test_a_tagger_that_decodes_otherwise_shares_what_was_loaded(tagger: Tagger) -> None:
    other = tagger.with_decoding(Decoding(probabilities=True))
    assert other.runtime is tagger.runtime
    assert other.tag(["Leeds"]).confidence
    assert not tagger.tag(["Leeds"]).confidence


@pytest.mark.parametrize("length", [641, 1024, 1025, 5000])
def test_pieces_cover_a_sentence_and_overlap(length: int) -> None:
    found = pieces_of(length)
    assert [i for piece in found for i in range(piece.start, piece.end)] == list(range(length))
    assert all(p.begin == max(0, p.start - CONTEXT_TOKENS) for p in found)
    assert all(p.stop == min(length, p.end + CONTEXT_TOKENS) for p in found)


@pytest.mark.parametrize("extra", [-1, 0, 1, 2 * CONTEXT_TOKENS, PIECE_TOKENS])
def test_several_sentences_of_about_the_longest_length_read_at_once(
    tagger: Tagger, extra: int
) -> None:
    limit = PIECE_TOKENS + 2 * CONTEXT_TOKENS
    sentences = [of_length(limit + extra, seed=1), of_length(limit, seed=2), of_length(3)]
    sentences.append(of_length(limit + extra, seed=3))
    alone = [next(tagger.tag_sentences([s])) for s in sentences]
    assert list(tagger.tag_sentences(sentences)) == alone


def test_a_word_of_300_000_characters_is_one_word(tagger: Tagger) -> None:
    word = "a" * 150_000 + "é" * 150_000
    (tagged,) = tagger.tag_sentences([Sentence(("See", word, "."))])
    assert tagged.forms[1] == word
    assert len(tagged.columns["upos"]) == 3


def test_a_table_of_forms_that_runs_over_changes_no_tag(
    tiny_model: Path, tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = random_sentences(100)
    expected = list(tagger.tag_sentences(sentences))
    monkeypatch.setattr(forms, "MOST_FORMS", 20)
    assert list(Tagger(tiny_model).tag_sentences(sentences, window_tokens=100)) == expected


def test_with_a_window_of_one_token_each_sentence_is_answered_before_the_next_is_read(
    tagger: Tagger,
) -> None:
    read = 0

    def endless() -> Iterator[Sentence]:
        nonlocal read
        for read in count(1):
            yield sentence(f"No. {read}") if read % 3 else Sentence(())

    tagged = tagger.tag_sentences(endless(), window_tokens=1)
    for number in range(1, 10):
        assert next(tagged).forms == (("No.", str(number)) if number % 3 else ())
        assert read == number


def test_no_more_than_a_window_is_read_ahead(tagger: Tagger) -> None:
    numbers = count(1)
    endless = (sentence(f"a b c d {number}") for number in numbers)
    found = list(islice(tagger.tag_sentences(endless, window_tokens=50), 15))
    assert [s.forms[-1] for s in found] == [str(number) for number in range(1, 16)]
    assert next(numbers) == 21


def test_empty_sentences_fill_a_window_too(tagger: Tagger) -> None:
    endless = (Sentence(()) for _ in count())
    assert len(list(islice(tagger.tag_sentences(endless, window_tokens=10), 25))) == 25


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=50), max_size=12), max_size=12))
def test_any_strings_are_tagged(tagger: Tagger, forms: list[list[str]]) -> None:
    sentences = [Sentence(tuple(some)) for some in forms]
    tagged = list(tagger.tag_sentences(sentences))
    assert [s.forms for s in tagged] == [s.forms for s in sentences]
    assert all(len(s.columns["ner"]) == len(s) for s in tagged if s.forms)


def test_tagging_imports_neither_torch_nor_other_heavy_things(tiny_model: Path) -> None:
    code = (
        "import sys; from tagger.inference.pipeline import Tagger; from tagger.sentence import *\n"
        "heavy = lambda: {'torch', 'seqeval', 'sklearn', 'scipy', 'onnx'} & set(sys.modules)\n"
        "assert not heavy(), heavy()\n"
        f"tagged = list(Tagger({str(tiny_model)!r}).tag_sentences([Sentence(('Leeds', '.'))]))\n"
        "assert len(tagged[0].columns['upos']) == 2\n"
        "assert not heavy(), heavy()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")

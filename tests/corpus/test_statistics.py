"""What is counted in a corpus, worked by hand and held against plain counting."""

import statistics
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.files import CorpusFile, open_corpus_file
from tagger.corpus.statistics import (
    ColumnStatistics,
    Distribution,
    Entities,
    Measuring,
    Portion,
    compare,
    distribution,
)
from tagger.sentence import Sentence
from tests.conftest import CORPORA, sentence
from tests.corpus.test_shared_corpora import ENTITY_CORPORA, TREEBANKS, rows_of

SENTENCES = [
    sentence("Ada saw a saw", upos="PROPN VERB DET NOUN", ner="B-PER O O O"),
    sentence("New York saw Ada", upos="PROPN PROPN VERB _", ner="B-LOC I-LOC O B-PER"),
    sentence("Ada", ner="B-LOC"),
]
README_ROWS = [
    row
    for row in rows_of(ENTITY_CORPORA)
    if row[0] in ("wikigold/wikigold.conll.txt", "uner-english-ewt/en_ewt-ud-dev.iob2")
]


def measured(sentences: list[Sentence]) -> Measuring:
    measuring = Measuring()
    for one in sentences:
        measuring.add(one)
    return measuring


def shared(name: str) -> CorpusFile:
    return open_corpus_file(CORPORA / name)


def test_sentences_tokens_types_and_lengths() -> None:
    found = measured(SENTENCES).statistics()
    assert (found.sentences, found.tokens, found.types) == (3, 9, 5)
    assert found.sentence_lengths == Distribution(1, 4.0, 3.0, 4, 4, 4)
    # lengths: Ada 3 × 3, saw 3 × 3, a 1, New 3, York 4
    assert found.word_lengths == Distribution(1, 3.0, 26 / 9, 4, 4, 4)


def test_a_column_of_plain_tags_counts_annotated_tokens_and_ambiguous_forms() -> None:
    upos = measured(SENTENCES).statistics().columns["upos"]
    # of the 5 annotated forms only "saw" has two tags; it is 3 of the 7 annotated tokens
    assert upos == ColumnStatistics(
        tokens=7,
        tags={"PROPN": 3, "VERB": 2, "DET": 1, "NOUN": 1},
        ambiguous=Portion(1, 1 / 5, 3 / 7),
    )
    assert list(upos.tags) == ["PROPN", "VERB", "DET", "NOUN"]


def test_a_column_of_spans_counts_entities_and_names_its_scheme() -> None:
    ner = measured(SENTENCES).statistics().columns["ner"]
    assert ner == ColumnStatistics(
        tokens=9,
        tags={"O": 4, "B-LOC": 2, "B-PER": 2, "I-LOC": 1},
        scheme="IOB2",
        entities={"LOC": Entities(2, 1.5), "PER": Entities(2, 1.0)},
    )


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        (["I-A I-A O I-A"], "IO"),
        (["I-A B-A O I-A", "I-A O O I-A"], "IOB1"),
        (["B-A I-A O B-A", "I-A O O B-A"], "IOB2"),
        (["B-A E-A O S-A"], "IOBES"),
        (["B-A L-A O U-A"], "BILOU"),
        (["O O O O"], None),
        (["_ _ O O"], None),
    ],
)
def test_the_scheme_is_that_of_most_spans(tags: list[str], scheme: str | None) -> None:
    found = measured([sentence("a b c d", ner=each) for each in tags]).statistics().columns["ner"]
    assert found.scheme == scheme
    assert (found.entities == {}) == (scheme is None)
    assert found.ambiguous is None


def test_a_column_that_begins_like_spans_may_turn_out_to_be_plain() -> None:
    sentences = [sentence("he she", xpos="O O"), sentence("he ran", xpos="B-X V")]
    xpos = measured(sentences).statistics().columns["xpos"]
    assert xpos == ColumnStatistics(
        tokens=4, tags={"O": 2, "B-X": 1, "V": 1}, ambiguous=Portion(1, 1 / 3, 1 / 2)
    )


def test_nothing_has_statistics_too_and_blocks_without_tokens_are_nothing() -> None:
    found = measured([Sentence(())]).statistics()
    assert (found.sentences, found.tokens, found.types) == (0, 0, 0)
    assert found.sentence_lengths is found.word_lengths is None
    assert compare(Measuring(), Measuring()).forms == Portion(0, 0.0, 0.0)


def test_statistics_are_json_as_they_are() -> None:
    found = measured(SENTENCES).statistics()
    assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found


def test_what_a_later_split_has_that_the_first_has_not() -> None:
    later = [
        sentence("Bob saw New York", ner="B-PER O B-LOC I-LOC"),
        sentence("Bob Bob", ner="B-PER I-PER", chunk="B-NP I-NP"),
    ]
    unknown = compare(measured(SENTENCES), measured(later))
    assert unknown.forms == Portion(1, 1 / 4, 3 / 6)
    assert unknown.entities == {"ner": Portion(2, 2 / 3, 2 / 3)}  # Bob, Bob Bob; not New York
    assert compare(measured(later), measured(later)).forms == Portion(0, 0.0, 0.0)


def test_ninety_of_a_hundred_sizes_do_not_exceed_the_ninetieth() -> None:
    assert distribution(Counter(range(1, 101))) == Distribution(1, 50.5, 50.5, 90, 99, 100)
    assert distribution(Counter(range(1, 12))) == Distribution(1, 6.0, 6.0, 10, 11, 11)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=300))
@settings(deadline=None, max_examples=60)
def test_a_distribution_is_that_of_the_sorted_sizes(sizes: list[int]) -> None:
    found = distribution(Counter(sizes))
    assert found is not None
    assert (found.min, found.max) == (min(sizes), max(sizes))
    assert found.median == statistics.median(sizes)
    assert found.mean == pytest.approx(statistics.mean(sizes))
    for size, percent in ((found.p90, 90), (found.p99, 99)):
        up_to = [s for s in sizes if s <= size]
        below = [s for s in sizes if s < size]
        assert len(up_to) * 100 >= percent * len(sizes) > len(below) * 100


@pytest.mark.corpora
@pytest.mark.parametrize("row", README_ROWS, ids=[row[0].rpartition("/")[2] for row in README_ROWS])
def test_a_corpus_has_the_counts_of_its_readme(row: list[str]) -> None:
    name, num_sentences, num_tokens, *by_label = row
    found = measured([*shared(name).with_empty()]).statistics()
    assert (found.sentences, found.tokens) == (int(num_sentences), int(num_tokens))
    entities = found.columns["ner"].entities
    assert entities is not None
    expected = dict(zip(by_label[::2], map(int, by_label[1::2]), strict=True))
    assert {label: each.count for label, each in entities.items()} == expected


@pytest.mark.corpora
def test_a_treebank_has_the_tags_of_its_readme() -> None:
    name, num_sentences, num_words, _, _, num_upos, num_xpos = next(
        row for row in rows_of(TREEBANKS) if row[0] == "ud-english-ewt/en_ewt-ud-test.conllu"
    )
    found = measured([*shared(name)]).statistics()
    assert (found.sentences, found.tokens) == (int(num_sentences), int(num_words))
    assert len(found.columns["upos"].tags) == int(num_upos)
    assert len(found.columns["xpos"].tags) == int(num_xpos)

"""What is done to sentences as they pass by, and what is counted of it."""

from collections import Counter
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.corpus.columns import read_columns
from tagger.corpus.conllu import read_conllu_text
from tagger.corpus.json_lines import read_json_lines
from tagger.corpus.operations import Operations, Tally, in_scheme, operated, sampled
from tagger.corpus.pairs import read_pairs
from tagger.corpus.writing import rewrite_sentence, settled
from tagger.schemes import SCHEMES, Scheme, spans_from_tags
from tagger.sentence import Layout, Sentence
from tests.conftest import sentence

COLUMNS = Layout("columns", {"form": 0, "xpos": 1, "ner": 2}, " ", True, 3)
PAIRS = Layout("pairs", {"form": 0, "ner": 1}, "/", False, 2)
tags = st.sampled_from(["O", "B-X", "I-X", "S-Y", "_"])


def read(text: str) -> list[Sentence]:
    return list(read_columns(StringIO(text), "a.conll", COLUMNS))


def done(sentences: list[Sentence], **wanted: object) -> tuple[list[Sentence], Tally]:
    tally = Tally()
    operations = Operations(**wanted)  # type: ignore[arg-type]
    return list(operated(sentences, operations, tally)), tally


def text_of(sentences: list[Sentence]) -> str:
    return "".join(map(rewrite_sentence, sentences))


def test_without_wishes_the_very_same_sentences_pass_and_are_counted() -> None:
    sentences = read("-DOCSTART- O\n\na X O\nb X O\n\nc X B-P\n")
    passed, tally = done(sentences)
    assert all(new is old for new, old in zip(passed, sentences, strict=True))
    assert (tally.sentences_read, tally.tokens_read) == (2, 3)
    assert not (tally.labels or tally.retagged or tally.cut or tally.repeated)


def test_labels_are_renamed_then_dropped_then_written_in_the_scheme() -> None:
    passed, tally = done(
        read("a PER B-PER\nb N I-PER\nc N B-LOC\n\n"),
        mapping={"PER": "P", "LOC": "GEO"},
        dropped=frozenset(["GEO", "LOC"]),
        scheme="BILOU",
    )
    assert text_of(passed) == "a P B-P\nb N L-P\nc N O\n\n"
    assert passed[0].columns == {"xpos": ("P", "N", "N"), "ner": ("B-P", "L-P", "O")}
    assert tally.labels == {"PER": 2, "LOC": 1, "GEO": 1}
    assert tally.retagged == 1


def test_columns_in_which_nothing_changes_are_not_written_again() -> None:
    text = "a X  B-PER\n"
    passed, tally = done(read(text), mapping={"ORG": "O1"}, scheme="IOB2")
    assert text_of(passed) == text
    assert (tally.labels, tally.retagged) == ({}, 0)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(column=st.lists(tags, min_size=1, max_size=8))
def test_in_another_scheme_the_spans_are_the_same_and_missing_tags_too(
    scheme: Scheme, column: list[str]
) -> None:
    old = Sentence(("a",) * len(column), {"ner": tuple(column)})
    tally = Tally()
    new = in_scheme(old, scheme, tally).columns["ner"]
    if scheme != "IO":
        assert spans_from_tags(new) == spans_from_tags(column)
    assert [tag == "_" for tag in new] == [tag == "_" for tag in column]
    assert tally.retagged == sum(a != b for a, b in zip(column, new, strict=True))
    assert in_scheme(old.with_columns({"ner": new}), scheme, tally).columns["ner"] == new


def test_plain_tags_are_of_no_scheme_and_misspelt_ones_are_counted() -> None:
    tally = Tally()
    odd = sentence("a b c", xpos="NN O X", ner="I-PER BPER O", my="_ _ _")
    assert in_scheme(odd, "IOBES", tally) is odd
    assert (tally.unfit, tally.retagged) == (1, 0)


def test_pieces_have_the_longest_length_and_are_counted() -> None:
    text = "".join(f"w{i} X O\n" for i in range(7)) + "\nz X O\n\n"
    passed, tally = done(read(text), max_length=3)
    assert [len(s) for s in passed] == [3, 3, 1, 1]
    assert (tally.cut, tally.pieces) == (1, 3)
    assert text_of(passed).replace("\n\n", "\n") == text.replace("\n\n", "\n")


def test_pieces_of_pairs_and_conllu_are_lines_of_their_own() -> None:
    pairs = list(read_pairs(StringIO("a/O b/O c/O d/B-X\n"), "a.pairs", PAIRS))
    assert text_of(done(pairs, max_length=2)[0]) == "a/O b/O\nc/O d/B-X\n"
    row = "\t_\t_\t_\t{}\tdep\t_\t_\n"
    rows = [f"{i}\tw{i}\t_" + row.format(i - 1) for i in (1, 2, 3)]
    (long,) = read_conllu_text(f"# sent_id = s\n{''.join(rows)}\n", "a.conllu")
    first, second = done([long], max_length=2)[0]
    assert rewrite_sentence(first).startswith("# sent_id = s/1\n1\tw1")
    assert rewrite_sentence(second).startswith("# sent_id = s/2\n1\tw3")


def test_pieces_of_documents_know_their_document() -> None:
    line = '{"text": "Ada ran home now", "spans": [{"start": 0, "end": 3, "label": "PER"}]}'
    passed, _ = done(list(read_json_lines(["\n", line], "a.jsonl")), max_length=2)
    assert [(s.source.path, s.source.line, s.source.rows) for s in passed if s.source] == [
        *[("a.jsonl", 2, (0, 0))] * 2
    ]


def test_only_the_same_tokens_with_the_same_tags_are_repeated() -> None:
    text = "a X O\n\n# again\na X O\n\na Y O\n\n-DOCSTART- O\n\na X B-P\n\n-DOCSTART- O\n\n"
    passed, tally = done(read(text), dedupe=True)
    assert text_of(passed) == text.replace("# again\na X O\n\n", "")
    assert tally.repeated == 1
    alike = [sentence("a", ner="O"), sentence("a", my="O"), sentence("a"), sentence("a", ner="O")]
    assert done(alike, dedupe=True)[0] == alike[:3]


def test_sentences_that_become_alike_are_repeated_too() -> None:
    passed, tally = done(read("a X O\n\na Y O\n\n"), mapping={"Y": "X"}, dedupe=True)
    assert (len(passed), tally.repeated) == (1, 1)


def test_a_sample_is_of_the_seed_and_leaves_out_what_has_no_tokens() -> None:
    sentences = [sentence(f"w{i}") for i in range(50)] + [Sentence(())] * 50
    first = sampled(sentences, 20, seed=1)
    assert first == sampled(iter(sentences), 20, seed=1)
    assert first != sampled(sentences, 20, seed=2)
    assert sampled(sentences, 50, seed=1) == sampled(sentences, 99, seed=1) == sentences[:50]
    assert sampled([], 3, seed=1) == []


@given(total=st.integers(0, 30), number=st.integers(1, 35), seed=st.integers())
def test_a_sample_has_its_number_and_its_order(total: int, number: int, seed: int) -> None:
    sentences = [sentence(f"w{i}") for i in range(total)]
    places = [sentences.index(s) for s in sampled(sentences, number, seed)]
    assert places == sorted(set(places))
    assert len(places) == min(number, total)


def test_each_sentence_has_the_same_chance() -> None:
    """2,000 samples of 3 from 10: each comes 600 times, 5 standard deviations are 102."""
    sentences = [sentence(f"w{i}") for i in range(10)]
    counts = Counter(s.forms for seed in range(2000) for s in sampled(sentences, 3, seed))
    assert len(counts) == 10
    assert all(498 <= count <= 702 for count in counts.values())


def test_settled_tags_stand_in_the_lines_that_have_the_column() -> None:
    (old,) = read("a X O\n\n")
    new = settled(old, {"ner": ("B-P",), "my": ("m",)})
    assert new.columns == {"xpos": ("X",), "ner": ("B-P",), "my": ("m",)}
    assert rewrite_sentence(new) == "a X B-P\n\n"
    assert rewrite_sentence(new, ["my"]) == "a X B-P m\n\n"
    (ud,) = read_conllu_text("1\ta" + "\t_" * 8 + "\n\n", "a.conllu")
    assert rewrite_sentence(settled(ud, {"my": ("m",)})).endswith("\tMY=m\n\n")


def test_settling_needs_no_lines() -> None:
    assert settled(sentence("a"), {"ner": ("O",)}) == sentence("a", ner="O")
    (of_json,) = read_json_lines(['{"text": "a", "spans": []}'], "a.jsonl")
    assert settled(of_json, {"ner": ("B-X",)}).columns == {"ner": ("B-X",)}

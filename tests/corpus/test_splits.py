"""Train, dev and test: right sizes, whole documents, near-duplicates together, labels spread."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus import splits
from tagger.corpus.documents import documents
from tagger.corpus.similar import alike, words_of
from tagger.corpus.splits import TOKENS, Counts, Split, count_labels, parse_shares, split, stratify
from tagger.errors import UsageError
from tagger.sentence import Layout, Sentence, Source
from tests.conftest import sentence
from tests.corpus.test_statistics import shared

SHARES = (80, 10, 10)
LAYOUT = Layout("columns", {"form": 0}, " ")
STOCK = "please think of the trees before you print this"


def made_up(number: int, seed: int = 0) -> list[Sentence]:
    """Sentences of five to twenty words, no two of them alike, with tags and entities."""
    random = Random(seed)
    found = []
    for i in range(number):
        length = random.randint(5, 20)
        forms = " ".join(
            [f"{chr(97 + i % 26)}{'x' * (i // 26)}{chr(97 + j)}" for j in range(length)]
        )
        tags = random.choices(["B-PER", "B-LOC", "B-RARE", "O"], [5, 3, 0.2, 92], k=length)
        upos = random.choices(["NOUN", "VERB", "X"], [60, 39, 1], k=length)
        found.append(sentence(forms, ner=" ".join(tags), upos=" ".join(upos)))
    return found


def in_documents(sentences: Sequence[Sentence], length: int) -> list[Sentence]:
    """The same with a mark before every so many."""
    return [
        msgspec.structs.replace(
            each,
            source=Source("a", i, "# newdoc\n" if i % length == 0 else "", (1,), LAYOUT),
        )
        for i, each in enumerate(sentences)
    ]


def sizes_of(sentences: Sequence[Sentence], found: Split) -> list[float]:
    """The share of tokens of each part."""
    total = sum(map(len, sentences))
    return [sum(len(sentences[i]) for i in part) / total for part in found.parts]


def part_of(found: Split) -> dict[int, int]:
    return {i: number for number, part in enumerate(found.parts) for i in part}


def num_apart(sentences: Sequence[Sentence], found: Split) -> int:
    """Sentences with a near-duplicate in an earlier part."""
    parts = part_of(found)
    sets = alike([words_of(each.forms) for each in sentences])
    return len({i for each in sets for i in each if any(parts[j] < parts[i] for j in each)})


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("80/10/10", (0.8, 0.1, 0.1)),
        ("9/1", (0.9, 0.1)),
        ("0.5/0.25/0.25", (0.5, 0.25, 0.25)),
    ],
)
def test_shares_are_made_to_add_up_to_one(text: str, shares: tuple[float, ...]) -> None:
    assert parse_shares(text) == shares


@pytest.mark.parametrize(
    "text",
    ["", "80", "80/", "80/10/5/5", "80/20/0", "80/-20", "a/b", "80,10,10", "80/nan", "80/inf"],
)
def test_other_shares_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"expected two or three shares such as 80/10/10, found '"):
        parse_shares(text)


@pytest.mark.parametrize("shares", [SHARES, (0.5, 0.5), (60, 20, 20)])
def test_parts_have_their_shares_and_every_sentence_is_in_one(shares: tuple[float, ...]) -> None:
    sentences = made_up(400)
    found = split(sentences, shares, seed=1)
    assert sorted(i for part in found.parts for i in part) == [*range(400)]
    assert all(list(part) == sorted(part) for part in found.parts)
    assert (found.unit, found.units, found.apart) == ("sentence", 400, 0)
    expected = [share / sum(shares) for share in shares]
    assert sizes_of(sentences, found) == pytest.approx(expected, abs=0.005)


def test_rare_labels_are_spread_as_the_shares_say() -> None:
    sentences = made_up(1000)
    counts = count_labels(sentences, split(sentences, SHARES, seed=1).parts)
    rare = [part["ner", "RARE"] for part in counts]
    assert sum(rare) > 15
    for label in counts[0]:
        total = sum(part[label] for part in counts)
        for part, share in zip(counts, (0.8, 0.1, 0.1), strict=True):
            assert part[label] == pytest.approx(share * total, abs=1 + 0.01 * total)


def test_labels_are_spans_of_entity_columns_and_tags_of_plain_ones() -> None:
    sentences = [
        sentence("a b c", ner="B-PER I-PER B-LOC", upos="X _ X"),
        sentence("d", ner="O", upos="Y"),
        sentence("e", ner="_"),
    ]
    per, loc = ("ner", "PER"), ("ner", "LOC")
    x, y = ("upos", "X"), ("upos", "Y")
    assert count_labels(sentences, [[0], [1, 2]]) == [
        {TOKENS: 3, per: 1, loc: 1, x: 2},
        {TOKENS: 2, y: 1},
    ]


def test_a_column_with_hundreds_of_tags_is_not_spread() -> None:
    sentences = [sentence("a b", feats=f"F{2 * i} F{2 * i + 1}") for i in range(150)]
    assert count_labels(sentences, [range(150)]) == [{TOKENS: 300}]


def test_documents_stay_whole_where_there_are_enough() -> None:
    sentences = in_documents(made_up(300), length=6)
    found = split(sentences, SHARES, seed=3)
    assert (found.unit, found.units) == ("document", 50)
    parts = part_of(found)
    assert all(len({parts[i] for i in range(b, b + 6)}) == 1 for b in range(0, 300, 6))
    assert sizes_of(sentences, found) == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
    few = in_documents(made_up(300), length=50)
    assert (split(few, SHARES, seed=3).unit, split(few, SHARES, seed=3).units) == ("sentence", 300)


def test_blocks_without_tokens_go_with_the_sentence_behind_them() -> None:
    sentences = [s for each in made_up(60) for s in (Sentence(()), each)] + [Sentence(())]
    found = split(sentences, SHARES, seed=2)
    parts = part_of(found)
    assert sorted(parts) == [*range(121)]
    assert all(parts[i] == parts[i + 1] for i in range(0, 120, 2))
    assert parts[120] == parts[119]
    assert found.units == 60


def test_near_duplicates_are_kept_on_one_side() -> None:
    sentences = made_up(200)
    twins = [
        msgspec.structs.replace(each, forms=("other", *each.forms[1:])) for each in sentences[:50]
    ]
    found = split([*sentences, *twins], SHARES, seed=1)
    parts = part_of(found)
    near = [i for i in range(50) if len(sentences[i]) >= 6]
    assert len(near) > 40
    assert all(parts[i] == parts[200 + i] for i in near)
    assert found.apart == 0


def test_documents_with_near_duplicates_are_kept_on_one_side() -> None:
    sentences = made_up(300)
    sentences[7] = sentences[295] = sentence(STOCK)
    found = split(in_documents(sentences, length=3), SHARES, seed=1)
    assert found.unit == "document"
    assert part_of(found)[7] == part_of(found)[295]
    assert found.apart == 0


def test_what_everybody_writes_does_not_chain_all_documents_together() -> None:
    sentences = made_up(300)
    sentences[::3] = [sentence(STOCK)] * 100  # in every document
    sentences[7] = sentences[295] = sentence("a much rarer sentence that two documents have")
    found = split(in_documents(sentences, length=3), SHARES, seed=1)
    assert found.unit == "document"
    assert sizes_of(sentences, found) == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
    assert part_of(found)[7] == part_of(found)[295]
    assert found.apart == num_apart(sentences, found) > 10


def test_the_same_seed_gives_the_same_split_and_another_another() -> None:
    sentences = made_up(200)
    found = [split(sentences, SHARES, seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_a_split_does_not_depend_on_how_python_hashes() -> None:
    code = (
        "from tests.corpus.test_splits import in_documents, made_up, split;"
        "found = made_up(120); found += found[:9];"
        "print(split(found, (8, 1, 1), 5), split(in_documents(found, 3), (8, 1, 1), 5))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.count("Split(") == 2


def test_little_or_nothing_can_be_split() -> None:
    assert split([], SHARES, seed=0) == Split(((), (), ()), "sentence", 0, 0)
    assert split([Sentence(())], SHARES, seed=0).parts == ((0,), (), ())
    assert split([sentence("a")], SHARES, seed=0).parts == ((0,), (), ())


def test_the_rarest_label_is_shared_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "_even_out", lambda state, order: None)
    rare, common = ("ner", "RARE"), ("ner", "PER")
    counts: list[Counts] = [{TOKENS: 5, rare: 1, common: 1}] * 2 + [{TOKENS: 5, common: 1}] * 6
    for seed in range(8):
        parts = stratify(counts, (0.5, 0.5), seed)
        assert sorted(parts[:2]) == [0, 1]
        assert parts.count(0) == parts.count(1) == 4


units = st.lists(
    st.dictionaries(st.sampled_from([("a", "b"), ("a", "c"), ("d", "e")]), st.integers(1, 9)),
    max_size=25,
)


@given(units, st.lists(st.integers(1, 9), min_size=2, max_size=3), st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_each_unit_gets_one_of_the_parts_and_moving_none_would_be_more_even(
    labels: list[Counts], weights: list[int], seed: int
) -> None:
    counts = [{TOKENS: sum(unit.values()) + 1, **unit} for unit in labels]
    shares = [weight / sum(weights) for weight in weights]
    parts = stratify(counts, shares, seed)
    least = unevenness(counts, shares, parts)
    for i in range(len(parts)):
        for part in range(len(shares)):
            moved = [*parts[:i], part, *parts[i + 1 :]]
            assert unevenness(counts, shares, moved) > least - 1e-6


def unevenness(counts: list[dict], shares: list[float], parts: list[int]) -> float:
    """Squared deviations from the shares, in units of what chance would make of each label."""
    found = 0.0
    for label in {label for unit in counts for label in unit}:
        amounts = [unit.get(label, 0) for unit in counts]
        for number, share in enumerate(shares):
            has = sum(n for n, part in zip(amounts, parts, strict=True) if part == number)
            found += (has - share * sum(amounts)) ** 2 / share / sum(n * n for n in amounts)
    return found


@cache
def read_shared(name: str) -> list[Sentence]:
    return [*shared(name).with_empty()]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("name", "unit", "units", "most_off"),
    [
        ("ud-english-ewt/en_ewt-ud-train.conllu", "document", 540, 0.06),
        ("uner-english-ewt/en_ewt-ud-train.iob2", "document", 540, 0.02),
        ("uner-chinese-gsdsimp/zh_gsdsimp-ud-train.iob2", "document", 134, 0.02),
        ("wikigold/wikigold.conll.txt", "document", 145, 0.03),
        ("wnut17/wnut17train.conll", "sentence", 3394, 0.02),
        ("ud-greek-gud/el_gud-ud-train.conllu", "sentence", 1071, 0.02),
    ],
)
def test_a_shared_corpus_is_split_as_asked(
    name: str, unit: str, units: int, most_off: float
) -> None:
    sentences = read_shared(name)
    found = split(sentences, SHARES, seed=1)
    assert (found.unit, found.units) == (unit, units)
    assert sorted(i for part in found.parts for i in part) == [*range(len(sentences))]
    assert sizes_of(sentences, found) == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
    if unit == "document":
        numbers = iter(range(len(sentences)))
        parts = part_of(found)
        for document in documents(sentences):
            assert len({parts[next(numbers)] for _ in document}) == 1
    counts = count_labels(sentences, found.parts)
    for label, total in sum(map(Counter, counts), Counter[tuple[str, str]]()).items():
        if total >= 500:
            assert [part[label] / total for part in counts] == pytest.approx(
                [0.8, 0.1, 0.1], abs=most_off
            )
    assert found.apart == num_apart(sentences, found)
    assert found.apart == 0 or name.startswith("uner-chinese")


@pytest.mark.corpora
def test_thousands_of_single_sentences_are_spread_by_tags() -> None:
    name = "ud-english-ewt/en_ewt-ud-train.conllu"
    sentences = [msgspec.structs.replace(each, source=None) for each in read_shared(name)]
    found = split(sentences, SHARES, seed=1)
    assert (found.unit, found.units, found.apart) == ("sentence", 12544, 0)
    counts = count_labels(sentences, found.parts)
    assert len(counts[0]) > 65
    for label, total in sum(map(Counter, counts), Counter[tuple[str, str]]()).items():
        shares = [part.get(label, 0) / total for part in counts]
        assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02 if total >= 100 else 0.1)

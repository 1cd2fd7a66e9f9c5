"""Planted label errors are found again; who is held out; what is compared with what."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from tagger.corpus.files import read_all
from tagger.errors import UsageError
from tagger.sentence import Sentence
from tagger.training.audit import Doubt, doubts_in, ranked
from tagger.training.folds import SETTINGS, Fold, deal, fit, folds_of, split_off_dev
from tagger.training.settings import Settings, settings_from
from tests.conftest import DEMO, sentence, tiny_settings, train_to_the_end

WIDE: dict[str, dict[str, Any]] = {
    "words": {"size": 32},
    "affixes": {"size": 32},
    "encoder": {"hidden_size": 32},
}
LEARNING = {"epochs": 10, "batch_tokens": 20, "learning_rate": 0.03}
QUICK = tiny_settings(**WIDE, optimisation=LEARNING)
RULE = [
    sentence(f"{name} {verb} {place} .", upos="N V P X", ner=f"B-PER O {tag} O")
    for name in ("Ann", "Bob", "Eve", "Lee")
    for verb in ("saw", "left", "knows")
    for place, tag in (("Bath", "B-LOC"), ("York", "B-LOC"), ("home", "O"))
]


def audited(
    sentences: Sequence[Sentence], names: Sequence[str], settings: Settings = QUICK
) -> list[Doubt]:
    doubts = []
    for fold in folds_of(sentences, names, settings):
        train_to_the_end(fold.training)
        doubts += doubts_in(fold)
    return ranked(doubts)


def spoilt(place: int, name: str, tags: str) -> list[Sentence]:
    """RULE with other tags in one sentence."""
    changed = RULE[place].with_columns({name: tuple(tags.split())})
    return [*RULE[:place], changed, *RULE[place + 1 :]]


def folds(sentences: Sequence[Sentence], names: Sequence[str], count: int = 2) -> list[Fold]:
    return list(folds_of(sentences, names, tiny_settings(), count))


def test_flipped_tags_of_a_real_corpus_come_first() -> None:
    sentences = read_all([DEMO / "train.conllu"])[:120]
    random = np.random.default_rng(5)
    gold = [list(s.columns["upos"]) for s in sentences]
    tags = sorted({tag for column in gold for tag in column})
    places = [(i, j) for i, column in enumerate(gold) for j in range(len(column))]
    planted = {places[k] for k in random.choice(len(places), len(places) // 50, replace=False)}
    for i, j in sorted(planted):
        gold[i][j] = str(random.choice([tag for tag in tags if tag != gold[i][j]]))
    noisy = [s.with_columns({"upos": tuple(g)}) for s, g in zip(sentences, gold, strict=True)]
    options = {"epochs": 6, "batch_tokens": 100, "learning_rate": 0.03}
    doubts = audited(noisy, ["upos"], tiny_settings(**WIDE, optimisation=options))
    top = [(doubt.sentence, doubt.token) for doubt in doubts[: len(planted)]]
    assert len(planted & set(top)) > 0.3 * len(planted) > 10, "chance would find one in fifty"


def test_a_wrong_tag_comes_first_with_the_right_one_as_alternative() -> None:
    first = audited(spoilt(7, "upos", "N N P X"), ["upos"])[0]
    assert (first.sentence, first.token, first.column) == (7, 1, "upos")
    assert (first.tag, first.alternative) == ("N", "V")
    assert first.probability > 0.7 > 0.2 > first.tag_probability


def test_a_wrong_entity_is_denied_as_it_is_written_in_the_corpus() -> None:
    doubts = audited(spoilt(4, "ner", "I-LOC O I-LOC O"), ["ner"])
    assert (doubts[0].sentence, doubts[0].token, doubts[0].tag) == (4, 0, "I-LOC")
    assert doubts[0].alternative == "B-PER"
    assert (4, 2) not in [(d.sentence, d.token) for d in doubts], "I-LOC is B-LOC in IOB1"


@pytest.mark.parametrize("count", [2, 5])
def test_every_sentence_is_held_out_once_and_never_learned_there(count: int) -> None:
    found = folds(RULE, ["upos"], count)
    assert [fold.number for fold in found] == list(range(1, count + 1))
    assert sorted(i for fold in found for i in fold.places) == list(range(len(RULE)))
    for fold in found:
        assert list(fold.held_out) == [RULE[i] for i in fold.places]
        data = fold.training.data
        assert len(data.train) + len(data.dev) + len(fold.held_out) == len(RULE)
        assert not {s.forms for s in data.dev} & {s.forms for s in fold.held_out}


def test_an_audit_repeats_itself_for_a_seed() -> None:
    sentences = spoilt(7, "upos", "N N P X")
    assert audited(sentences, ["upos"], tiny_settings()) == audited(
        sentences, ["upos"], tiny_settings()
    )
    one, other = (folds_of(RULE, ["upos"], tiny_settings(seed)) for seed in (1, 2))
    assert [fold.places for fold in one] != [fold.places for fold in other]


def test_sentences_that_lack_the_column_are_left_alone() -> None:
    bare = [sentence("Ann saw Bath .", xpos="A B C D"), Sentence(())]
    doubts = audited([*bare, *spoilt(7, "upos", "N N P X")], ["upos"])
    assert doubts[0].sentence == 7 + len(bare)
    assert not {0, 1} & {doubt.sentence for doubt in doubts}
    assert not [i for fold in folds([*bare, *RULE], ["upos"]) for i in fold.places if i < 2]


def test_tokens_without_a_tag_are_not_doubted() -> None:
    tags = audited(spoilt(7, "upos", "N _ P X"), ["upos"])
    spans = audited(spoilt(7, "ner", "O _ O O"), ["ner"], tiny_settings())
    assert 7 not in {doubt.sentence for doubt in [*tags, *spans]}


def test_a_tag_that_is_in_one_fold_only_is_denied_with_a_probability() -> None:
    for name, tags, tag in (("upos", "N ODD P X", "ODD"), ("ner", "B-PER B-ODD O O", "B-ODD")):
        doubts = audited(spoilt(7, name, tags), [name], tiny_settings())
        (odd,) = [doubt for doubt in doubts if doubt.tag == tag]
        assert (odd.sentence, odd.token, odd.tag_probability) == (7, 1, 0.0)
        assert 0.0 < odd.probability <= 1.0


def test_several_columns_are_audited_at_once() -> None:
    sentences = spoilt(4, "ner", "B-LOC O B-LOC O")
    tags = [s.with_columns({"upos": ("V", *s.columns["upos"][1:])}) for s in sentences[9:10]]
    doubts = audited([*sentences[:9], *tags, *sentences[10:]], ["upos", "ner"])
    best = {(doubt.sentence, doubt.token, doubt.column) for doubt in doubts[:2]}
    assert best == {(4, 0, "ner"), (9, 0, "upos")}


def test_a_column_that_few_sentences_have_is_learned_and_judged_in_every_fold() -> None:
    few = [sentence("Ann left", xpos="N V") for _ in range(4)]
    for fold in folds([*RULE, *few], ["upos", "xpos"]):
        assert sum("xpos" in s.columns for s in fold.held_out) == 2
        assert any("xpos" in s.columns for s in fold.training.data.dev)
        train_to_the_end(fold.training)
        columns = {doubt.sentence: doubt.column for doubt in doubts_in(fold)}
        assert all((column == "xpos") == (i >= len(RULE)) for i, column in columns.items())


@pytest.mark.parametrize("seed", range(5))
def test_each_part_gets_its_share_of_every_column(seed: int) -> None:
    few = [sentence("Ann left", xpos="N V") for _ in range(6)]
    parts = deal([*RULE, *few], 3, np.random.default_rng(seed))
    assert [sum(i >= len(RULE) for i in part) for part in parts] == [2, 2, 2]


def test_parts_differ_by_one_sentence_at_most() -> None:
    parts = deal(RULE[:17], 5, np.random.default_rng(1))
    assert sorted(i for part in parts for i in part) == list(range(17))
    assert {len(part) for part in parts} == {3, 4}


def test_dev_is_a_twentieth_that_training_does_not_see() -> None:
    sentences = [sentence(f"w{i}", upos="N") for i in range(200)]
    train, dev = split_off_dev(sentences, ["upos"], np.random.default_rng(1))
    assert (len(train), len(dev)) == (190, 10)
    assert {s.forms for s in train}.isdisjoint({s.forms for s in dev})


@pytest.mark.parametrize(
    ("num_tokens", "epochs", "batch_tokens"),
    [(1_000_000, 3, 1000), (100_000, 3, 1000), (50_000, 3, 500), (5_000, 6, 100), (10, 300, 100)],
)
def test_a_small_corpus_is_read_in_small_batches_and_then_more_often(
    num_tokens: int, epochs: int, batch_tokens: int
) -> None:
    options = fit(SETTINGS, num_tokens, 3).optimisation
    assert (options.epochs, options.batch_tokens) == (epochs, batch_tokens)
    given = tiny_settings(optimisation={"epochs": 3, "batch_tokens": 70})
    assert fit(given, num_tokens, 3) == given


def test_entities_are_learned_for_longer_than_tags() -> None:
    settings = settings_from({"optimisation": {"batch_tokens": 1}})
    for names, epochs in ((["upos"], 3), (["upos", "ner"], 10)):
        fold = next(folds_of(RULE * 5, names, settings))
        assert fold.training.schedule == (epochs, 1)


def test_too_few_sentences_or_folds_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        folds(RULE[:3], ["upos"])
    assert str(caught.value) == (
        "upos: expected at least 4 sentences tagged in this column to deal into 2 folds, found 3"
    )
    with pytest.raises(UsageError, match="xpos: expected at least 4 sentences"):
        folds(RULE, ["upos", "xpos"])
    blank = [s.with_columns({"xpos": ("_",) * len(s)}) for s in RULE]
    with pytest.raises(UsageError, match=r"xpos: expected .* found 0"):
        folds(blank, ["upos", "xpos"])
    with pytest.raises(UsageError, match="expected at least 2 folds, found 1"):
        folds(RULE, ["upos"], 1)


def doubt(probability: float, tag_probability: float, alternative: str = "V") -> Doubt:
    return Doubt(
        sentence=0,
        token=0,
        column="upos",
        tag="N",
        alternative=alternative,
        probability=probability,
        tag_probability=tag_probability,
    )


def test_the_surer_the_model_is_the_higher_a_doubt_ranks() -> None:
    order = [doubt(0.9, 0.0), doubt(0.9, 0.001), doubt(0.9, 0.1), doubt(0.5, 0.1), doubt(0.5, 0.4)]
    assert ranked(order[::-1]) == order


def test_what_is_denied_all_over_ranks_below_what_is_denied_once() -> None:
    often = [doubt(0.9, 0.1)] * 5
    once = doubt(0.8, 0.15, "X")
    assert ranked([*often, once]) == [once, *often]
    assert ranked([often[0], once]) == [often[0], once]


def test_shares_are_those_of_a_column() -> None:
    half = [msgspec.structs.replace(doubt(0.9, 0.1), column="xpos")] * 2
    others = [doubt(0.3, 0.2, alternative) for alternative in "VWXYZ"]
    assert ranked([*half, *others]) == [*others, *half]


def test_a_single_doubt_has_nothing_to_be_compared_with() -> None:
    assert ranked([doubt(0.9, 0.1)]) == [doubt(0.9, 0.1)]
    assert ranked([]) == []

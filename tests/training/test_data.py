"""A corpus made ready: tasks and vocabularies from the training split and nothing else."""

import pytest

from tagger.errors import UsageError
from tagger.tasks import IGNORED
from tagger.training.data import TrainingData, prepare
from tests.conftest import sentence, tiny_settings

TRAIN = [
    sentence("Ann sees Ann 12", upos="N V N M", ner="I-PER O I-PER O"),
    sentence("ann sees 34", upos="N V M"),
]
DEV = [sentence("Bob sees q", upos="N V Z", ner="B-PER O O")]


def prepared(*, min_count: int = 1) -> TrainingData:
    return prepare(TRAIN, DEV, ["upos", "ner"], tiny_settings(words={"min_count": min_count}))


def test_vocabularies_hold_the_training_split_only_the_most_frequent_first() -> None:
    data = prepared()
    assert data.vocabularies.words.strings == ("<pad>", "<unknown>", "ann", "00", "sees")
    assert set(data.vocabularies.characters.strings) == {"<pad>", "<unknown>", *"Annsees1234a"}
    assert not {"b", "q"} & set(data.vocabularies.characters.strings)


def test_rare_words_are_unknown() -> None:
    assert prepared(min_count=3).vocabularies.words.strings == ("<pad>", "<unknown>", "ann")


def test_tasks_come_in_the_order_asked_for_with_the_training_tags() -> None:
    upos, ner = prepared().tasks
    assert (upos.name, upos.tags, upos.scheme) == ("upos", ("M", "N", "V"), None)
    assert (ner.name, ner.scheme) == ("ner", "IOBES")
    assert ner.tags == ("O", "B-PER", "I-PER", "E-PER", "S-PER")


def test_sentences_are_encoded_with_the_columns_that_they_have() -> None:
    first, second = prepared().train
    assert first.targets["upos"].tolist() == [1, 2, 1, 0]
    assert first.targets["ner"].tolist() == [4, 0, 4, 0]
    assert set(second.targets) == {"upos"}
    assert len(set(first.forms.tolist())) == 3, "one id per distinct form"


def test_dev_keeps_tags_that_training_never_saw() -> None:
    data = prepared()
    assert data.dev[0].columns["upos"] == ("N", "V", "Z")
    lexicon = data.dev_lexicon
    assert lexicon.words[lexicon.ids["Bob"]] == data.vocabularies.words.unknown_id


def test_sentences_without_any_of_the_columns_are_left_out() -> None:
    bare = sentence("never seen", xpos="A B")
    data = prepare([*TRAIN, bare], [bare, *DEV], ["upos"], tiny_settings())
    assert (len(data.train), len(data.dev)) == (2, 1)
    assert "never" not in data.vocabularies.words


def test_sentences_without_any_gold_tag_teach_nothing_and_are_left_out() -> None:
    partly = sentence("Ann _ sees", ner="B-PER _ O")
    data = prepare([*TRAIN, partly], DEV, ["ner"], tiny_settings())
    assert all((s.targets["ner"] != IGNORED).any() for s in data.train)
    assert len(data.train) == 1


def test_a_word_may_be_called_like_padding() -> None:
    odd = [sentence("<pad> <unknown> Ann", upos="X X N")]
    data = prepare(odd, odd, ["upos"], tiny_settings())
    assert data.vocabularies.words.strings == ("<pad>", "<unknown>", "ann")


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        prepare(TRAIN, DEV, ["upos", "chunk"], tiny_settings())
    assert str(caught.value) == (
        "no training sentence has the column 'chunk'; the columns found are ner, upos"
    )
    with pytest.raises(UsageError, match="the columns found are none"):
        prepare([sentence("Ann")], DEV, ["upos"], tiny_settings())


def test_a_column_that_dev_lacks_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        prepare(TRAIN, [sentence("Bob", upos="N")], ["upos", "ner"], tiny_settings())
    assert str(caught.value) == "no dev sentence has the column 'ner'"


def test_a_head_for_a_task_that_is_not_learned_is_refused() -> None:
    settings = tiny_settings(heads={"upso": "crf"})
    with pytest.raises(UsageError, match="heads: 'upso' is none of the tasks upos, ner"):
        prepare(TRAIN, DEV, ["upos", "ner"], settings)

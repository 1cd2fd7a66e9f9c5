"""`tagger.load`: the library as its users begin with it."""

import pickle
from pathlib import Path

import pytest

import tagger
from tagger.errors import ModelError, UsageError
from tagger.inference.decoder import Decoding
from tagger.inference.pipeline import Tagger

TEXT = "Ms. Adeyemi reached Leeds.  Why?\n\nIt rained."


@pytest.fixture(scope="module")
def loaded(tiny_model: Path) -> Tagger:
    return tagger.load(tiny_model)


def test_a_model_is_loaded_by_its_path(loaded: Tagger, tiny_model: Path) -> None:
    assert loaded.folder == tiny_model
    assert [task.name for task in loaded.tasks] == ["upos", "ner"]
    assert tagger.load(str(tiny_model)).tag(TEXT) == loaded.tag(TEXT)


def test_a_text_becomes_sentences_with_tags_and_offsets(loaded: Tagger) -> None:
    sentences = loaded.tag(TEXT)
    assert [s.text for s in sentences] == ["Ms. Adeyemi reached Leeds.", "Why?", "It rained."]
    for sentence in sentences:
        assert {name: len(tags) for name, tags in sentence.columns.items()} == {
            "upos": len(sentence),
            "ner": len(sentence),
        }
        for token in sentence.tokens():
            assert TEXT[token.start : token.end] == token.form


def test_given_tokens_become_one_sentence(loaded: Tagger) -> None:
    for tokens in (["It", "rained", "."], ("It", "rained", ".")):
        sentence = loaded.tag(tokens)
        assert sentence.forms == ("It", "rained", ".")
        assert sentence.columns == loaded.tag("It rained.")[0].columns


def test_nothing_gives_nothing(loaded: Tagger) -> None:
    assert loaded.tag("") == loaded.tag(" \n\n") == []
    assert loaded.tag([]).forms == ()


def test_a_tagger_that_was_pickled_gives_the_same_tags(tiny_model: Path) -> None:
    decoding = Decoding(tasks=("ner",), probabilities=True, n_best=2)
    asked = tagger.load(tiny_model, decoding=decoding, threads=2)
    copy = pickle.loads(pickle.dumps(asked))
    assert copy.tag(TEXT) == asked.tag(TEXT)
    assert [task.name for task in copy.predicted] == ["ner"]
    assert len(copy.tag(TEXT)[0].confidence["ner"].best) == 2


def test_a_pickled_tagger_does_not_depend_on_the_folder_that_one_is_in(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tiny_model.parent)
    packed = pickle.dumps(tagger.load("tiny"))
    monkeypatch.chdir(tmp_path)
    assert len(pickle.loads(packed).tag(TEXT)) == 3


def test_single_tasks_may_be_asked_for(tiny_model: Path) -> None:
    (sentence,) = tagger.load(tiny_model, decoding=Decoding(tasks=("upos",))).tag("It rained.")
    assert set(sentence.columns) == {"upos"}
    with pytest.raises(UsageError, match="expected a task among upos, ner, found 'chunk'"):
        tagger.load(tiny_model, decoding=Decoding(tasks=("chunk",)))


def test_without_being_asked_for_there_is_no_confidence(loaded: Tagger) -> None:
    assert not loaded.tag("It rained.")[0].confidence


def test_an_unknown_name_is_an_error_that_says_where_it_was_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    with pytest.raises(ModelError, match=r"^nowhere: not a tagger model: .* nor in models"):
        tagger.load("nowhere")


def test_a_path_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.json is missing"):
        tagger.load(tmp_path)
    with pytest.raises(ModelError, match="no such folder"):
        tagger.load(tmp_path / "nowhere")

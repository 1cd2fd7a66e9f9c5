"""What a student reads of a teacher's labels."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from tagger.errors import UsageError
from tagger.tasks import Task
from tagger.training.data import build_vocabularies
from tagger.training.distillation.corpus import SoftCorpus
from tests.conftest import sentence, tiny_settings
from tests.training.distillation.lessons import NER, TEXT, UPOS, chances, labelled

SETTINGS = tiny_settings(distillation={"min_count": 1})


def soft_corpus(folder: Path, *tasks: Task, **changed: float) -> SoftCorpus:
    texts, labels = labelled(folder)
    vocabularies = build_vocabularies([sentence("Ann sees", upos="N V")], SETTINGS, texts)
    own = msgspec.structs.replace(SETTINGS.distillation, **changed)
    return SoftCorpus(texts, labels, tasks, vocabularies, own)


def distribution(corpus: SoftCorpus, i: int, task: str) -> NDArray[np.float32]:
    """Shape: (length, num_tags)."""
    return corpus.batch(corpus.sentences([i])).distributions[task][0].numpy()


def test_the_students_tags_get_the_teachers_probabilities(tmp_path: Path) -> None:
    ours = Task(name="upos", tags=("X", "P", "V", "N"), scheme=None)
    corpus = soft_corpus(tmp_path, ours, NER)
    for i, given in enumerate(TEXT):
        found = distribution(corpus, i, "upos")
        expected = chances(given.forms, 3)
        expected[np.arange(len(given)), expected.argmin(1)] = 0.0  # two tags were kept
        expected /= expected.sum(1, keepdims=True)
        assert np.allclose(found[:, [3, 2, 1]], expected, atol=1e-3)
        assert not found[:, 0].any()


def test_tags_that_the_student_does_not_know_leave_their_share_to_the_others(
    tmp_path: Path,
) -> None:
    corpus = soft_corpus(tmp_path, Task(name="upos", tags=("N",), scheme=None))
    found = np.concatenate([distribution(corpus, i, "upos") for i in range(3)])
    assert set(found.ravel().tolist()) == {0.0, 1.0}


def test_a_temperature_makes_probabilities_more_alike(tmp_path: Path) -> None:
    plain = distribution(soft_corpus(tmp_path / "a", UPOS), 0, "upos")
    warm = distribution(soft_corpus(tmp_path / "b", UPOS, temperature=2.0), 0, "upos")
    expected = np.sqrt(plain) / np.sqrt(plain).sum(1, keepdims=True)
    assert np.allclose(warm, expected, atol=1e-3)


def test_a_teacher_of_other_tasks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected one of the tasks chunk, found only upos, ner"):
        soft_corpus(tmp_path, Task(name="chunk", tags=("O",), scheme=None))


def test_batches_hold_the_forms_of_their_sentences(tmp_path: Path) -> None:
    corpus = soft_corpus(tmp_path, UPOS, NER)
    batch = corpus.batch(corpus.sentences([1, 2]))
    assert batch.num_tokens == 5
    assert batch.inputs.lengths.tolist() == [1, 4]
    assert {name: of.shape for name, of in batch.distributions.items()} == {
        "upos": (2, 4, 3),
        "ner": (2, 4, 5),
    }
    assert not batch.distributions["ner"][0, 1:].any()
    words = batch.inputs.words
    known = [corpus.lexicon.words[corpus.lexicon.ids[form]] for form in TEXT[2].forms]
    assert words[1].tolist() == known


@pytest.mark.parametrize(
    ("passes", "until", "expected"),
    [
        (1.0, 1.0, [[0], [1], [2]]),
        (2.0, 1.0, [[0, 1], [2, 0], [1, 2]]),
        (1.0, 0.34, [[0, 1, 2], [], []]),
        (0.67, 1.0, [[], [0], [1]]),
    ],
)
def test_the_epochs_share_the_sentences(
    tmp_path: Path, passes: float, until: float, expected: list[list[int]]
) -> None:
    corpus = soft_corpus(tmp_path, UPOS, passes=passes, until=until)
    found = [[i % len(corpus) for i in corpus.read_in(epoch, 3)] for epoch in range(3)]
    assert found == expected


def test_common_words_of_the_texts_come_behind_those_of_the_corpus(tmp_path: Path) -> None:
    texts, _ = labelled(tmp_path)
    gold = [sentence("Ann sees", upos="N V")]
    plain = build_vocabularies(gold, SETTINGS).words.strings
    settings = tiny_settings(distillation={"min_count": 1, "most": 2})
    found = build_vocabularies(gold, settings, texts).words.strings
    assert found == (*plain, "bob", "bath")

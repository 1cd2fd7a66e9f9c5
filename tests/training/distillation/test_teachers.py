"""Teachers: what several models say together."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from tagger.errors import UsageError
from tagger.inference.pipeline import Tagger
from tagger.tasks import Task
from tagger.training.distillation.teachers import Teachers, joined_tasks, record_of

SENTENCES = [["Ann", "lives", "in", "Bath", "."], ["Yes"], ["the", "dog"] * 20]


def test_a_teacher_thinks_most_of_the_tags_that_its_model_predicts(tiny_model: Path) -> None:
    teachers = Teachers([tiny_model])
    tagger = Tagger(tiny_model)
    for forms, found in zip(SENTENCES, teachers.label(SENTENCES), strict=True):
        for task in teachers.tasks:
            assert found[task.name].shape == (len(forms), len(task.tags))
            assert np.allclose(found[task.name].sum(1), 1.0, atol=1e-5)
        best = [teachers.tasks[0].tags[i] for i in found["upos"].argmax(1)]
        assert tuple(best) == tagger.tag(forms).columns["upos"]


def test_several_teachers_say_their_mean(tiny_model: Path, toy_model: Path) -> None:
    alone = Teachers([tiny_model]).label(SENTENCES)
    twice = Teachers([tiny_model, toy_model]).label(SENTENCES)  # the same but for a segmenter
    for one, both in zip(alone, twice, strict=True):
        for name, chances in one.items():
            assert np.allclose(chances, both[name], atol=1e-6)


def test_tags_of_all_teachers_are_joined() -> None:
    tasks = [Task(name="upos", tags=tags, scheme=None) for tags in (("N", "V"), ("V", "P"))]
    assert joined_tasks(tasks) == (Task(name="upos", tags=("N", "V", "P"), scheme=None),)
    spans = Task(name="upos", tags=("O", "B-N"), scheme="IOBES")
    with pytest.raises(UsageError, match="'upos' has spans for one and plain tags for another"):
        joined_tasks([tasks[0], spans])


def test_a_record_changes_with_the_graphs_alone(tiny_model: Path, toy_model: Path) -> None:
    one, other = record_of(tiny_model), record_of(toy_model)
    assert (one.name, other.name) == ("tiny", "toy")
    assert one.sha256 == other.sha256
    assert msgspec.structs.replace(one, name="toy") == other

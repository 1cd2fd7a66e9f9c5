"""A student at its lessons: it learns what its corpus does not show."""

from pathlib import Path

import pytest

from tagger.corpus.soft_lines import SoftTags
from tagger.inference.records import DistillationRecord
from tagger.training.data import Taught, prepare
from tagger.training.dev_scores import score_network
from tagger.training.distillation.given import write_given
from tagger.training.distillation.labels import begin_labels, open_labels
from tagger.training.distillation.texts import open_texts
from tagger.training.loop import EpochReport, Training
from tests.conftest import sentence, tiny_settings, train_to_the_end
from tests.training.distillation.lessons import ASKED
from tests.training.test_loop import QUICK, TOY

GOLD = [sentence("Ann sleeps .", upos="N V .", ner="B-PER O O")]
SAID = [
    SoftTags(s.forms, {"upos": [{tag: 0.75, "X": 0.25} for tag in s.columns["upos"]]}) for s in TOY
]


def student(folder: Path, **changed: float) -> Training:
    """What has one gold sentence, and a teacher that has read all."""
    begin_labels(folder, ASKED)
    write_given(
        folder,
        lambda: SAID,
        top=2,
        most_tokens=1_000,
        kept_out=frozenset(),
        told=lambda tokens: None,
    )
    texts = open_texts(folder)
    labels = open_labels(folder, len(texts.tokens))
    record = DistillationRecord(teachers=(), texts=(), tokens=texts.num_tokens)
    own = {"min_count": 1, "passes": 25.0, **changed}
    settings = tiny_settings(optimisation=QUICK, distillation=own)
    train = [*GOLD, sentence("the in", upos="D P")]
    taught = Taught(texts, labels, record)
    return Training(prepare(train, TOY, ["upos"], settings, taught=taught), settings)


def test_a_student_learns_what_only_its_teacher_shows(tmp_path: Path) -> None:
    training = train_to_the_end(student(tmp_path))
    (score,) = score_network(training.best_network(), training.data)
    assert score.value == 1.0


def test_the_same_lessons_make_the_same_student(tmp_path: Path) -> None:
    found = [train_to_the_end(student(tmp_path / name)).state for name in "ab"]
    one, other = (state.network.state_dict() for state in found)
    assert all((one[name] == other[name]).all() for name in one)


@pytest.mark.parametrize("until", [1.0, 0.5])
def test_the_rate_falls_to_the_end_whatever_the_epochs_read(tmp_path: Path, until: float) -> None:
    reports = [r for r in student(tmp_path, until=until).run() if isinstance(r, EpochReport)]
    rates = [report.learning_rate for report in reports]
    assert len(rates) == QUICK["epochs"]
    assert rates[1:] == sorted(rates[1:], reverse=True)
    assert 0.0 < rates[-1] < rates[12] / 5
    tokens = [report.tokens for report in reports]
    assert (tokens[-1] == 5) == (until < 1.0)

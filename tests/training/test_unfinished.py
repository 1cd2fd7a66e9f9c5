"""A training that is not finished: one run, one process, one folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tagger.errors import TaggerError
from tagger.inference.records import CorpusRecord, TransformerRecord, VectorsRecord
from tagger.inference.subwords import Frame
from tagger.training import unfinished as module
from tagger.training.checkpoint import CheckpointError
from tagger.training.loop import EpochReport, StepReport, Training
from tagger.training.unfinished import Run, Unfinished, unfinished
from tests.training.test_loop import make_training
from tests.training.test_state import fresh, run_steps

RECORD = CorpusRecord(split="train", name="a", sha256="0" * 64, sentences=1, tokens=2)
VECTORS = VectorsRecord(name="v", sha256="1" * 64, size=9, training_words=1, other_words=2)
FRAME = Frame(first_id=1, last_id=2, pad_id=0, unknown_id=3, positions=512)
TRANSFORMER = TransformerRecord(
    name="t",
    sha256="2" * 64,
    family="bert",
    license="mit",
    hidden_size=8,
    layers=1,
    heads=2,
    activation="gelu",
    epsilon=1e-12,
    frame=FRAME,
)
RUN = Run(settings={"seed": 1}, tasks=("upos",), data=(RECORD,), segmenter=True)
STEP = StepReport(epoch=1, batch=1, num_batches=2, tokens=3, loss=0.5)


@contextmanager
def begin(output: Path, run: Run = RUN, **asked: bool) -> Iterator[Unfinished]:
    def warn(message: str) -> None:
        raise AssertionError(message)

    with unfinished(output, run, warn, **{"resume": False, "force": False, **asked}) as states:
        yield states


def refused(output: Path, run: Run = RUN, **asked: bool) -> str:
    """What is wrong with beginning there."""
    with pytest.raises(TaggerError) as problem, begin(output, run, **asked):
        pass
    return str(problem.value)


@pytest.fixture
def training() -> Training:
    training = fresh()
    run_steps(training, 3)
    return training


def test_each_part_goes_on_where_it_was(tmp_path: Path, training: Training) -> None:
    with begin(tmp_path / "m") as states:
        assert not states.restore("tagger", fresh().state)
        states.save("tagger", training.state)
    resumed = fresh(seed=3)
    with begin(tmp_path / "m", resume=True) as states:
        assert states.restore("tagger", resumed.state)
        assert resumed.state.step == 3
        assert not states.restore("segmenter", fresh().state)
        states.remove()
    assert list(tmp_path.iterdir()) == []


def test_resuming_where_nothing_is_begins(tmp_path: Path) -> None:
    with begin(tmp_path / "m", resume=True) as states:
        assert not states.restore("tagger", fresh().state)


def test_what_is_there_is_neither_lost_nor_used_unasked(tmp_path: Path, training: Training) -> None:
    with begin(tmp_path / "m") as states:
        states.save("tagger", training.state)
    assert refused(tmp_path / "m").endswith("--resume goes on with it, --force begins anew")
    with begin(tmp_path / "m", force=True) as states:
        assert not states.restore("tagger", fresh().state)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("settings", {"seed": 2}),
        ("tasks", ("upos", "ner")),
        ("data", ()),
        ("segmenter", False),
        ("vectors", VECTORS),
        ("transformer", TRANSFORMER),
    ],
)
def test_another_run_does_not_go_on_from_it(tmp_path: Path, field: str, value: Any) -> None:
    with begin(tmp_path / "m"):
        pass
    other = msgspec.structs.replace(RUN, **{field: value})
    assert f"was begun with other {field}: give" in refused(tmp_path / "m", other, resume=True)


def test_other_versions_are_a_warning(tmp_path: Path) -> None:
    with begin(tmp_path / "m"):
        pass
    other = msgspec.structs.replace(RUN, versions=("9", "8"))
    warnings: list[str] = []
    with unfinished(tmp_path / "m", other, warnings.append, resume=True, force=False):
        assert "the weights may differ" in warnings[0]


@pytest.mark.parametrize("asked", [{}, {"resume": True}, {"force": True}])
def test_two_trainings_do_not_share_a_folder(tmp_path: Path, asked: dict[str, bool]) -> None:
    with begin(tmp_path / "m"):
        assert refused(tmp_path / "m", **asked).endswith("another training is at work there")
    with begin(tmp_path / "m", resume=True):
        pass


def test_every_epoch_is_saved_and_a_step_when_the_last_time_is_long_ago(
    tmp_path: Path, training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    monkeypatch.setattr(module, "save_state", lambda path, state: saved.append(path.name))
    with begin(tmp_path / "m") as states:
        states.after("tagger", training.state, is_epoch=False)
        assert saved == []
        next(report for report in training.run() if isinstance(report, EpochReport))
        states.after("tagger", training.state, is_epoch=True)
        assert saved == ["tagger.safetensors"]
        monkeypatch.setattr(module, "SAVE_SECONDS", -1.0)
        states.after("tagger", training.state, is_epoch=False)
        assert len(saved) == 2


def test_the_state_of_another_network_does_not_fit(tmp_path: Path, training: Training) -> None:
    with begin(tmp_path / "m") as states:
        states.save("tagger", training.state)
        with pytest.raises(CheckpointError, match="does not fit this training"):
            states.restore("tagger", make_training(encoder={"hidden_size": 5}).state)


def test_a_broken_run_file_and_a_file_in_the_way_are_one_sentence(tmp_path: Path) -> None:
    with begin(tmp_path / "m"):
        pass
    (tmp_path / "m.unfinished" / "run.json").write_bytes(b"{")
    assert "run.json: not what a training has there" in refused(tmp_path / "m", resume=True)
    (tmp_path / "n.unfinished").write_bytes(b"")
    assert "n.unfinished: cannot be written" in refused(tmp_path / "n")

"""Spoilt model folders give tags or a TaggerError, and the fuzzer would notice if not.

The long form is `python -m benchmarks.fuzzing_models`.
"""

import time
from pathlib import Path
from random import Random

import pytest

from benchmarks import fuzzing_models
from benchmarks.fuzzing_models import FIXTURE, TUNED, Trials, run
from tagger.errors import ModelError
from tests.conftest import ROOT
from tests.inference import model_trials
from tests.inference.model_mutations import LINK, read_files, spoilt

TAGGER, LANGUAGE = FIXTURE / "model", FIXTURE / "language-model"


@pytest.mark.parametrize(
    ("kind", "number", "folder"),
    [("tagger", 100, TAGGER), ("transformer", 100, TUNED / "model"), ("language", 25, LANGUAGE)],
)
def test_spoilt_models_give_tags_or_one_sentence(kind: str, number: int, folder: Path) -> None:
    found = run(kind, number, 20, [folder])
    assert found["findings"] == {}
    assert found["trials"] == number
    results = found["results"]
    assert isinstance(results, dict)
    assert number > results["ok"] > number // 30
    assert len(results) > 4, "all are refused for the same reason"


def test_one_seed_gives_the_same_folders_again() -> None:
    seeds = [read_files(TAGGER)]
    first, again, other = (
        [spoilt(random, *seeds, seeds) for _ in range(60)]
        for random in (Random(1), Random(1), Random(2))
    )
    assert first == again
    assert first != other
    assert any(files.keys() != seeds[0].keys() for files in first)


def test_a_spoilt_folder_is_replayed_by_its_number(tmp_path: Path) -> None:
    seeds = [read_files(TAGGER)]
    trials = Trials("tagger", 1, seeds, tmp_path)
    results = [trials.attempt(number) for number in (7, 8, 9, 7)]
    assert results[0] == results[-1]
    assert Trials("tagger", 1, seeds, tmp_path).files(7) == trials.files(7)


@pytest.mark.parametrize(
    ("raised", "result"),
    [
        (ModelError("m: broken"), "refused: ModelError"),
        (ModelError("m:\nbroken"), "finding: a message of 9 characters, 1 lines"),
        (KeyError("x"), "finding: KeyError: 'x'"),
        (AssertionError("text is lost"), "finding: AssertionError: text is lost"),
    ],
)
def test_only_one_sentence_for_the_user_is_no_finding(
    raised: Exception, result: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def use(folder: Path, probabilities: bool) -> None:
        raise raised

    monkeypatch.setattr(fuzzing_models, "use_tagger", use)
    trials = Trials("tagger", 1, [read_files(TAGGER)], tmp_path)
    assert trials.attempt(1) == result


def test_only_what_differs_from_the_trial_before_is_written(tmp_path: Path) -> None:
    trials = Trials("tagger", 1, [read_files(TAGGER)], tmp_path)
    for number in range(40):
        trials.attempt(number)
    trials.attempt(-1)
    assert read_files(tmp_path / "model") == read_files(TAGGER)


def test_memory_far_beyond_the_files_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzzing_models, "use_tagger", lambda folder, probabilities: None)
    highest = iter([1_000, 1_001, 1_001 + 2**18, 1_002 + 2**19])  # KiB
    monkeypatch.setattr(fuzzing_models, "highest_memory", lambda: next(highest))
    trials = Trials("tagger", 1, [read_files(TAGGER)], tmp_path)
    assert [trials.attempt(i) for i in (1, 2, 3)] == ["ok", "ok", "finding: 256 MiB"]


def test_a_folder_that_cannot_be_written_does_not_count_as_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = Trials("tagger", 1, [read_files(TAGGER)], tmp_path)
    link = {"model.json": LINK + b"\xff"}
    monkeypatch.setattr(fuzzing_models, "spoilt", lambda *_: link)
    assert trials.attempt(1) == "unwritable"
    assert trials.attempt(-1) == "ok"


def test_the_memory_of_this_process_is_seen() -> None:
    assert 2**13 < fuzzing_models.highest_memory() < 2**26  # KiB


SPOILS = """
import os, sys, time
from benchmarks import fuzzing_models
from pathlib import Path
def use(folder, probabilities):
    use.calls = getattr(use, "calls", 0) + 1
    if use.calls == 3:
        {act}
fuzzing_models.use_tagger = use
fuzzing_models.SECONDS = fuzzing_models.MOST_SECONDS = 1
fuzzing_models.work("tagger", int(sys.argv[1]), int(sys.argv[2]), 1, [Path(sys.argv[3])])
"""


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("os.abort()", "finding: a crash with -6"),
        ("time.sleep(99)", "finding: a hang"),
        ("any(iter(int, 1))", "finding: a hang"),
    ],
)
def test_a_worker_that_dies_is_a_finding_and_the_next_goes_on(
    act: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "worker.py"
    script.write_text(SPOILS.format(act=act), encoding="utf-8")

    def command_of(kind: str, first: int, stop: int, seed: int, folders: object) -> list[str]:
        return [fuzzing_models.sys.executable, str(script), str(first), str(stop), str(TAGGER)]

    monkeypatch.setattr(fuzzing_models, "worker_command", command_of)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the script is not in the checkout
    began = time.monotonic()
    results = dict(fuzzing_models.trials("tagger", 0, 3, 1, [TAGGER]))
    assert [results[0], results[2]] == ["ok", "ok"]
    assert results[1].startswith(expected)
    assert time.monotonic() - began < 60


def test_untouched_models_are_used_to_the_end() -> None:
    model_trials.use_tagger(TAGGER, probabilities=True)
    model_trials.use_tagger(TUNED / "model", probabilities=True)
    model_trials.use_segmenter(TAGGER / "segmenter", probabilities=True)

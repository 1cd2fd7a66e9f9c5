"""What can go wrong while a training runs, caused for real: full disks, lost and broken files."""

import hashlib
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.cli.test_pretrain import TEXT
from tests.cli.test_resume import wait_for
from tests.training.language_corpus import TINY_TOML
from tests.training.raw_corpus import conllu

SETTINGS = """
words = { size = 8 }
encoder = { hidden_size = 8 }
optimisation = { epochs = 40, patience = 40, least_steps = 1, batch_tokens = 200 }
"""
COMMANDS = {
    "train": (
        *("train", "a.conllu", "--dev", "dev.conllu", "-t", "upos", "--no-segmenter"),
        *("--config", "c.toml"),
    ),
    "pretrain": (
        *("pretrain", "a.txt", "--segmenter", "rules", "--config", "lm.toml"),
        *("--epochs", "0.4"),
    ),
}
STATES = {"train": "tagger.safetensors", "pretrain": "language-model.safetensors"}
INPUTS = {"train": "a.conllu", "pretrain": "a.txt"}
ENV = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}


def start(
    folder: Path, *args: object, limit: Callable[[], None] | None = None
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tagger", *map(str, args)],
        cwd=folder,
        env=ENV,
        stderr=subprocess.PIPE,
        preexec_fn=limit,
    )


def weights(folder: Path) -> str:
    return hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()


@pytest.fixture(scope="module", params=["train", "pretrain"])
def stopped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`whole`, a finished model, and `m.unfinished`, stopped behind two saved states."""
    folder = tmp_path_factory.mktemp(request.param)
    for name, content in (
        ("c.toml", SETTINGS),
        ("lm.toml", TINY_TOML),
        ("a.txt", TEXT),
        ("a.conllu", conllu(90)),
        ("dev.conllu", conllu(20)),
    ):
        (folder / name).write_text(content, encoding="utf-8")
    whole = start(folder, *COMMANDS[request.param], "-o", "whole")
    _, said = whole.communicate(timeout=120)
    assert whole.returncode == 0, said
    process = start(folder, *COMMANDS[request.param], "-o", "m")
    wait_for(folder / "m.unfinished" / f"{STATES[request.param]}.previous")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM, said
    return folder


@pytest.fixture
def command(stopped: Path) -> str:
    """Which command was stopped."""
    return stopped.name.rstrip("0123456789")


@pytest.fixture
def folder(stopped: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(stopped, tmp_path / "copy"))


def resume(folder: Path, command: str, limit: Callable[[], None] | None = None) -> tuple[int, str]:
    process = start(folder, *COMMANDS[command], "-o", "m", "--resume", limit=limit)
    _, said = process.communicate(timeout=120)
    return process.returncode, said.decode()


def assert_resumes(folder: Path, command: str) -> str:
    """It comes to the same weights as one that nothing disturbed; gives what it says."""
    code, said = resume(folder, command)
    assert code == 0, said
    assert weights(folder / "m") == weights(folder / "whole")
    assert not (folder / "m.unfinished").exists()
    return said


def one_error(said: str) -> str:
    """The only error, without a traceback."""
    assert "Traceback" not in said
    (error,) = [line for line in said.splitlines() if line.startswith("error: ")]
    return error


def test_a_full_disk_while_a_state_is_saved_leaves_the_one_before(
    folder: Path, command: str
) -> None:
    """No file may be larger than half of a state."""
    state = folder / "m.unfinished" / STATES[command]
    before = state.read_bytes()

    def limit() -> None:
        most = len(before) // 2
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    code, said = resume(folder, command, limit)
    assert code == 2
    expected = f"error: m.unfinished/{state.name}.new: cannot be written: File too large"
    assert one_error(said) == expected
    assert state.read_bytes() == before
    assert {path.name for path in state.parent.iterdir()} >= {"run.json", state.name}
    assert not [path for path in state.parent.iterdir() if path.name.startswith(".")]
    assert_resumes(folder, command)


def test_input_that_vanished_is_said_and_the_state_kept(folder: Path, command: str) -> None:
    name = INPUTS[command]
    (folder / name).rename(folder / "away")
    code, said = resume(folder, command)
    assert code == 2
    assert one_error(said).startswith(f"error: {name}: no such file")
    (folder / "away").rename(folder / name)
    assert_resumes(folder, command)


@pytest.mark.parametrize("damage", ["cut", "a bit"])
def test_a_broken_state_is_said_and_the_one_before_taken(
    folder: Path, command: str, damage: str
) -> None:
    state = folder / "m.unfinished" / STATES[command]
    content = bytearray(state.read_bytes())
    if damage == "cut":
        del content[len(content) // 3 :]
    else:
        content[-len(content) // 3] ^= 1
    state.write_bytes(content)
    said = assert_resumes(folder, command)
    assert f"warning: m.unfinished/{state.name}: not a whole checkpoint: " in said
    assert "; going on from the one before" in said


def test_where_no_state_is_whole_it_is_said(folder: Path, command: str) -> None:
    for path in (folder / "m.unfinished").glob(f"{STATES[command]}*"):
        path.write_bytes(path.read_bytes()[:-1])
    code, said = resume(folder, command)
    assert code == 2
    assert "not a whole checkpoint" in one_error(said)
    assert said.rstrip().endswith("(--force begins anew)")


def test_two_trainings_of_one_folder_are_kept_apart(folder: Path, command: str) -> None:
    first = start(folder, *COMMANDS[command], "-o", "twice")
    wait_for(folder / "twice.unfinished" / "run.json")
    second = start(folder, *COMMANDS[command], "-o", "twice", "--resume")
    _, said = second.communicate(timeout=60)
    assert second.returncode == 2
    assert one_error(said.decode()).endswith("twice.unfinished: another training is at work there")
    _, said = first.communicate(timeout=120)
    assert first.returncode == 0, said


def test_a_folder_that_cannot_be_written_is_said_before_the_training(
    folder: Path, command: str
) -> None:
    """Nobody makes files in /proc, not even root."""
    process = start(folder, *COMMANDS[command], "-o", "/proc/m")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert one_error(said.decode()).startswith("error: /proc/m.unfinished: cannot be written: ")
    assert b"epoch 1" not in said


def test_vectors_that_make_every_loss_no_number_end_it_after_three_setbacks(
    folder: Path, command: str, run: Run
) -> None:
    if command != "train":
        pytest.skip("a language model reads no vectors")
    rows = "".join(f"w{i} 3e38 -3e38\n" for i in range(20))
    forms = {line.split("\t")[1] for line in conllu(90).splitlines() if "\t" in line}
    rows += "".join(f"{form.lower()} 3e38 -3e38\n" for form in sorted(forms))
    (folder / "v.vec").write_text(rows, encoding="utf-8")
    process = start(folder, *COMMANDS[command], "-o", "n", "--vectors", "v.vec")
    _, error = process.communicate(timeout=60)
    said = error.decode()
    assert process.returncode == 2
    assert one_error(said).startswith("error: epoch 1, step 1: expected a finite loss, found ")
    for number in (1, 2, 3):
        assert f"with half the learning rate (setback {number} of 3 at most)" in said

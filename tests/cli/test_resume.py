"""A training that is interrupted, as a user does it: signals, kills, the same command again."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.cli.test_train import TINY
from tests.training.raw_corpus import conllu

Write = Callable[[str, bytes | str], Path]
COMMAND = ("train", "a.conllu", "--dev", "a.conllu", "-t", "upos", "--config", "c.toml", "-o")


@pytest.fixture
def corpus(write: Write) -> None:
    write(
        "c.toml",
        TINY.replace("epochs = 2", "epochs = 100\npatience = 100").replace(
            "epochs = 1", "epochs = 8"
        ),
    )
    write("a.conllu", conllu(90))


def start(folder: Path, *args: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tagger", *COMMAND, *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.01)


def cut_short(folder: Path, *args: str, part: str = "tagger") -> None:
    """Runs `tagger` there, which trains the folder `m`, and kills it at a part's first state."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tagger", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    wait_for(folder / "m.unfinished" / f"{part}.safetensors")
    process.kill()
    process.wait()


def weights(folder: Path) -> dict[str, str]:
    """The SHA-256 of what was learned."""
    paths = [folder / "weights.safetensors", *sorted((folder / "segmenter").glob("*.onnx"))]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("part", ["segmenter", "tagger"])
@pytest.mark.usefixtures("corpus")
def test_a_signal_saves_the_state_and_says_how_to_go_on(
    tmp_path: Path, run: Run, number: signal.Signals, part: str
) -> None:
    process = start(tmp_path, "m")
    wait_for(tmp_path / "m.unfinished" / f"{part}.safetensors")
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert b"stopping behind this step; once more stops at once" in said
    assert b"to go on: tagger train a.conllu " in said
    assert said.rstrip().endswith(b"-o m --resume")
    assert not (tmp_path / "m").exists()
    resumed = run(*COMMAND, "m", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert f"{part}: going on behind step ".encode() in resumed.stderr
    assert not (tmp_path / "m.unfinished").exists()
    assert run(*COMMAND, "whole").returncode == 0
    assert weights(tmp_path / "m") == weights(tmp_path / "whole")


@pytest.mark.usefixtures("corpus")
def test_a_training_that_is_killed_again_and_again_ends_with_the_same_weights(
    tmp_path: Path, run: Run
) -> None:
    assert run(*COMMAND, "whole").returncode == 0
    times = random.Random(1)
    kills = 0
    while not (tmp_path / "m").exists():
        process = start(tmp_path, "m", "--resume")
        try:
            _, said = process.communicate(timeout=1.5 + 2 * times.random() + kills)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
        else:
            assert process.returncode == 0, said
    assert kills > 0
    assert weights(tmp_path / "m") == weights(tmp_path / "whole")
    assert not (tmp_path / "m.unfinished").exists()


@pytest.mark.usefixtures("corpus")
def test_what_was_interrupted_is_neither_lost_nor_mixed(tmp_path: Path, run: Run) -> None:
    process = start(tmp_path, "m")
    wait_for(tmp_path / "m.unfinished" / "segmenter.safetensors")
    process.kill()
    process.communicate()
    again = run(*COMMAND, "m")
    assert again.returncode == 2
    assert b"m.unfinished: holds a training that was interrupted" in again.stderr
    other = run(*COMMAND, "m", "--resume", "--seed", "2")
    assert other.returncode == 2
    assert b"was begun with other settings" in other.stderr
    anew = run(*COMMAND, "m", "--force")
    assert anew.returncode == 0, anew.stderr
    assert b"going on" not in anew.stderr

"""Several processes train one network, as a user starts them: torchrun, signals, a killed rank."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.cli.conftest import ROOT, Run
from tests.cli.test_pretrain import TEXT
from tests.cli.test_resume import wait_for
from tests.training.language_corpus import TINY_TOML
from tests.training.raw_corpus import conllu

TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "tagger")
STILL = """
[words]
size = 8
dropout = 0.0
[characters]
size = 4
[encoder]
hidden_size = 8
dropout = 0.0
[optimisation]
epochs = 30
patience = 30
least_steps = 1
batch_tokens = 200
[segmenter.words]
dropout = 0.0
[segmenter.encoder]
hidden_size = 8
dropout = 0.0
[segmenter.optimisation]
epochs = 1
"""
TRAIN = ("train", "a.conllu", "--dev", "a.conllu", "-t", "upos", "--config", "c.toml", "-o")
PRETRAIN = ("pretrain", "a.txt", "--segmenter", "rules", "--config", "lm.toml", "-o")


@contextmanager
def started(folder: Path, *args: str, **environment: str) -> "Iterator[subprocess.Popen[bytes]]":
    """torchrun with two processes, which end with it."""
    process = subprocess.Popen(
        [sys.executable, *TORCHRUN, *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def finish(folder: Path, *args: str) -> str:
    """What two processes say that come to their end."""
    with started(folder, *args) as process:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("several")
    (folder / "c.toml").write_text(STILL, encoding="utf-8")
    (folder / "lm.toml").write_text(TINY_TOML + "\n", encoding="utf-8")
    (folder / "a.conllu").write_text(conllu(90), encoding="utf-8")
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def said(files: Path) -> str:
    """What two undisturbed processes say that train `two`."""
    return finish(files, *TRAIN, "two")


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "weights.safetensors")


def assert_equal(found: Path, expected: Path) -> None:
    """Bit for bit."""
    of_expected = weights(expected)
    for name, array in weights(found).items():
        assert np.array_equal(array, of_expected[name]), name


def told_by(process: "subprocess.Popen[bytes]", beginning: bytes) -> bytes:
    """What is on stderr up to the first line that begins so, with it."""
    assert process.stderr is not None
    told = b""
    for line in process.stderr:
        told += line
        if line.startswith(beginning):
            return told
    raise AssertionError(f"ended without {beginning!r}")


def rank_of(torchrun: int, rank: int) -> int:
    """The process id of a rank of a running torchrun."""
    children = Path(f"/proc/{torchrun}/task/{torchrun}/children").read_text(encoding="ascii")
    for child in map(int, children.split()):
        environment = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        if b"RANK=%d" % rank in environment:
            return child
    raise AssertionError(f"no rank {rank} in {children}")


def test_two_processes_make_the_model_of_one_and_one_of_them_tells(
    files: Path, said: str, run: Run
) -> None:
    assert said.count("epoch 1/30: loss ") == 1
    assert said.count(" kept; wrote two\n") == 1
    assert not (files / "two.unfinished").exists()
    alone = run(*TRAIN[:1], *(files / a if "." in a else a for a in TRAIN[1:]), files / "one")
    assert alone.returncode == 0, alone.stderr

    def losses(text: str) -> list[float]:
        return [float(loss) for loss in re.findall(r"^epoch .*: loss ([\d.]+),", text, re.M)]

    assert losses(said) == pytest.approx(losses(alone.stderr.decode()), abs=0.01)
    of_one = weights(files / "one")
    for name, array in weights(files / "two").items():
        assert np.allclose(array, of_one[name], atol=0.02), name


def test_a_killed_rank_ends_all_and_resuming_ends_with_the_same_weights(
    files: Path, said: str
) -> None:
    assert said
    with started(files, *TRAIN, "m") as process:
        wait_for(files / "m.unfinished" / "tagger.safetensors")
        os.kill(rank_of(process.pid, 1), signal.SIGKILL)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"exitcode  : -9" in error  # torchrun names the rank
    assert not (files / "m").exists()
    resumed = finish(files, *TRAIN, "m", "--resume")
    assert resumed.count("tagger: going on behind step ") == 1
    assert_equal(files / "m", files / "two")


def test_a_rank_that_hangs_is_named_in_time_and_resuming_ends_with_the_same_weights(
    files: Path, said: str
) -> None:
    assert said
    with started(files, *TRAIN, "h", TAGGER_TIMEOUT="10") as process:
        wait_for(files / "h.unfinished" / "tagger.safetensors")
        hung = rank_of(process.pid, 1)
        os.kill(hung, signal.SIGSTOP)
        try:
            told = told_by(process, b"error: ")
        finally:
            os.kill(hung, signal.SIGCONT)  # else torchrun would wait half a minute to kill it
        process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in told
    assert told.splitlines()[-1].startswith(
        b"error: expected an answer of all 2 processes within 10 seconds (TAGGER_TIMEOUT), found "
        b"that one has ended or does not answer: Timed out waiting 10000ms for "
    )
    assert not (files / "h").exists()
    assert finish(files, *TRAIN, "h", "--resume").count("tagger: going on behind step ") == 1
    assert_equal(files / "h", files / "two")


def test_a_signal_saves_and_another_number_of_processes_goes_on(files: Path, run: Run) -> None:
    with started(files, *TRAIN, "s") as process:
        wait_for(files / "s.unfinished" / "tagger.safetensors")
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
    said = error.decode()
    assert said.count("stopping behind this step; once more stops at once") == 1
    assert said.count("saved behind step ") == 1
    command = f"torchrun --nproc-per-node 2 -m tagger {' '.join(TRAIN)} s --resume"
    assert f"to go on: {command}" in said
    alone = run(
        *TRAIN[:1], *(files / a if "." in a else a for a in TRAIN[1:]), files / "s", "--resume"
    )
    assert alone.returncode == 0, alone.stderr
    assert b"tagger: going on behind step " in alone.stderr
    of_two = weights(files / "two")
    for name, array in weights(files / "s").items():
        assert np.allclose(array, of_two[name], atol=0.02), name


def test_an_error_of_one_process_is_named_and_ends_all(files: Path) -> None:
    with started(files, *TRAIN, "c.toml") as process:
        _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    expected = rb"^error: (process 2 of 2: )?c\.toml: expected a folder to write, found a file$"
    assert re.search(expected, error, re.MULTILINE)  # of whoever is first: it ends the other


def test_two_processes_pretrain_and_go_on_after_a_signal(files: Path) -> None:
    said = finish(files, *PRETRAIN, "lm")
    assert said.count("; wrote lm\n") == 1
    assert said.count("step 115/115: ") == 1
    with started(files, *PRETRAIN, "n") as process:
        wait_for(files / "n.unfinished" / "language-model.safetensors")
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert b"to go on: torchrun --nproc-per-node 2 -m tagger pretrain a.txt" in error
    assert b"going on behind step " in finish(files, *PRETRAIN, "n", "--resume").encode()
    assert_equal(files / "n", files / "lm")

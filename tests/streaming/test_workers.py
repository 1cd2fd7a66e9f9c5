"""Processes that are killed, interrupted or left alone while an endless text runs through them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tagger.streaming.workers import DEAD

ROOT = Path(__file__).parents[2]
PROC = Path("/proc")
pytestmark = pytest.mark.skipif(not PROC.is_dir(), reason="looks at processes under /proc")


def listen_to_interrupts() -> None:
    """A shell's background jobs, and their children, ignore Ctrl-C: these tests may be one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def tagging_endlessly(model: Path, *args: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`yes … | tagger predict`, in a process group of its own."""
    with (
        subprocess.Popen(["yes", "Ada met Bob in Leeds."], stdout=subprocess.PIPE) as text,
        subprocess.Popen(
            [sys.executable, "-m", "tagger", "predict", "-m", str(model), *args],
            stdin=text.stdout,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
            preexec_fn=listen_to_interrupts,
        ) as process,
    ):
        assert text.stdout is not None
        text.stdout.close()
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            text.kill()


def children(pid: int) -> list[int]:
    try:
        found = (PROC / str(pid) / "task" / str(pid) / "children").read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return list(map(int, found.split()))


def is_alive(pid: int) -> bool:
    try:
        state = (PROC / str(pid) / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def is_at_work(pid: int) -> bool:
    """Whether it has computed for longer than it takes to load a model."""
    stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK") > 0.3


def wait_for(happens: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def workers_of(process: "subprocess.Popen[bytes]", number: int) -> list[int]:
    """Its worker processes, once there are so many and all are at work."""
    wait_for(lambda: len(children(process.pid)) == number)
    found = children(process.pid)
    wait_for(lambda: all(map(is_at_work, found)))
    return found


def test_a_worker_that_is_killed_is_one_sentence_and_takes_the_others_along(model: Path) -> None:
    with tagging_endlessly(model, "-j", "2") as process:
        first, second = workers_of(process, 2)
        os.kill(first, signal.SIGKILL)
        _, stderr = process.communicate(timeout=20)
        assert process.returncode == 2
        assert stderr.decode() == f"error: {DEAD}\n"
        wait_for(lambda: not is_alive(second), 5)


def test_workers_end_when_their_parent_is_killed(model: Path) -> None:
    with tagging_endlessly(model, "-j", "2") as process:
        workers = workers_of(process, 2)
        process.kill()
        process.wait(20)
        wait_for(lambda: not any(map(is_alive, workers)), 10)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_ends_all_at_once_without_a_traceback(model: Path, jobs: int) -> None:
    with tagging_endlessly(model, "-j", str(jobs)) as process:
        workers = workers_of(process, jobs if jobs > 1 else 0)
        wait_for(lambda: is_at_work(process.pid))
        time.sleep(0.5)
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
        assert time.monotonic() - begun < 5
        assert process.returncode == 130
        assert b"Traceback" not in stderr
        assert stderr.count(b"\n") <= 1
        wait_for(lambda: not any(map(is_alive, workers)), 5)

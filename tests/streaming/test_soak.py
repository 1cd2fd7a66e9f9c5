"""The soak sees a line that is lost, and tells a leak from a cache that fills up.

The long form is `python -m benchmarks.soak`.
"""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from benchmarks import soak
from benchmarks.flatness import MIB, MOST_GROWTH, Sample, Trend, trend
from benchmarks.soak import AT_ONCE, WAYS, Soak, Way

SECONDS = 1200
LINES_A_SECOND = 2000


def samples(sizes: list[float]) -> list[Sample]:
    return [Sample(float(i), i * LINES_A_SECOND, round(size * MIB)) for i, size in enumerate(sizes)]


def trend_of(sizes: list[float]) -> Trend:
    found = trend(samples(sizes))
    assert found is not None
    return found


def test_a_cache_that_fills_up_and_stays_is_flat() -> None:
    found = trend_of([min(180 + 0.15 * i, 235) for i in range(SECONDS)])
    assert found.growth == found.per_hour == found.bytes_per_line == 0
    assert found.peak == 235


def test_a_short_burst_is_flat_and_a_step_is_told() -> None:
    sizes = [200.0 + 50 * (i % 100 == 99) + 4 * (i > 700) for i in range(SECONDS)]
    found = trend_of(sizes)
    assert found.thirds == (200, 200, 204)
    assert (found.peak, found.growth) == (254, 4)


def test_a_leak_of_a_few_bytes_a_line_is_found() -> None:
    found = trend_of([200 + i * LINES_A_SECOND * 12 / MIB for i in range(SECONDS)])
    assert found.growth > MOST_GROWTH
    assert found.bytes_per_line == pytest.approx(12, rel=0.01)
    assert found.per_hour == pytest.approx(12 * LINES_A_SECOND * 3600 / MIB, rel=0.01)


def test_of_five_seconds_nothing_is_told() -> None:
    assert trend(samples([100, 200, 300, 400, 500])) is None


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.input))
def test_a_moment_of_it_answers_every_line(way: Way, tiny_model: Path) -> None:
    found = Soak(way, str(tiny_model), 0.5, Random(1)).run()
    assert found["problems"] == []
    assert int(str(found["lines"])) >= AT_ONCE


def test_growth_and_a_line_that_is_not_as_it_was_are_problems(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "BETWEEN_SAMPLES", 0.01)
    way = WAYS[0]._replace(fits=lambda line, answer: line.number != 7)
    found = Soak(way, str(tiny_model), 0.5, Random(1), most_growth=-1000.0).run()
    problems = found["problems"]
    assert isinstance(problems, list)
    assert problems[0].startswith("line 7: ")
    assert problems[-1].startswith("memory grew by ")
    assert problems[-1].endswith("-1000 MiB are allowed")


def test_a_process_that_has_ended_holds_no_memory_that_could_be_told() -> None:
    assert (soak.resident(os.getpid()) or 0) > 5 * MIB
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert soak.resident(child.pid) is None

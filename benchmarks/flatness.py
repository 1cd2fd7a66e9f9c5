"""Whether a process's memory has stopped growing.

Caches and arenas fill up at the beginning and then stay, a leak goes on: so the second third of the
time is compared with the last one, by their medians, and the first third is not judged.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

MOST_GROWTH = 8.0  # MiB: now and then a batch of more than ever before leaves some behind
MIB = 2**20


class Sample(NamedTuple):
    """What a process held after so many seconds and lines."""

    seconds: float
    lines: int
    bytes: int


class Trend(NamedTuple):
    """Medians of the three thirds of the time and the peak, in MiB, and how fast the last grew."""

    thirds: tuple[float, float, float]
    peak: float
    per_hour: float
    bytes_per_line: float

    @property
    def growth(self) -> float:
        """From the second third to the last, in MiB."""
        return self.thirds[2] - self.thirds[1]


def trend(samples: Sequence[Sample]) -> Trend | None:
    """How memory went; None of fewer than six samples, of which nothing can be told."""
    if len(samples) < 6:
        return None
    third = len(samples) // 3
    parts = [samples[:third], samples[third : 2 * third], samples[2 * third :]]
    first, second, last = (median(sample.bytes for sample in part) / MIB for part in parts)
    seconds = _middle(parts[2]).seconds - _middle(parts[1]).seconds
    lines = _middle(parts[2]).lines - _middle(parts[1]).lines
    return Trend(
        thirds=(first, second, last),
        peak=max(sample.bytes for sample in samples) / MIB,
        per_hour=(last - second) * 3600 / seconds,
        bytes_per_line=(last - second) * MIB / max(1, lines),
    )


def _middle(samples: Sequence[Sample]) -> Sample:
    return samples[len(samples) // 2]

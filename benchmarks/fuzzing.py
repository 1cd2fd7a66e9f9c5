"""Spoilt corpus files give a result or a TaggerError, soon, and no growth: how many did, as JSON.

    python -m benchmarks.fuzzing [--inputs 1000000] [--seed 1] [--out FOLDER]

Each input is one of the seeds of tests/corpus/mutations.py, or an earlier input that gave an answer
not met before, spoilt at random. It is read, checked, repaired, cut or written in some format, as
it is or with options, and must keep what is promised of that (tests/corpus/promises.py): what is
read is written back byte by byte, what cannot be read is a finding of `check` too, a second repair
changes nothing. The first inputs that break a promise, raise another exception or take longer than
two CPU seconds go to --out, each cut down to what is needed for it. Exits with 1 if there were any.
"""

import argparse
import json
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tagger.errors import TaggerError
from tests.corpus.mutations import seeds
from tests.corpus.trials import Hang, Trial, attempt, kind_of, random_trial, smallest

SAMPLE = 20_000  # inputs between two looks at the memory
WARM_UP = 100_000  # inputs after which memory should grow no more
MOST_LEARNT = 2_000  # inputs that join the seeds
MOST_BYTES = 20_000  # of each of these


class Tally:
    """What became of the inputs so far."""

    def __init__(self) -> None:
        self.results: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.longest_message = 0
        self.slowest = 0.0

    def add(self, trial: Trial, folder: Path) -> tuple[bool, str]:
        """Tries it; whether it gave something new, and the kind of failure if it is one."""
        began = time.process_time()
        met: set[str] = set()
        error_kind = failure = ""
        try:
            met = attempt(trial, folder)
        except TaggerError as error:
            error_kind = kind_of(error)
            self.longest_message = max(self.longest_message, len(str(error)))
        except (Exception, Hang) as error:
            failure = kind_of(error)
        self.slowest = max(self.slowest, time.process_time() - began)
        is_new = not met <= self.results.keys() or error_kind not in {*self.errors, ""}
        self.results.update(met)
        self.errors.update([error_kind] if error_kind else [])
        self.failures.update([failure] if failure else [])
        return is_new, failure


def run(num_inputs: int, seed: int = 1, out: Path | None = None) -> dict[str, object]:
    """Tries so many inputs, which are the same for one seed as long as `tagger` is; the figures."""
    random = Random(seed)
    pool = seeds()
    num_seeds = len(pool)
    tally = Tally()
    memory, blocks = [_memory()], [sys.getallocatedblocks()]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        for number in range(1, num_inputs + 1):
            trial = random_trial(random, pool)
            is_new, failure = tally.add(trial, Path(name))
            is_small = len(trial.input.data) + len(trial.input.text) < MOST_BYTES
            if is_new and is_small and len(pool) < num_seeds + MOST_LEARNT:
                pool.append(trial.input)
            if failure and out is not None and tally.failures[failure] == 1:
                save(smallest(trial, Path(name)), failure, out)
            if number % SAMPLE == 0:
                memory.append(_memory())
                blocks.append(sys.getallocatedblocks())
    return {
        "inputs": num_inputs,
        "seed": seed,
        "seeds": num_seeds,
        "learnt": len(pool) - num_seeds,
        "seconds": round(time.monotonic() - began, 1),
        "slowest_cpu_seconds": round(tally.slowest, 2),
        "longest_message": tally.longest_message,
        "rss_mib": memory,
        "growth_mib": growth(memory),
        "python_blocks": blocks,
        "growth_blocks": growth(blocks),
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "results": dict(tally.results.most_common()),
        "errors": dict(tally.errors.most_common()),
        "failures": dict(tally.failures.most_common()),
    }


def growth(samples: Sequence[float]) -> float:
    """From the least of the first third of the samples after the warm-up to that of the last."""
    after = samples[WARM_UP // SAMPLE :] or samples[-1:]
    third = max(1, len(after) // 3)
    return round(min(after[-third:]) - min(after[:third]), 1)


def save(trial: Trial, failure: str, out: Path) -> None:
    """Writes a trial's input, and beside it what was done with it."""
    out.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", failure)[:60]
    (out / f"{name}{trial.input.suffix or '.bin'}").write_bytes(trial.input.data)
    said = {"failure": failure, "action": trial.action, "asked": repr(trial.asked)}
    shown = repr(trial.input)[:2_000]
    (out / f"{name}.json").write_text(json.dumps({**said, "input": shown}), encoding="utf-8")


def _memory() -> float:
    """MiB of this process in memory now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * resource.getpagesize() / 2**20, 1)


def main() -> int:
    """Prints one JSON object; 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a folder for inputs that fail")
    options = parser.parse_args()
    found = run(options.inputs, options.seed, options.out)
    print(json.dumps(found, ensure_ascii=False))
    return 1 if found["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())

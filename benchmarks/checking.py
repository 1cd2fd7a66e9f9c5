"""How fast and in how much memory files are checked and converted, and which faults check finds.

    python -m benchmarks.checking [FILE...] [--rounds 5] [--faults 1000] [--seed 1]

Prints one JSON object. Without files it takes the demo corpus, written many times behind itself.
Each command runs as a process of its own; its CPU seconds (start-up included, and told apart too)
and its peak memory are those of that process. The median of all rounds is given. Then faults of
all kinds are planted into made-up corpora (tests/corpus/problems/faults.py), each with its own
seed; one is found if `check` names it with its code at its line and column.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import NamedTuple

DEMO = Path("corpora/demo-en/train.conllu")
DEMO_TOKENS = 200_000  # about
COMMANDS: dict[str, list[str]] = {
    "check": ["check"],
    "preprocess": ["preprocess"],
    "preprocess --to conllu": ["preprocess", "--to", "conllu"],
    "preprocess --to conll": ["preprocess", "--to", "conll"],
    "preprocess --scheme IOBES": ["preprocess", "--scheme", "IOBES"],
}


class Cost(NamedTuple):
    """CPU seconds, user and system, and the most memory at a time, in MiB."""

    seconds: float
    peak_mib: float


def cost_of(arguments: list[str]) -> Cost:
    """What one run of `tagger` takes; raises RuntimeError where it says that it went wrong."""
    command = [sys.executable, "-m", "tagger", *arguments, "-q"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: check has found something
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(path: Path, rounds: int) -> dict[str, list[Cost]]:
    """What each command takes for a file, over all rounds.

    Nothing of tagger may be imported yet: a child's peak is never below what its parent had.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            costs[name].append(cost_of([*arguments, str(path)]))
    return costs


def start_up(folder: Path, rounds: int) -> float:
    """CPU seconds for a file of one sentence."""
    path = folder / "short.conllu"
    path.write_text("1\tHi\t_\tINTJ\tUH\t_\t0\troot\t_\t_\n\n", encoding="utf-8")
    return statistics.median(cost_of(["check", str(path)]).seconds for _ in range(rounds))


def summary(path: Path, costs: dict[str, list[Cost]]) -> dict[str, object]:
    """The figures of one file."""
    from tagger.corpus.files import open_corpus_file

    tokens = sum(len(sentence) for sentence in open_corpus_file(path))
    return {
        "file": path.name,
        "tokens": tokens,
        "commands": {
            name: {
                "tokens_per_cpu_second": round(
                    tokens / statistics.median(cost.seconds for cost in of_one)
                ),
                "slowest": round(tokens / max(cost.seconds for cost in of_one)),
                "fastest": round(tokens / min(cost.seconds for cost in of_one)),
                "peak_mib": round(max(cost.peak_mib for cost in of_one), 1),
            }
            for name, of_one in costs.items()
        },
    }


def plant(num_faults: int, seed: int, folder: Path) -> dict[str, object]:
    """How many faults of each code are found, the codes taken in turns."""
    from tests.corpus.problems.faults import IN_COLUMNS, IN_CONLLU

    codes = sorted(IN_COLUMNS | IN_CONLLU)
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    missed = []
    for number in range(num_faults):
        code = codes[number % len(codes)]
        planted[code] += 1
        if is_found(code, seed + number, folder):
            found[code] += 1
        else:
            missed.append({"code": code, "seed": seed + number})
    return {
        "planted": num_faults,
        "seed": seed,
        "found": found.total(),
        "share": round(found.total() / max(1, num_faults), 4),
        "missed": missed,
        "by_code": {code: f"{found[code]}/{count}" for code, count in sorted(planted.items())},
    }


def is_found(code: str, seed: int, folder: Path) -> bool:
    """Whether a fault of this code is found at its file, line and column under its code."""
    from tagger.corpus.problems.checker import Checker
    from tests.corpus.problems.faults import planted

    fault = planted(code, Random(seed))
    checker = Checker()
    places = set()
    for number, text in enumerate(fault.texts):
        path = folder / f"{number}.conll"
        path.write_bytes(text.encode(errors="surrogateescape"))
        places |= {(number, f.line, f.column, f.code) for f in checker.check(path)}
    return (fault.file, fault.line, fault.column, code) in places


def repeated_demo(folder: Path) -> Path:
    """The demo corpus as often behind itself as it takes to be worth measuring."""
    text = DEMO.read_text(encoding="utf-8")
    rows = sum(line[:1].isdecimal() for line in text.splitlines())
    path = folder / f"{DEMO.stem}-repeated{DEMO.suffix}"
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for _ in range(-(-DEMO_TOKENS // rows)):
            stream.write(text)  # all of it at once would count as each child's memory
    return path


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--faults", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = options.files or [repeated_demo(folder)]
        costs = [measure(path, options.rounds) for path in files]
        shown = {
            "rounds": options.rounds,
            "start_up_cpu_seconds": round(start_up(folder, options.rounds), 3),
            "files": [summary(*pair) for pair in zip(files, costs, strict=True)],
            "faults": plant(options.faults, options.seed, folder),
        }
    print(json.dumps(shown, ensure_ascii=False))


if __name__ == "__main__":
    main()

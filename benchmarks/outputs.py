"""Kills commands that replace an output at random moments: is it the old one or the new, whole?

    python benchmarks/outputs.py [--kills 200] [--seed 1]

`predict -o` and `preprocess -o` replace a file, `train -o --force` a model folder. Each is run once
undisturbed; then it is killed with SIGKILL at random moments, and what lies there is compared by
SHA-256 with what was there and with what it should become. Prints JSON; exits with 1 where it was
neither.
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

DEMO = Path(__file__).parent.parent / "corpora" / "demo-en"
SETTINGS = """
words = { size = 8 }
encoder = { hidden_size = 8 }
optimisation = { epochs = 1, batch_tokens = 2000 }
"""
COMMANDS: dict[str, Sequence[object]] = {
    "predict": ["predict", "-q", DEMO / "news.txt", "-o", "out"],
    "preprocess": ["preprocess", "-q", DEMO / "train.conllu", "--to", "conll", "-o", "out"],
    "train": [
        *("train", "-q", DEMO / "train.conllu", "--dev", DEMO / "dev.conllu", "--no-segmenter"),
        *("--config", "c.toml", "--force", "-o", "out"),
    ],
}


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="of each command")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    times = random.Random(options.seed)
    found = {name: kill(name, options.kills, times) for name in COMMANDS}
    print(json.dumps(found))
    sys.exit(1 if any("neither" in counts for counts in found.values()) else 0)


def kill(name: str, kills: int, times: random.Random) -> dict[str, int]:
    """How often what was there after a kill was the old output, the new one, or neither."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "c.toml").write_text(SETTINGS, encoding="utf-8")
        begun = time.perf_counter()
        run(folder, COMMANDS[name], None)
        whole = time.perf_counter() - begun
        new = hash_of(folder / "out")
        old = make_old(folder / "out")
        while counts.total() < kills:
            # the end is where the output is replaced: half of the kills fall there
            after = times.uniform(0, 1.2 * whole) if times.random() < 0.5 else whole
            run(folder, COMMANDS[name], after * times.uniform(0.9, 1.1))
            there = hash_of(folder / "out")
            counts["old" if there == old else "new" if there == new else "neither"] += 1
            if there != old:
                old = make_old(folder / "out")
    return dict(counts)


def run(folder: Path, arguments: Sequence[object], after: float | None) -> None:
    """The command, killed after so many seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tagger", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(DEMO.parent.parent)},
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def make_old(path: Path) -> str:
    """Puts something older there, of the same kind, and gives its hash."""
    if path.is_dir():
        (path / "README.md").write_text("old", encoding="utf-8")
    else:
        path.unlink(missing_ok=True)
        path.write_text("old", encoding="utf-8")
    return hash_of(path)


def hash_of(path: Path) -> str:
    """The SHA-256 of a file, or of the files of a folder that do not depend on time."""
    if not path.exists():
        return "nothing"
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    files = [file for file in sorted(path.rglob("*")) if file.is_file()]
    content = [(file.name, file.read_bytes()) for file in files if file.name != "metrics.jsonl"]
    return hashlib.sha256(repr(content).encode()).hexdigest()


if __name__ == "__main__":
    main()

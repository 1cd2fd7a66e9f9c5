"""Kills trainings at random moments and resumes them: do all end with the same weights? As JSON.

    python benchmarks/killing.py [--kills 200] [--seed 1]

A small training (segmenter and tagger) runs once undisturbed; then the same is begun, killed with
SIGKILL (every fourth time SIGTERM) after a random while, and resumed, until it is finished; and all
that again until there were so many kills. Exits with 1 where a SHA-256 differs.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEMO = Path(__file__).parent.parent / "corpora" / "demo-en"
SETTINGS = """
words = { size = 16 }
encoder = { hidden_size = 16 }
optimisation = { epochs = 12, batch_tokens = 400, patience = 12 }
[segmenter]
encoder = { hidden_size = 12, layers = 1 }
optimisation = { epochs = 4, batch_tokens = 800 }
"""


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    times = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "c.toml").write_text(SETTINGS, encoding="utf-8")
        begun = time.perf_counter()
        assert run(folder, "whole", None) == 0, "an undisturbed training failed"
        whole = time.perf_counter() - begun
        expected = sha256_of(folder / "whole")
        kills, finished, differing, codes = 0, 0, 0, set()
        while kills < options.kills:
            output = folder / f"m{finished}"
            while not output.exists():
                after = None if kills >= options.kills else times.uniform(0, whole)
                number = signal.SIGTERM if kills % 4 == 3 else signal.SIGKILL
                code = run(folder, output.name, after, number)
                kills += code != 0
                codes.add(code)
                assert code in (0, -signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM), code
            finished += 1
            differing += sha256_of(output) != expected
    print(
        json.dumps(
            {
                "kills": kills,
                "finished": finished,
                "differing": differing,
                "exit_codes": sorted(codes),
                "undisturbed_seconds": round(whole, 1),
            }
        )
    )
    sys.exit(1 if differing else 0)


def run(
    folder: Path, output: str, after: float | None, number: signal.Signals = signal.SIGKILL
) -> int:
    """The exit code of a training, which is killed after so many seconds."""
    files = [DEMO / "train.conllu", "--dev", DEMO / "dev.conllu"]
    options = ["--config", "c.toml", "-o", output, "--resume", "-q"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tagger", "train", *map(str, files), *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(DEMO.parent.parent)},
    )
    try:
        return process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        return process.wait()


def sha256_of(folder: Path) -> dict[str, str]:
    """The hashes of all that was learned."""
    names = ["weights.safetensors", "sentence.onnx", "segmenter/lexical.onnx", "table.npy"]
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


if __name__ == "__main__":
    main()

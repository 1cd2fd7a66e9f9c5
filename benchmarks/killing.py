"""Kills trainings at random moments and resumes them: do all end with the same weights? As JSON.

    python benchmarks/killing.py [train | pretrain] [--kills 200] [--seed 1] [--only-kill]

A small training (segmenter and tagger, or a language model) runs once undisturbed; then the same is
begun, killed with SIGKILL (every fourth time SIGTERM, but for --only-kill) after a random while,
and resumed, until it is finished; and all that again until there were so many kills. Exits with 1
where a SHA-256 differs.
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
LANGUAGE_SETTINGS = """
hidden_size = 16
projection_size = 16
cutoffs = [50]
lanes = 8
window = 16
epochs = 0.12
reports = 6
words = { size = 16, min_count = 1 }
characters = { size = 8, filters = 8, widths = [3] }
affixes = { size = 8, min_count = 1 }
"""
TEXT_COPIES = 8  # of the demo text
COMMANDS: dict[str, list[object]] = {
    "train": [
        *("train", DEMO / "train.conllu", "--dev", DEMO / "dev.conllu"),
        *("--config", "c.toml"),
    ],
    "pretrain": ["pretrain", "a.txt", "--segmenter", "rules", "--config", "lm.toml"],
}
LEARNED = {
    "train": ["weights.safetensors", "sentence.onnx", "segmenter/lexical.onnx", "table.npy"],
    "pretrain": ["weights.safetensors", "vocabulary.json"],
}


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", nargs="?", choices=COMMANDS, default="train")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--only-kill", action="store_true", help="no SIGTERM")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    times, command = random.Random(options.seed), options.command
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "c.toml").write_text(SETTINGS, encoding="utf-8")
        (folder / "lm.toml").write_text(LANGUAGE_SETTINGS, encoding="utf-8")
        (folder / "a.txt").write_text(demo_text(), encoding="utf-8")
        begun = time.perf_counter()
        assert run(folder, command, "whole", None) == 0, "an undisturbed training failed"
        whole = time.perf_counter() - begun
        expected = sha256_of(folder / "whole", command)
        kills, finished, differing, codes = 0, 0, 0, set()
        while kills < options.kills:
            output = folder / f"m{finished}"
            while not output.exists():
                after = None if kills >= options.kills else times.uniform(0, whole)
                is_term = kills % 4 == 3 and not options.only_kill
                number = signal.SIGTERM if is_term else signal.SIGKILL
                code = run(folder, command, output.name, after, number)
                kills += code != 0
                codes.add(code)
                assert code in (0, -signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM), code
            finished += 1
            differing += sha256_of(output, command) != expected
    print(
        json.dumps(
            {
                "command": command,
                "kills": kills,
                "finished": finished,
                "differing": differing,
                "exit_codes": sorted(codes),
                "undisturbed_seconds": round(whole, 1),
            }
        )
    )
    sys.exit(1 if differing else 0)


def demo_text() -> str:
    """The sentences of the demo corpus, one a line, a few times over, in ever new order."""
    lines = (DEMO / "train.conllu").read_text(encoding="utf-8").splitlines()
    texts = [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
    order = random.Random(TEXT_COPIES)
    found = [text for _ in range(TEXT_COPIES) for text in order.sample(texts, len(texts))]
    return "".join(f"{text}\n" for text in found)


def run(
    folder: Path,
    command: str,
    output: str,
    after: float | None,
    number: signal.Signals = signal.SIGKILL,
) -> int:
    """The exit code of a training, which is killed after so many seconds."""
    options = ["-o", output, "--resume", "-q"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tagger", *map(str, COMMANDS[command]), *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(DEMO.parent.parent)},
    )
    try:
        return process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        return process.wait()


def sha256_of(folder: Path, command: str) -> dict[str, str]:
    """The hashes of all that was learned."""
    files = {name: folder / name for name in LEARNED[command]}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


if __name__ == "__main__":
    main()

"""Spoilt model folders give tags or a TaggerError, soon, and in little memory; figures as JSON.

    python -m benchmarks.fuzzing_models [--number 100000] [--seed 1] [--kind KIND]
    python -m benchmarks.fuzzing_models --seed 1 --replay 4711 [--keep FOLDER]

Each trial spoils one of the seeds as tests/inference/model_mutations.py does, and uses it
(model_trials.py). Kinds: `tagger` (tests/fixtures/format-1, its tagger and its segmenter each
alone, and a tagger of other sizes trained at the start), `transformer` (two taggers with a tiny
one) and `reader` (two that read a language model, over words and over characters) tag raw text and
tokens; a `language` model reads, scores and writes. Trials run in worker
processes with little memory, many in each; a worker that dies, takes longer than ten CPU seconds
for one trial, holds far more memory than the trials before, or raises anything else than a
TaggerError is a finding, told with its number, which --replay does again.
Exits with 1 if there were any.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from tagger.errors import TaggerError
from tagger.inference.folder import MULTIWORD, SEGMENTER
from tests.corpus.trials import kind_of
from tests.inference.model_mutations import Files, read_files, spoilt, write_files
from tests.inference.model_trials import use_language_model, use_segmenter, use_tagger

ROOT = Path(__file__).parent.parent
FIXTURE = ROOT / "tests" / "fixtures" / "format-1"
TUNED = ROOT / "tests" / "fixtures" / "transformer"
OTHER = """
precision = "fp32"
words = { size = 5 }
characters = { kind = "lstm", size = 3, hidden_size = 4 }
affixes = { size = 3, min_count = 3 }
encoder = { hidden_size = 4, layers = 2 }
optimisation = { epochs = 1, batch_tokens = 2000, least_steps = 1 }
"""
PER_WORKER = 2_000  # trials; 300 of language models
SECONDS = 10  # of the processor for one trial
MOST_SECONDS = 120  # of the clock, for one that waits; the machine may be busy
MOST_GROWTH = 256 * 2**10  # KiB that one trial may add to a worker's highest memory
ADDRESS_SPACE = 6 * 2**30  # bytes
Use = Callable[[Path, bool], None]


class Trials:
    """Trials in one folder, of which only what differs from the one before is written anew."""

    def __init__(self, kind: str, seed: int, seeds: Sequence[Files], scratch: Path) -> None:
        self.kind, self.seed, self.seeds = kind, seed, seeds
        self._scratch = scratch
        self._there: Files = {}
        self._highest = highest_memory()

    def files(self, number: int) -> tuple[Files, Use]:
        """A trial's folder and what is done with it; numbers below 0 leave a seed as it is."""
        random = Random(f"{self.seed}-{number}")
        chosen = self.seeds[number % len(self.seeds)]
        use: Use = use_segmenter if MULTIWORD in chosen else use_tagger
        if self.kind == "language":
            use = use_language_model
        return (chosen if number < 0 else spoilt(random, chosen, self.seeds)), use

    def attempt(self, number: int) -> str:
        """One trial: `ok`, `refused: …`, `finding: …`; `unwritable` where no model was tried."""
        files, use = self.files(number)
        folder = self._scratch / "model"
        try:
            folder.mkdir(exist_ok=True)
            write_files(folder, files, self._there)
            self._there = files
        except (OSError, ValueError):  # names that exclude each other, links with a NUL
            shutil.rmtree(folder)
            self._there = {}
            return "unwritable"
        result = outcome(folder, use, probabilities=number % 2 == 0)
        highest = highest_memory()
        growth, self._highest = highest - self._highest, highest
        if growth > MOST_GROWTH and number >= 0:
            return f"finding: {growth >> 10} MiB"
        return result


def highest_memory() -> int:
    """The most KiB that this process has held so far (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def outcome(folder: Path, use: Use, *, probabilities: bool) -> str:
    """What came of a use."""
    try:
        use(folder, probabilities)
    except TaggerError as error:
        said = str(error)
        if "\n" in said or len(said) > 2_000:
            return f"finding: a message of {len(said)} characters, {said.count(chr(10))} lines"
        return f"refused: {kind_of(error)}"
    except Exception as error:
        return f"finding: {kind_of(error)}: {' '.join(str(error).split())[:200]}"
    return "ok"


def work(kind: str, first: int, end: int, seed: int, folders: Sequence[Path]) -> None:
    """A worker: a line before each trial and one behind it."""
    warnings.simplefilter("error")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seeds = [read_files(folder) for folder in folders]
    with tempfile.TemporaryDirectory(dir=_memory_disk()) as name:
        tried = Trials(kind, seed, seeds, Path(name))
        for i in range(1, len(seeds) + 1):
            result = tried.attempt(-i)
            assert result == "ok", f"an untouched folder: {result}"
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        for number in range(first, end):
            print(number, flush=True)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # ends the process, also within a kernel
            signal.alarm(MOST_SECONDS)
            result = tried.attempt(number)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
            print(result, flush=True)


def _memory_disk() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def worker_command(
    kind: str, first: int, stop: int, seed: int, folders: Sequence[Path]
) -> list[str]:
    """What starts a worker for these trials."""
    command = [sys.executable, "-m", "benchmarks.fuzzing_models", "--kind", kind]
    command += ["--work", str(first), str(stop), "--seed", str(seed)]
    return [*command, *map(str, folders)]


def trials(
    kind: str, first: int, end: int, seed: int, folders: Sequence[Path]
) -> Iterator[tuple[int, str]]:
    """Numbers and results of trials in worker processes, one after the other."""
    per_worker = 300 if kind == "language" else PER_WORKER
    while first < end:
        stop = min(end, first + per_worker)
        number, result = first - 1, None
        with subprocess.Popen(
            worker_command(kind, first, stop, seed, folders),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                if line.strip().isdigit():
                    number, result = int(line), None
                else:
                    result = line.strip()
                    yield number, result
            said = process.stderr.read()
        code = process.returncode
        if number < first:
            raise SystemExit(f"a worker did not begin: {said}")
        if result is None:
            is_hang = code in (-signal.SIGALRM, -signal.SIGPROF)
            how = "a hang" if is_hang else f"a crash with {code}: {said[-200:]}"
            yield number, f"finding: {how}"
        first = number + 1


def run(
    kind: str, number: int, seed: int, folders: Sequence[Path], first: int = 0
) -> dict[str, object]:
    """So many trials, which are the same for one seed; the figures."""
    began = time.monotonic()
    results: Counter[str] = Counter()
    findings: dict[str, list[int]] = {}
    for i, result in trials(kind, first, first + number, seed, folders):
        results[result if result.startswith("refused") else result.split(":")[0]] += 1
        if result.startswith("finding"):
            findings.setdefault(result, []).append(i)
            print(f"{i}: {result}", file=sys.stderr, flush=True)
        if results.total() % PER_WORKER == 0:
            print(f"{results.total():,} trials: {dict(results)}", file=sys.stderr, flush=True)
    return {
        "kind": kind,
        "trials": results.total(),
        "first": first,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "results": dict(results.most_common()),
        "findings": findings,
    }


def train(folder: Path, settings: str, *options: str) -> None:
    """A tagger of names with these settings, in as few files as it works with."""
    dev = str(ROOT / "corpora" / "demo-en" / "dev.conllu")
    config = folder.with_suffix(".toml")
    config.write_text(settings, encoding="utf-8")
    command = [sys.executable, "-m", "tagger", "train", "-q", dev, "--dev", dev, "-t", "ner"]
    command += ["--no-segmenter", "--config", str(config), "-o", str(folder), *options]
    subprocess.run(command, check=True, cwd=ROOT)
    for name in ("weights.safetensors", "README.md", "metrics.jsonl"):
        (folder / name).unlink()


def tuned_taggers(scratch: Path) -> list[Path]:
    """Taggers with a tiny transformer: the fixture, which is in int8, and one in fp32."""
    from tests.training.encoders import write_encoder

    encoder = write_encoder(scratch / "encoder", "bert")
    settings = (TUNED / "tagger.toml").read_text(encoding="utf-8")
    train(scratch / "fp32", f'precision = "fp32"\n{settings}', "--encoder", str(encoder))
    return [TUNED / "model", scratch / "fp32"]


def readers(scratch: Path) -> list[Path]:
    """Taggers that read the language models of the fixture."""
    settings = OTHER.replace('precision = "fp32"', "language_model = { size = 3 }")
    for name in ("language-model", "character-model"):
        train(scratch / name, settings, "--lm", str(FIXTURE / name))
    return [scratch / "language-model", scratch / "character-model"]


def seeds_of(kind: str, scratch: Path) -> list[Path]:
    """The folders that are spoilt: those in the fixture, and a tagger of other sizes."""
    if kind == "language":
        return [FIXTURE / "language-model", FIXTURE / "character-model"]
    if kind == "transformer":
        return tuned_taggers(scratch)
    if kind == "reader":
        return readers(scratch)
    train(scratch / "other", OTHER)
    shutil.copytree(FIXTURE / "model", scratch / "alone")
    shutil.rmtree(scratch / "alone" / SEGMENTER)
    whole = FIXTURE / "model"
    return [whole, whole / SEGMENTER, scratch / "alone", scratch / "other"]


def main() -> int:
    """Prints one JSON object; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first trial")
    parser.add_argument("--seed", type=int, default=1)
    kinds = ["tagger", "transformer", "reader", "language"]
    parser.add_argument("--kind", choices=kinds, default="tagger")
    parser.add_argument("--replay", type=int, help="the number of a trial to do again, alone")
    parser.add_argument("--keep", type=Path, help="where --replay writes the folder")
    parser.add_argument("--work", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("folders", type=Path, nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.kind, *options.work, options.seed, options.folders)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folders = options.folders or seeds_of(options.kind, Path(name))
        if options.replay is None:
            found = run(options.kind, options.number, options.seed, folders, options.first)
        else:
            found = run(options.kind, 1, options.seed, folders, options.replay)
            if options.keep:
                seeds = [read_files(path) for path in folders]
                files, _ = Trials(options.kind, options.seed, seeds, Path()).files(options.replay)
                options.keep.mkdir(parents=True)
                write_files(options.keep, files, {})
    print(json.dumps(found))
    return 1 if found["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""`tagger predict` against python-crfsuite: whole commands, in turn, on the same repeated file.

The CRF predicts UPOS with the features below (word, affixes of 1-5, shape, neighbours, pairs of
words; L-BFGS, c1 = 0.1, c2 = 0.01, 100 iterations), which took it to 95.0 on UD English EWT; it is
trained first, unless the file of --crf is there. Every round runs each command once. Prints one
JSON object: tokens per wall second and per CPU second (medians) and the ratio to the CRF by rounds.

    pip install python-crfsuite
    python benchmarks/prediction.py [--model en --model models/fast] [--train TRAIN --test TEST]

Without files it takes UD English EWT of the folder that TAGGER_CORPORA names (../shared/corpora).
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pycrfsuite

COPIES = 20
_long_runs = re.compile(r"(.)\1+")
_signs = str.maketrans(
    {
        **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "X"),
        **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "x"),
        **dict.fromkeys("0123456789", "d"),
    }
)


def features(forms: Sequence[str]) -> list[list[str]]:
    """The features of each token of a sentence."""
    lower = ["", *[form.lower() for form in forms], ""]
    found = []
    for i, form in enumerate(forms, 1):
        here, before, after = lower[i], lower[i - 1], lower[i + 1]
        found.append(
            [
                "bias",
                f"w={form}",
                f"l={here}",
                *[f"s{n}={here[-n:]}" for n in range(1, 6)],
                *[f"p{n}={here[:n]}" for n in range(1, 5)],
                "shape=" + _long_runs.sub(r"\1\1", form.translate(_signs)),
                f"title={form[0].isupper()}",
                f"hyphen={'-' in form}",
                f"-1={before}",
                f"+1={after}",
                f"-1s={before[-3:]}",
                f"+1s={after[-3:]}",
                f"-1,0={before},{here}",
                f"0,+1={here},{after}",
                f"-2={lower[i - 2] if i > 1 else ''}",
                f"+2={lower[i + 2] if i < len(forms) else ''}",
            ]
        )
    return found


def sentences(path: Path) -> Iterator[list[list[str]]]:
    """The token lines of each sentence as cells: the least that reading CoNLL-U can cost."""
    cells: list[list[str]] = []
    for line in path.open(encoding="utf-8"):
        if line == "\n":
            yield cells
            cells = []
        elif line[0] != "#" and (fields := line.split("\t"))[0].isdecimal():
            cells.append(fields)


def train(corpus: Path, model: Path) -> None:
    """Trains the CRF on UPOS."""
    trainer = pycrfsuite.Trainer(verbose=False)
    for cells in sentences(corpus):
        trainer.append(features([c[1] for c in cells]), [c[3] for c in cells])
    trainer.set_params({"c1": 0.1, "c2": 0.01, "max_iterations": 100})
    trainer.train(str(model))


def tag(model: Path, corpus: Path) -> None:
    """The CRF's counterpart of `tagger predict`: CoNLL-U in, CoNLL-U out."""
    tagger = pycrfsuite.Tagger()
    tagger.open(str(model))
    for cells in sentences(corpus):
        for fields, upos in zip(cells, tagger.tag(features([c[1] for c in cells])), strict=True):
            fields[3] = upos
        sys.stdout.write("".join(["\t".join(fields) for fields in cells]) + "\n")


def timed(command: Sequence[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Trains the CRF, repeats the file, and times all commands in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folder = Path(os.environ.get("TAGGER_CORPORA", "../shared/corpora")) / "ud-english-ewt"
    parser.add_argument("--train", type=Path, default=folder / "en_ewt-ud-train.conllu")
    parser.add_argument("--test", type=Path, default=folder / "en_ewt-ud-test.conllu")
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--crf", type=Path, default=Path("upos.crf"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tag", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.tag:
        tag(options.crf, options.test)
        return
    if not options.crf.exists():
        train(options.train, options.crf)
    with tempfile.TemporaryDirectory() as scratch:
        big = Path(scratch) / "big.conllu"
        big.write_bytes(options.test.read_bytes() * COPIES)
        num_tokens = sum(map(len, sentences(big)))
        ours = [sys.executable, "-m", "tagger", "predict", "-q", str(big)]
        commands = {
            "crf": [
                sys.executable,
                __file__,
                "--tag",
                "--crf",
                str(options.crf),
                "--test",
                str(big),
            ],
            **{
                f"{model} -j {jobs}": [*ours, "-m", model, "-j", str(jobs)]
                for model in options.model or ["en"]
                for jobs in (1, 2)
            },
        }
        times = [{name: timed(c) for name, c in commands.items()} for _ in range(options.rounds)]
    figures = {
        name: {
            "tokens_per_second": num_tokens / statistics.median(t[name][0] for t in times),
            "tokens_per_cpu_second": num_tokens / statistics.median(t[name][1] for t in times),
            "times_the_crf": statistics.median(t["crf"][0] / t[name][0] for t in times),
        }
        for name in commands
    }
    print(json.dumps({"tokens": num_tokens, "rounds": options.rounds, "commands": figures}))


if __name__ == "__main__":
    main()

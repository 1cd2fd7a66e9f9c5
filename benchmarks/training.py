"""How fast a training with default settings is, everything counted, as JSON.

    python benchmarks/training.py [TRAIN DEV] [--epochs N] [--tasks upos,xpos]

Without files it trains on UD English EWT of the folder that TAGGER_CORPORA names
(../shared/corpora). Reading, preparing, training and scoring dev all count; importing does not.
"""

import argparse
import json
import os
import time
from pathlib import Path

from tagger.corpus.files import read_all
from tagger.training.data import prepare
from tagger.training.loop import EpochReport, Training
from tagger.training.settings import settings_from


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="a training and a dev file")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--tasks", default="upos,xpos")
    options = parser.parse_args()
    folder = Path(os.environ.get("TAGGER_CORPORA", "../shared/corpora")) / "ud-english-ewt"
    default = [folder / f"en_ewt-ud-{split}.conllu" for split in ("train", "dev")]
    train, dev = options.files or default
    wall, cpu = time.perf_counter(), time.process_time()
    settings = settings_from({"optimisation": {"epochs": options.epochs}})
    data = prepare(read_all([train]), read_all([dev]), options.tasks.split(","), settings)
    reports = [r for r in Training(data, settings).run() if isinstance(r, EpochReport)]
    tokens = sum(report.tokens for report in reports)
    cpu_seconds = time.process_time() - cpu
    result = {
        "tokens": tokens,
        "cpu_seconds": round(cpu_seconds, 1),
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "tokens_per_cpu_second": round(tokens / cpu_seconds),
        "per_epoch": [round(report.tokens / report.cpu_seconds) for report in reports],
        "threads": settings.threads,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()

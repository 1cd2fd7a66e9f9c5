"""How fast a training with default settings is, everything counted, as JSON.

    python benchmarks/training.py [TRAIN DEV] [--epochs N] [--tasks upos,xpos]
    python benchmarks/training.py --device cuda --precision bf16 --batch-tokens 4000

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
from tagger.training.device import find_device, name_of
from tagger.training.loop import EpochReport, Training
from tagger.training.settings import settings_from


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="a training and a dev file")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--tasks", default="upos,xpos")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--batch-tokens", type=int)
    options = parser.parse_args()
    folder = Path(os.environ.get("TAGGER_CORPORA", "../shared/corpora")) / "ud-english-ewt"
    default = [folder / f"en_ewt-ud-{split}.conllu" for split in ("train", "dev")]
    train, dev = options.files or default
    wall, cpu = time.perf_counter(), time.process_time()
    device = find_device(options.device)
    optimisation = {"epochs": options.epochs, "precision": options.precision}
    if options.batch_tokens is not None:
        optimisation["batch_tokens"] = options.batch_tokens
    settings = settings_from({"optimisation": optimisation})
    data = prepare(read_all([train]), read_all([dev]), options.tasks.split(","), settings)
    training = Training(data, settings, device=device)
    reports = [r for r in training.run() if isinstance(r, EpochReport)]
    tokens = sum(report.tokens for report in reports)
    cpu_seconds = time.process_time() - cpu
    result = {
        "device": name_of(device),
        "tokens": tokens,
        "cpu_seconds": round(cpu_seconds, 1),
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "tokens_per_cpu_second": round(tokens / cpu_seconds),
        "per_epoch": [round(report.tokens / report.cpu_seconds) for report in reports],
        "per_epoch_of_the_clock": [round(report.tokens / report.seconds) for report in reports],
        "threads": settings.threads,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()

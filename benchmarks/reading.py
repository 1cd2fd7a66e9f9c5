"""How fast corpora are read: tokens per CPU second on one core, as JSON.

    python benchmarks/reading.py [FILE...]

Without files it reads the treebanks of the folder that TAGGER_CORPORA names (../shared/corpora).
Each file is read seven times; the median is given.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

from tagger.corpus.files import open_corpus_file

RUNS = 7


def measure(path: str) -> dict[str, object]:
    """Tokens per CPU second over RUNS readings of one file."""
    corpus = open_corpus_file(path)
    speeds = []
    tokens = 0
    for _ in range(RUNS):
        began = time.process_time()
        tokens = sum(len(sentence) for sentence in corpus)
        speeds.append(tokens / (time.process_time() - began))
    return {
        "file": Path(path).name,
        "tokens": tokens,
        "tokens_per_cpu_second": round(statistics.median(speeds)),
        "slowest": round(min(speeds)),
        "fastest": round(max(speeds)),
    }


def main() -> None:
    """Prints one JSON object per file."""
    folder = Path(os.environ.get("TAGGER_CORPORA", "../shared/corpora"))
    paths = sys.argv[1:] or [str(path) for path in sorted(folder.glob("ud-*/*train.conllu"))]
    for path in paths:
        print(json.dumps(measure(path)))


if __name__ == "__main__":
    main()

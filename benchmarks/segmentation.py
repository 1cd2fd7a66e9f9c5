"""How fast a model cuts raw text into sentences, tokens and words, tagging left out, as JSON.

    python benchmarks/segmentation.py [--model en] [--rules] [--megabytes 4] [FILE…]

CPU seconds of one process with one thread, from text to sentences, in chunks as `tagger predict`
reads them, the file's lines as its paragraphs. Says what share the network takes, finding units,
and what becomes of both. Without files it takes raw-en-web of the folder that TAGGER_CORPORA names
(../shared/corpora).
"""

import argparse
import json
import os
import time
from itertools import islice
from pathlib import Path

from tagger.compression import reading
from tagger.corpus.lines import by_line, open_file
from tagger.inference.models import find_model
from tagger.inference.pipeline import Tagger
from tagger.inference.segmenter import LearnedSegmenter
from tagger.streaming.parts import TEXT_CHUNK_BYTES
from tagger.text.paragraphs import lines_of
from tagger.text.segmenters import RulesSegmenter
from tagger.text.units import units_of

ROUNDS = 3


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--model", default="en")
    parser.add_argument("--rules", action="store_true", help="not what the model learned")
    parser.add_argument("--megabytes", type=float, default=4, help="of each file")
    options = parser.parse_args()
    corpora = Path(os.environ.get("TAGGER_CORPORA", "../shared/corpora"))
    files = options.files or [corpora / "raw-en-web" / "raw-en-web.txt.xz"]
    segmenter = Tagger(find_model(options.model)).segmenter_for(options.rules or None)
    chunks = [chunk for file in files for chunk in read_chunks(Path(file), options.megabytes)]
    segmenter.segment([*lines_of(chunks[0])])  # loads, and meets the commonest forms
    rounds = [measure(segmenter, chunks) for _ in range(ROUNDS)]
    best = sorted(rounds, key=lambda found: found["tokens_per_cpu_second"])[ROUNDS // 2]
    print(json.dumps({"model": options.model, "by": type(segmenter).__name__, **best}))


def read_chunks(path: Path, megabytes: float) -> list[str]:
    """Whole lines of the beginning of a file."""
    number = max(1, round(megabytes * 1e6 / TEXT_CHUNK_BYTES))
    with open_file(path) as file, reading(file, str(path)) as stream:
        lines = islice(by_line(stream, TEXT_CHUNK_BYTES), number)
        return [b"".join(of_chunk).decode() for of_chunk in lines]


def measure(segmenter: LearnedSegmenter | RulesSegmenter, chunks: list[str]) -> dict[str, float]:
    """One round over all chunks."""
    before = _graphs(segmenter)
    begun = time.process_time()
    found = [segmenter.segment([*lines_of(chunk)]) for chunk in chunks]
    seconds = time.process_time() - begun
    after = _graphs(segmenter)
    begun = time.process_time()
    for chunk in chunks:
        for line in lines_of(chunk):
            units_of(line.text)
    units = time.process_time() - begun
    sentences = [s for of_chunk in found for of_line in of_chunk for s in of_line]
    tokens, characters = sum(map(len, sentences)), sum(map(len, chunks))
    return {
        "tokens": tokens,
        "sentences": len(sentences),
        "characters": characters,
        "cpu_seconds": round(seconds, 2),
        "tokens_per_cpu_second": round(tokens / seconds),
        "characters_per_cpu_second": round(characters / seconds),
        "share_of_sentence_graph": round((after[0] - before[0]) / seconds, 3),
        "share_of_lexical_graph": round((after[1] - before[1]) / seconds, 3),
        "share_of_units": round(units / seconds, 3) if after[0] else 0.0,
    }


def _graphs(segmenter: LearnedSegmenter | RulesSegmenter) -> tuple[float, float]:
    """CPU seconds in the sentence and in the lexical graph so far."""
    if isinstance(segmenter, RulesSegmenter):
        return 0.0, 0.0
    runtime = segmenter.runtime
    return runtime.session.seconds, runtime.forms.lexicon.session.seconds


if __name__ == "__main__":
    main()

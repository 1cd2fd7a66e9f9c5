"""How many planted label errors an audit finds, as JSON.

    python benchmarks/audit.py [FILE] [--task upos] [--noise uniform] [--share 0.02] [--seed 1]

Changes a share of the labels, audits the corpus and says how many of the tokens doubted most were
changed. What the corpus had wrong before counts as a false alarm. Without a file it audits the
training split of UD English EWT in the folder that TAGGER_CORPORA names (../shared/corpora).

    uniform     a tag becomes any other of the corpus
    attested    the tag of an ambiguous form becomes another that the form has in the corpus
    spans       a span (of an IOB2 file) gets another label or, as likely as each of these, none
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything imports torch

import msgspec
import numpy as np

from tagger.corpus.files import read_all
from tagger.schemes import OUTSIDE, spans_from_tags, tags_from_spans
from tagger.sentence import UNANNOTATED, Sentence, Span
from tagger.tasks import OUTSIDE_SCHEME
from tagger.training.audit import doubts_in, ranked
from tagger.training.folds import FOLDS, SETTINGS, folds_of

TOPS = (0.005, 0.01, 0.02, 0.04)  # shares of all tokens
Columns = list[list[str]]
Place = tuple[int, int]  # a sentence and a token in it


def flip_tags(sentences: Sequence[Sentence], gold: Columns, options: argparse.Namespace) -> None:
    """Turns a share of the tags into others."""
    random = np.random.default_rng(options.seed)
    forms = [[form.lower() for form in sentence.forms] for sentence in sentences]
    places = [(i, j) for i, tags in enumerate(gold) for j, t in enumerate(tags) if t != UNANNOTATED]
    all_tags = {gold[i][j] for i, j in places}
    possible: dict[str, set[str]] = {}
    for i, j in places:
        known = possible.setdefault(forms[i][j], set())
        known |= all_tags if options.noise == "uniform" else {gold[i][j]}
    ambiguous = [(i, j) for i, j in places if len(possible[forms[i][j]]) > 1]
    for k in random.choice(len(ambiguous), round(options.share * len(places)), replace=False):
        i, j = ambiguous[k]
        gold[i][j] = str(random.choice(sorted(possible[forms[i][j]] - {gold[i][j]})))


def spoil_spans(gold: Columns, options: argparse.Namespace) -> None:
    """Gives a share of the spans another label or none."""
    random = np.random.default_rng(options.seed)
    spans = [spans_from_tags(tags) for tags in gold]
    places = [(i, k) for i, found in enumerate(spans) for k in range(len(found))]
    labels = sorted({span.label for found in spans for span in found})
    for n in random.choice(len(places), round(options.share * len(places)), replace=False):
        i, k = places[n]
        start, end, label = spans[i][k]
        other = random.choice([one for one in [*labels, OUTSIDE] if one != label])
        spans[i][k] = Span(start, end, str(other))
    for tags, found in zip(gold, spans, strict=True):
        kept = [span for span in found if span.label != OUTSIDE]
        tags[:] = tags_from_spans(kept, len(tags), OUTSIDE_SCHEME)


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Plants errors, audits, counts."""
    sentences = [s for s in read_all([options.file]) if options.task in s.columns]
    right = [sentence.columns[options.task] for sentence in sentences]
    gold = [list(tags) for tags in right]
    if options.noise == "spans":
        spoil_spans(gold, options)
    else:
        flip_tags(sentences, gold, options)
    pairs = enumerate(zip(right, gold, strict=True))
    planted = {(i, j) for i, (old, new) in pairs for j in range(len(new)) if old[j] != new[j]}
    began, cpu_began = time.perf_counter(), time.process_time()
    found = audit(
        [
            s.with_columns({options.task: tuple(tags)})
            for s, tags in zip(sentences, gold, strict=True)
        ],
        options,
    )
    return {
        "tokens": sum(map(len, sentences)),
        "planted": len(planted),
        "doubted": len(found),
        **figures(found, planted, sum(map(len, sentences))),
        "wall_seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu_began, 1),
    }


def audit(sentences: Sequence[Sentence], options: argparse.Namespace) -> list[Place]:
    """The tokens that are doubted, the most doubtful first."""
    settings = msgspec.structs.replace(SETTINGS, seed=options.audit_seed)
    doubts = []
    for fold in folds_of(sentences, [options.task], settings, options.folds):
        for _ in fold.training.run():
            pass
        doubts += doubts_in(fold)
    return [(doubt.sentence, doubt.token) for doubt in ranked(doubts)]


def figures(found: Sequence[Place], planted: set[Place], num_tokens: int) -> dict[str, object]:
    """Precision and recall in percent of as many tokens as were planted, and of other tops."""
    tops = {"planted": len(planted)} | {f"{100 * s:g} %": round(s * num_tokens) for s in TOPS}
    hits = {top: sum(place in planted for place in found[:size]) for top, size in tops.items()}
    return {
        "precision": {top: round(100 * hits[top] / size, 1) for top, size in tops.items()},
        "recall": {top: round(100 * hits[top] / len(planted), 1) for top in tops},
    }


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folder = Path(os.environ.get("TAGGER_CORPORA", "../shared/corpora")) / "ud-english-ewt"
    parser.add_argument("file", nargs="?", type=Path, default=folder / "en_ewt-ud-train.conllu")
    parser.add_argument("--task", default="upos")
    parser.add_argument("--noise", choices=["uniform", "attested", "spans"], default="uniform")
    parser.add_argument("--share", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1, help="of the noise")
    parser.add_argument("--audit-seed", type=int, default=1, help="of folds and models")
    parser.add_argument("--folds", type=int, default=FOLDS)
    options = parser.parse_args()
    said = vars(options) | {"file": options.file.name}
    print(json.dumps(said | measure(options)))


if __name__ == "__main__":
    main()

"""The baseline to beat: a linear-chain CRF with standard features, by python-crfsuite.

Features: the word, lower case, affixes of 1-4 characters, shape, and the neighbours up to two
words away (L-BFGS, c1 = c2 = 0.1, 100 iterations). Prints one JSON object.

    pip install python-crfsuite
    python benchmarks/linear_crf.py --task ner --train TRAIN --dev DEV --test TEST
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pycrfsuite

from tagger.corpus.files import read_all
from tagger.evaluation.scores import score_task
from tagger.inference.encoding import shape
from tagger.schemes import convert_tags
from tagger.sentence import Sentence
from tagger.tasks import OUTSIDE_SCHEME, Task, task_from


def features(forms: Sequence[str], position: int) -> list[str]:
    """The features of one token in its sentence."""
    form = forms[position]
    lower = form.lower()
    found = ["bias", f"w={form}", f"l={lower}", f"shape={shape(form)}"]
    found += [f"p{n}={lower[:n]}" for n in range(1, 5) if len(lower) >= n]
    found += [f"s{n}={lower[-n:]}" for n in range(1, 5) if len(lower) >= n]
    found += [
        f"title={form.istitle()}",
        f"upper={form.isupper()}",
        f"digit={any(c.isdigit() for c in form)}",
        f"hyphen={'-' in form}",
    ]
    for step in (-2, -1, 1, 2):
        other = position + step
        if 0 <= other < len(forms):
            found += [
                f"{step}l={forms[other].lower()}",
                f"{step}shape={shape(forms[other])}",
                f"{step}s3={forms[other].lower()[-3:]}",
            ]
        else:
            found.append(f"{step}edge")
    return found


def sequences(sentences: list[Sentence], task: Task) -> list[tuple[list[list[str]], list[str]]]:
    """Features and gold tags of each sentence that has the column."""
    found = []
    for sentence in sentences:
        if task.name in sentence.columns:
            tags = list(sentence.columns[task.name])
            tags = tags if task.scheme is None else convert_tags(tags, OUTSIDE_SCHEME)
            rows = [features(sentence.forms, i) for i in range(len(sentence))]
            found.append((rows, tags))
    return found


def main() -> None:
    """Trains on --train, scores --dev and --test."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option in ("--task", "--train", "--dev", "--test"):
        parser.add_argument(option, required=True)
    parser.add_argument("--iterations", type=int, default=100)
    options = parser.parse_args()
    began = time.process_time()
    train = read_all([options.train])
    task = task_from(options.task, train)
    trainer = pycrfsuite.Trainer(verbose=False)
    for rows, tags in sequences(train, task):
        trainer.append(rows, tags)
    trainer.set_params({"c1": 0.1, "c2": 0.1, "max_iterations": options.iterations})
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.crfsuite")
        trainer.train(path)
        cpu_seconds = time.process_time() - began
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        result = {"task": options.task, "train_cpu_seconds": round(cpu_seconds, 1)}
        for split in ("dev", "test"):
            data = sequences(read_all([Path(getattr(options, split))]), task)
            predicted = [tagger.tag(rows) for rows, _ in data]
            score = score_task(task, [tags for _, tags in data], predicted)
            result[split] = {"metric": score.metric, "value": round(100 * score.value, 2)}
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()

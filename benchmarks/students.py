"""How well students do by how much they were taught and how large they are, as JSON.

    python benchmarks/students.py MODEL… [--teacher MODEL] [--plot FILE.svg]

Each model is a folder that `tagger train` wrote; its own card says how many tokens a teacher
labelled for it (none, where it had no teacher), how many units its LSTM has and what it scored on
dev. Nothing is run here. The picture has two parts: students by their tokens, a line for each size,
and by their size, those with the number of tokens that most sizes have. One that nobody taught, of
any size, begins every line; a teacher is a line across. Of several seeds the mean is drawn.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from tagger.atomic import atomic_file
from tagger.inference.folder import read_description


def told(folder: Path) -> dict[str, Any]:
    """What a model's description says of it."""
    found = read_description(folder)
    return {
        "model": folder.name,
        "seed": found.seed,
        "tokens": found.distillation.tokens if found.distillation else 0,
        "hidden_size": found.settings["encoder"]["hidden_size"],
        "weights": found.num_weights,
        "dev": {score.task: score.value for score in found.scores},
    }


def plot(students: Sequence[dict[str, Any]], teacher: dict[str, Any] | None, path: Path) -> None:
    """Scores on dev against tokens and against units, a row of two pictures per task."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "tagger", "svg.fonttype": "none", "font.size": 9}
    from matplotlib import pyplot

    tasks = list(students[0]["dev"])
    untaught = means(s for s in students if not s["tokens"])
    taught = means(s for s in students if s["tokens"])
    by_tokens = {
        f"{size} units": [*untaught, *(s for s in taught if s["hidden_size"] == size)]
        for size in sorted({s["hidden_size"] for s in taught})
    } or {"no teacher": untaught}
    tokens = Counter(s["tokens"] for s in taught).most_common(1)[0][0] if taught else 0
    by_size = [s for s in taught if s["tokens"] == tokens]
    figure, rows = pyplot.subplots(
        len(tasks), 2, figsize=(9, 2.6 * len(tasks)), layout="constrained", squeeze=False
    )
    for (left, right), task in zip(rows, tasks, strict=True):
        for label, line in by_tokens.items():
            millions = [s["tokens"] / 1e6 for s in line]
            left.plot(millions, _scores(line, task), marker="o", label=label)
        left.set(xlabel="million labelled tokens", ylabel=f"{task} on dev")
        left.set_xscale("symlog", linthresh=1)
        left.legend(loc="lower right")
        right.plot([s["hidden_size"] for s in by_size], _scores(by_size, task), marker="o")
        right.set(xlabel=f"units a direction, {tokens / 1e6:.0f} million tokens")
        for axes in (left, right):
            if teacher is not None:
                axes.axhline(100 * teacher["dev"][task], color="grey", linestyle=":")
    with atomic_file(path) as stream:
        figure.savefig(stream, format="svg", metadata={"Date": None})


def means(students: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One for all that differ in their seeds alone, with mean scores; by tokens, then by size."""
    alike: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for student in students:
        alike.setdefault((student["tokens"], student["hidden_size"]), []).append(student)
    return [
        {
            **found[0],
            "dev": {task: fmean(s["dev"][task] for s in found) for task in found[0]["dev"]},
        }
        for _, found in sorted(alike.items())
    ]


def _scores(students: Sequence[dict[str, Any]], task: str) -> list[float]:
    return [100 * student["dev"][task] for student in students]


def main() -> None:
    """Reads the arguments and prints what the models say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    students = [told(folder) for folder in options.models]
    teacher = told(options.teacher) if options.teacher else None
    print(json.dumps({"students": students, "teacher": teacher}, indent=1))
    if options.plot:
        plot(students, teacher, options.plot)


if __name__ == "__main__":
    main()

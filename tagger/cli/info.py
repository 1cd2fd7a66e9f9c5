"""`tagger info`: which models are at hand, and what a model folder holds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, warn
from tagger.errors import ModelError

if TYPE_CHECKING:
    from tagger.inference.folder import Description


@command
def info(
    model: Annotated[
        str | None, typer.Argument(help="A model folder or the name of a model; none lists all.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """List the models at hand, or say what one holds: tasks, data, settings, scores.

    Models are looked for in ./models, in your data folder and in what came with tagger.

    Examples:

    \b
        tagger info
        tagger info en
        tagger info en --json | jq .scores
    """
    from tagger.inference.folder import read_description
    from tagger.inference.models import find_model

    if model is None:
        _list(json)
        return
    folder = find_model(model)
    description = read_description(folder)
    if json:
        import msgspec

        print(msgspec.json.encode(description).decode())
        return
    _tell(folder, description)


def _list(json: bool) -> None:
    """One line per model: its name, what it predicts, where it lies; broken ones are warned of."""
    import msgspec

    from tagger.inference.folder import read_description
    from tagger.inference.models import models_at_hand

    for folder in models_at_hand():
        try:
            description = read_description(folder)
        except ModelError as error:
            warn(str(error))
            continue
        tasks = [head.task.name for head in description.heads]
        if json:
            row = {"name": folder.name, "tasks": tasks, "folder": str(folder)}
            print(msgspec.json.encode(row).decode())
        else:
            print(f"{folder.name}\t{','.join(tasks)}\t{folder}")


def _tell(folder: Path, description: "Description") -> None:
    from tagger.inference.folder import SEGMENTER

    _print(f"{folder}: tagger {description.tagger_version}, format {description.format}")
    _print(
        f"{description.num_weights:,} weights ({description.precision}), "
        f"{description.num_words:,} words"
    )
    for head in description.heads:
        what = "spans" if head.task.scheme else "tags"
        names = dict.fromkeys(tag[2:] if head.task.scheme else tag for tag in head.task.tags)
        _print(f"{head.task.name} ({head.kind}, {what}): {' '.join(filter(None, names))}")
    for record in description.data:
        _print(
            f"{record.split} {record.name}: {record.sentences:,} sentences, "
            f"{record.tokens:,} tokens, sha256 {record.sha256}"
        )
    if description.vectors:
        vectors = description.vectors
        _print(
            f"vectors {vectors.name}: {vectors.size} numbers for {vectors.training_words:,} "
            f"training words, {vectors.other_words:,} others, sha256 {vectors.sha256}"
        )
    if description.language_model:
        read = description.language_model
        tuning = ", fine-tuned" if read.fine_tuned else ""
        _print(
            f"language model {read.name} over {read.kind}{tuning}: "
            f"{read.hidden_size} units a direction, {read.tokens:,} {read.reads.tokens} read, "
            f"{read.reads.measure} {read.reads.told(read.perplexity)}, sha256 {read.sha256}"
        )
    if description.distillation:
        taught = description.distillation
        teachers = ", ".join(teacher.name for teacher in taught.teachers)
        texts = ", ".join(text.name for text in taught.texts)
        _print(f"taught by {teachers} on {taught.tokens:,} tokens{texts and ' of ' + texts}")
    if description.transformer:
        tuned = description.transformer
        _print(
            f"transformer {tuned.name} ({tuned.family}, licence {tuned.license or 'not said'}): "
            f"{tuned.layers} layers of {tuned.hidden_size} units, sha256 {tuned.sha256}"
        )
    _print(f"trained by: {description.command}")
    _print(f"seed {description.seed}, epoch {description.epoch}")
    for found in (description.scores, description.raw_scores):
        for score in found:
            _print(f"dev {score.task}: {100 * score.value:.2f} ({score.signature})")
    has_segmenter = (folder / SEGMENTER).is_dir()
    _print(f"raw text is cut {'as it learned' if has_segmenter else 'by rules'}")
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        _print(f"{file.relative_to(folder)}: {file.stat().st_size:,} bytes")


def _print(line: str) -> None:
    """A line of a stranger's strings, without signs that a terminal would obey."""
    print("".join([sign if sign.isprintable() else "\ufffd" for sign in line]))

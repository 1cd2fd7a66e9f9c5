"""`tagger info`: what a model folder holds."""

from pathlib import Path
from typing import Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command


@command
def info(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what a model folder holds: tasks, tags, data, settings, scores.

    Examples:

        tagger info models/en

        tagger info models/en --json | jq .scores
    """
    from tagger.inference.folder import read_description

    description = read_description(model)
    if json:
        import msgspec

        print(msgspec.json.encode(description).decode())
        return
    print(f"{model}: tagger {description.tagger_version}, format {description.format}")
    print(f"{description.num_weights:,} weights, {description.num_words:,} words")
    for head in description.heads:
        what = "spans" if head.task.scheme else "tags"
        names = dict.fromkeys(tag[2:] if head.task.scheme else tag for tag in head.task.tags)
        print(f"{head.task.name} ({head.kind}, {what}): {' '.join(filter(None, names))}")
    for record in description.data:
        print(
            f"{record.split} {record.name}: {record.sentences:,} sentences, "
            f"{record.tokens:,} tokens, sha256 {record.sha256}"
        )
    print(f"trained by: {description.command}")
    print(f"seed {description.seed}, epoch {description.epoch}")
    for score in description.scores:
        print(f"dev {score.task}: {100 * score.value:.2f} ({score.signature})")
    for file in sorted(path for path in model.iterdir() if path.is_file()):
        print(f"{file.name}: {file.stat().st_size:,} bytes")

"""`tagger evaluate`: how well a model tags a gold file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, table
from tagger.cli.options import Columns, Model
from tagger.errors import TaggerError

if TYPE_CHECKING:
    from tagger.evaluation.scores import Score


@command
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Gold corpus files.")],
    model: Model = "en",
    columns: Columns = None,
    json: Annotated[bool, typer.Option("--json", help="Write JSON, not text.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Score a model on gold files: accuracy, or strict span F1, per label and per known word.

    The gold tags are hidden, the tokens tagged as `tagger predict` does it, and both compared.

    Examples:

    \b
        tagger evaluate -m models/en corpora/demo-en/test.conllu
        tagger evaluate -m models/en test.conllu --json | jq '.[0].value'
    """
    from tagger.cli.corpora import open_all, read_noting
    from tagger.corpus.overruling import Asked
    from tagger.evaluation.model import evaluate_model
    from tagger.inference.models import find_model
    from tagger.inference.pipeline import Tagger

    tagger = Tagger(find_model(model))
    corpora = open_all(files, Asked(columns=columns))
    gold = [sentence for corpus in corpora for sentence in read_noting(corpus)]
    scores = evaluate_model(tagger.tag_sentences, tagger.tasks, tagger.is_known, gold)
    if not scores:
        names = ", ".join(task.name for task in tagger.tasks)
        raise TaggerError(f"{files[0]}: expected one of the columns {names}, found none")
    if json:
        import msgspec

        print(msgspec.json.encode(scores).decode())
        return
    for score in scores:
        _show(score)


def _show(score: "Score") -> None:
    """One line with the signature on stdout, the table per label behind it."""
    print(f"{score.task} {100 * score.value:.2f} {score.signature}")
    rows = [
        [
            s.label,
            f"{100 * s.precision:.2f}",
            f"{100 * s.recall:.2f}",
            f"{100 * s.f1:.2f}",
            s.support,
        ]
        for s in (*score.labels, *score.words)
    ]
    table("", [score.task, "precision", "recall", "F1", "gold"], rows, stdout=True)

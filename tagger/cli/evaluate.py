"""`tagger evaluate`: how well a model tags a gold file."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, table
from tagger.cli.options import Columns, Model
from tagger.errors import TaggerError, UsageError
from tagger.streaming.kinds import SegmenterKind

if TYPE_CHECKING:
    from tagger.corpus.files import CorpusFile
    from tagger.evaluation.scores import RawScore, Score
    from tagger.inference.pipeline import Tagger
    from tagger.sentence import Sentence


@command
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Gold corpus files.")],
    model: Model = "en",
    columns: Columns = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="Tag the raw text of a CoNLL-U file, and score its segmentation as well: F1 of "
            "tokens, sentences, words and tags, as the CoNLL 2018 evaluation has it.",
        ),
    ] = False,
    segmenter: Annotated[
        SegmenterKind | None,
        typer.Option(help="What cuts raw text, as of `predict`. [learned, if the model did]"),
    ] = None,
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
        tagger evaluate -m models/en test.conllu --raw
        tagger evaluate -m models/en test.conllu --raw --segmenter rules
    """
    from tagger.cli.corpora import open_all
    from tagger.corpus.overruling import Asked
    from tagger.inference.models import find_model
    from tagger.inference.pipeline import Tagger

    if segmenter is not None and not raw:
        raise UsageError("--segmenter is for --raw: without it the tokens are those of the file")
    tagger = Tagger(find_model(model))
    corpora = open_all(files, Asked(columns=columns))
    raw_scores = _score_raw(tagger, corpora, segmenter) if raw else []
    scores = [] if raw else _score(tagger, corpora)
    if json:
        import msgspec

        print(msgspec.json.encode(raw_scores or scores).decode())
    elif raw:
        _show_raw(raw_scores)
    else:
        for score in scores:
            _show(score)


def _score(tagger: "Tagger", corpora: Sequence["CorpusFile"]) -> "list[Score]":
    """The scores on gold tokens; raises TaggerError where there is nothing to score."""
    from tagger.cli.corpora import read_noting
    from tagger.evaluation.model import evaluate_model

    gold = [sentence for corpus in corpora for sentence in read_noting(corpus)]
    scores = evaluate_model(tagger.tag_sentences, tagger.tasks, tagger.is_known, gold)
    if not scores:
        names = ", ".join(task.name for task in tagger.tasks)
        raise TaggerError(f"{corpora[0].path}: expected one of the columns {names}, found none")
    return scores


def _score_raw(
    tagger: "Tagger", corpora: Sequence["CorpusFile"], kind: SegmenterKind | None
) -> "list[RawScore]":
    """The scores on the raw text of gold files."""
    from tagger.cli.corpora import read_noting
    from tagger.evaluation.raw_scores import evaluate_raw
    from tagger.evaluation.raw_text import read_raw_text
    from tagger.streaming.inputs import cutting_by
    from tagger.text.segmenters import cut_text

    gold = read_raw_text(corpora)
    for corpus in corpora:
        read_noting(corpus)
    segmenter = tagger.segmenter_for(None if kind is None else kind.by_rules)
    cutting = cutting_by(kind)

    def tag(text: str) -> "Iterable[Sentence]":
        return tagger.tag_sentences(cut_text(text, segmenter, cutting))

    return evaluate_raw(tag, tagger.tasks, gold)


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


def _show_raw(scores: "Sequence[RawScore]") -> None:
    """A line with its signature for each on stdout, one table of all behind them."""
    for s in scores:
        print(f"{s.task} {100 * s.value:.2f} {s.signature}")
    rows = [
        [
            s.task,
            *(f"{100 * figure:.2f}" for figure in (s.precision, s.recall, s.value)),
            "" if s.aligned_accuracy is None else f"{100 * s.aligned_accuracy:.2f}",
            s.gold,
            s.predicted,
        ]
        for s in scores
    ]
    columns = ["raw text", "precision", "recall", "F1", "aligned", "gold", "predicted"]
    table("", columns, rows, stdout=True)

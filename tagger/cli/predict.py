"""`tagger predict`: text in, tags out."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, note
from tagger.cli.options import Columns, Model, Output
from tagger.errors import UsageError
from tagger.output.formats import FormatName
from tagger.streaming.kinds import STDIN, InputKind, OffsetUnit, SegmenterKind, Undecodable

if TYPE_CHECKING:
    from tagger.inference.folder import Description
    from tagger.output.style import Style
    from tagger.streaming.inputs import Input
    from tagger.text.segmenters import Cutting

SPAN_FORMATS = ("entities", "brat")


@command
def predict(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files; `-` or none is standard input.")
    ] = None,
    model: Model = "en",
    form: Annotated[
        FormatName | None,
        typer.Option("--format", "-f", help="What to write. [default: conllu, or as the input is]"),
    ] = None,
    output: Output = None,
    out_dir: Annotated[
        Path | None, typer.Option(help="A folder for one output file per input file.")
    ] = None,
    kind: Annotated[InputKind, typer.Option("--input", help="What is read.")] = InputKind.AUTO,
    segmenter: Annotated[
        SegmenterKind | None,
        typer.Option(
            help="What cuts running text: what the model learned, rules, its `lines` (a sentence "
            "each), or its `blanks` too (tokens between them). [learned, if the model did]"
        ),
    ] = None,
    wrapped: Annotated[
        bool | None,
        typer.Option(
            "--wrapped/--no-wrapped", help="Whether sentences go on over line breaks. [found out]"
        ),
    ] = None,
    paragraphs: Annotated[
        bool,
        typer.Option(
            "--paragraphs/--no-paragraphs",
            help="Whether blank lines end sentences; if not, line breaks do not, either.",
        ),
    ] = True,
    columns: Columns = None,
    field: Annotated[str, typer.Option(help="The text's field in JSON lines.")] = "text",
    task: Annotated[
        list[str] | None,
        typer.Option("--task", "-t", help="Only this column; may be given again."),
    ] = None,
    min_prob: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Leave out entities less probable than this.")
    ] = 0.0,
    n_best: Annotated[
        int, typer.Option(min=0, help="That many best tag sequences (with -f jsonl).")
    ] = 0,
    constrained: Annotated[
        bool, typer.Option(help="Only legal span tags, also where the head is no CRF.")
    ] = True,
    offsets: Annotated[
        OffsetUnit, typer.Option(help="What offsets count, from the beginning of the input.")
    ] = OffsetUnit.CHARACTERS,
    errors: Annotated[
        Undecodable, typer.Option(help="What to do with bytes that are not UTF-8.")
    ] = Undecodable.STRICT,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Processes. [default: all cores; terminal: 1]"),
    ] = None,
    line_buffered: Annotated[
        bool, typer.Option("--line-buffered", help="Answer each line before reading the next.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Tag text: files or stdin in, tagged tokens out.

    Raw text is split into sentences and tokens; a line break ends a sentence, but in hard-wrapped
    text a blank line does. CoNLL-U, column files and JSON lines are recognised and keep everything
    but the predicted columns.

    Examples:

    \b
        echo "John lives in Paris." | tagger predict
        tagger predict -f entities news.txt | cut -f1,2 | sort | uniq -c | sort -rn | head
        tagger predict -m models/en -f jsonl news.txt -o news.jsonl.gz
        tail -f app.log | tagger predict --line-buffered -f inline -t ner
        tagger predict --wrapped --offsets bytes -f tsv mail.txt
    """
    import msgspec

    from tagger.cli.reading import observed
    from tagger.inference.decoder import Decoding
    from tagger.inference.folder import read_description
    from tagger.inference.models import find_model
    from tagger.streaming.requests import Request
    from tagger.streaming.run import run
    from tagger.streaming.work import Plan

    if output is not None and out_dir is not None:
        raise UsageError("--output and --out-dir contradict each other")
    folder = find_model(model)
    paths = files or [Path(STDIN)]
    is_terminal = paths == [Path(STDIN)] and sys.stdin is not None and sys.stdin.isatty()
    style = _style(read_description(folder), task, form)
    if n_best and form != "jsonl":
        raise UsageError("--n-best needs --format jsonl, which has room for it")
    decoding = Decoding(
        tasks=style.columns, constrained=constrained, n_best=n_best, min_prob=min_prob
    )
    if offsets is OffsetUnit.BYTES:
        if errors is Undecodable.REPLACE:
            raise UsageError(
                "--offsets bytes needs --errors strict or keep: U+FFFD has other bytes"
            )
        style = msgspec.structs.replace(style, in_bytes=True)
    request = Request(
        paths=paths,
        kind=kind,
        columns=columns,
        format=form,
        style=style,
        output=output,
        out_dir=out_dir,
        at_once=line_buffered or is_terminal,
        jobs=jobs or _cores(),
        cutting=_cutting(segmenter, wrapped, paragraphs),
    )
    plan = Plan(
        model=folder,
        decoding=decoding,
        field=field,
        undecodable=errors,
        by_rules=None if segmenter is None else segmenter.by_rules,
    )
    with observed(paths, _announce) as observer:
        run(request, plan, observer)


def _cutting(segmenter: SegmenterKind | None, wrapped: bool | None, paragraphs: bool) -> "Cutting":
    """How running text is cut; raises UsageError where options contradict each other."""
    from msgspec.structs import replace

    from tagger.streaming.inputs import cutting_by
    from tagger.text.segmenters import ANYHOW

    cutting = cutting_by(segmenter)
    if cutting != ANYHOW and (wrapped or not paragraphs):
        raise UsageError(f"--segmenter {segmenter}: a line is a sentence, so it is not wrapped")
    if wrapped is False and not paragraphs:
        raise UsageError("--no-paragraphs and --no-wrapped contradict each other")
    if cutting != ANYHOW:
        return cutting
    return replace(cutting, wrapped=wrapped if paragraphs else True, paragraphs=paragraphs)


def _style(description: "Description", asked: list[str] | None, form: str | None) -> "Style":
    """The columns to predict; raises UsageError where there is none such."""
    from tagger.output.style import Style

    tasks = {head.task.name: head.task for head in description.heads}
    for name in asked or ():
        if name not in tasks:
            raise UsageError(f"--task {name}: the model predicts {', '.join(tasks)}")
    chosen = [name for name in tasks if asked is None or name in asked]
    spans = frozenset(name for name in chosen if tasks[name].scheme is not None)
    if form in SPAN_FORMATS:
        chosen = [name for name in chosen if name in spans]
        if not chosen:
            raise UsageError(f"--format {form} is for spans: the model predicts none here")
    return Style(tuple(chosen), spans)


def _announce(found: "Input") -> None:
    if found.reasons:
        note(f"{found.name}: {found.reasons}")


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

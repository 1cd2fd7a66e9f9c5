"""`tagger predict`: text in, tags out."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, note
from tagger.cli.inputs import InputKind


class Format(StrEnum):
    """What is written."""

    CONLLU = "conllu"
    TSV = "tsv"
    JSONL = "jsonl"


@command
def predict(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Text or CoNLL files; `-` or none is stdin.")
    ] = None,
    model: Annotated[Path, typer.Option("--model", "-m", help="A model folder.")] = ...,  # type: ignore[assignment]
    form: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = Format.CONLLU,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file instead of stdout.")
    ] = None,
    kind: Annotated[InputKind, typer.Option("--input", help="What is read.")] = InputKind.AUTO,
    columns: Annotated[
        str | None, typer.Option(help="Columns of a CoNLL input, such as `form=1,ner=4`.")
    ] = None,
    line_buffered: Annotated[
        bool, typer.Option("--line-buffered", help="Write each sentence at once.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Tag text: files or stdin in, one tagged token a line out.

    Raw text is split into sentences and tokens, a line break ends a sentence. CoNLL-U and column
    files keep their tokens; written as CoNLL-U, a CoNLL-U file changes in nothing but its tags.

    Examples:

        echo "John lives in Paris." | tagger predict -m models/en

        tagger predict -m models/en -f jsonl news.txt -o news.jsonl

        tagger predict -m models/en -f tsv < news.txt | cut -f1,4 | sort | uniq -c | sort -rn
    """
    from tagger.cli.inputs import open_input, read_input
    from tagger.inference.pipeline import WINDOW_TOKENS, Tagger
    from tagger.output.files import open_output
    from tagger.output.formats import FORMATS, Style, tsv_header

    tagger = Tagger(model)
    tasks = tagger.tasks
    paths = files or [Path("-")]
    write = FORMATS[form]
    at_once = line_buffered or (sys.stdin.isatty() and paths == [Path("-")])
    with open_output(output) as out:
        for i, path in enumerate(paths):
            style = Style(
                columns=tuple(task.name for task in tasks),
                spans=frozenset(task.name for task in tasks if task.scheme is not None),
                file=str(path) if len(paths) > 1 else None,
            )
            if form is Format.TSV and i == 0:
                out.write(tsv_header(style).encode())
            with open_input(path) as (name, stream):
                dialect, sentences = read_input(stream, name, kind, columns)
                if dialect is not None:
                    note(f"{name}: {dialect.reasons}")
                if form is Format.CONLLU and style.file is not None and dialect is None:
                    out.write(f"# newdoc id = {name}\n".encode())
                for sentence in tagger.tag(sentences, 1 if at_once else WINDOW_TOKENS):
                    out.write(write(sentence, style).encode(errors="surrogatepass"))
                    if at_once:
                        out.flush()

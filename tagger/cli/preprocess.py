"""`tagger preprocess`: corpora of any dialect in; cleaned, joined, cut, split and converted out."""

from pathlib import Path
from typing import Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command
from tagger.cli.options import (
    Columns,
    Comments,
    Dialect,
    Encoding,
    Output,
    Separator,
    TagScheme,
    asked,
    scheme_named,
)
from tagger.output.formats import FormatName


@command
def preprocess(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Corpus files of any dialect; stdin if none.")
    ] = None,
    output: Output = None,
    to: Annotated[
        FormatName | None, typer.Option(help="The format to write. [that which was read]")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Make the safe repairs of `tagger check`, each told.")
    ] = False,
    merge: Annotated[
        Path | None, typer.Option(help="A file over the same text, whose columns to add.")
    ] = None,
    map_labels: Annotated[
        list[str] | None, typer.Option(help="Rename labels or tags: `PER=PERSON,LOC=PLACE`.")
    ] = None,
    drop_labels: Annotated[
        list[str] | None, typer.Option(help="Make entities of these labels O, such tags `_`.")
    ] = None,
    scheme: Annotated[
        TagScheme | None,
        typer.Option(help="Rewrite span tags in this scheme.", case_sensitive=False),
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(min=1, help="Cut longer sentences into pieces.")
    ] = None,
    dedupe: Annotated[
        bool, typer.Option("--dedupe", help="Leave out sentences that were there with these tags.")
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Keep so many sentences, drawn at random.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Write train, dev and test into the folder `-o`: `80/10/10`."),
    ] = None,
    seed: Annotated[int, typer.Option(help="For --sample and --split.")] = 1,
    stats: Annotated[
        bool, typer.Option("--stats", help="Show what is in it; without -o nothing else.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The statistics as JSON.")] = False,
    dialect: Dialect = None,
    columns: Columns = None,
    separator: Separator = None,
    comments: Comments = None,
    encoding: Encoding = "utf-8",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Convert, repair, join, relabel, cut, sample and split corpora, in this order.

    What is not asked for does not change: without an option the bytes come out as they went in.
    Everything streams in constant memory but --merge, --split and --sample; --dedupe remembers a
    number for each sentence.

    Examples:

    \b
        tagger preprocess wikigold.conll.txt --scheme IOB2 -o wikigold.iob2
        tagger preprocess train.conll --to conllu --columns form=1,xpos=2,ner=4 > train.conllu
        tagger preprocess corpora/demo-en/train.conllu --split 80/10/10 -o split
        tagger preprocess ud.conllu --merge uner.iob2 --map-labels PER=PERSON -o joint.conllu
        tagger preprocess corpora/demo-en/train.conllu corpora/demo-en/test.conllu --stats
    """
    from tagger.cli.conversion import Wishes
    from tagger.cli.preprocessing import run
    from tagger.corpus.labels import parse_map
    from tagger.corpus.operations import Operations

    said = asked(
        dialect=dialect,
        columns=columns,
        separator=separator,
        comments=comments,
        encoding=encoding,
    )
    operations = Operations(
        mapping=parse_map(map_labels or ()),
        dropped=frozenset(
            label.strip() for labels in drop_labels or () for label in labels.split(",")
        ),
        scheme=scheme_named(scheme),
        max_length=max_length,
        dedupe=dedupe,
    )
    run(
        files or [],
        said,
        operations,
        Wishes(
            output=output,
            to=to,
            fix=fix,
            merge=merge,
            sample=sample,
            split=split,
            seed=seed,
            stats=stats,
            json=json,
        ),
    )

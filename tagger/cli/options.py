"""Options that several commands share, so that they are called and explained alike."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tagger.corpus.overruling import Asked
    from tagger.schemes import Scheme

DialectChoice = StrEnum("DialectChoice", ["conllu", "conllup", "columns", "pairs", "jsonl", "brat"])
TagScheme = StrEnum("TagScheme", ["IO", "IOB1", "IOB2", "IOBES", "BILOU"])

Model = Annotated[str, typer.Option("--model", "-m", help="A model folder or the name of a model.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of stdout.")]
Columns = Annotated[
    str | None, typer.Option(help="Columns of a CoNLL input, such as `form=1,ner=4`.")
]
Dialect = Annotated[DialectChoice | None, typer.Option(help="What the input is. [found out]")]
Separator = Annotated[
    str | None,
    typer.Option(help="`tab`, `blank`, or the sign between a word and its tag. [found out]"),
]
Comments = Annotated[
    bool | None,
    typer.Option("--comments/--no-comments", help="Whether `# ` begins a comment. [found out]"),
]
Encoding = Annotated[str, typer.Option(help="Of the input, such as `latin-1`.")]


def asked(
    *,
    dialect: DialectChoice | None,
    columns: str | None,
    separator: str | None,
    comments: bool | None,
    encoding: str,
) -> "Asked":
    """What these options say of the input."""
    from tagger.corpus.lines import check_encoding
    from tagger.corpus.overruling import DIALECTS, SEPARATORS, Asked

    return Asked(
        dialect=next((name for name in DIALECTS if name == dialect), None),
        columns=columns,
        separator=None if separator is None else SEPARATORS.get(separator, separator),
        comments=comments,
        encoding=check_encoding(encoding),
    )


def scheme_named(name: TagScheme | None) -> "Scheme | None":
    """The tag scheme of that name, in any case of letters."""
    from tagger.schemes import SCHEMES

    return next((scheme for scheme in SCHEMES if name and scheme.lower() == name.lower()), None)

"""Options that several commands share, so that they are called and explained alike."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import note

if TYPE_CHECKING:
    from tagger.corpus.overruling import Asked
    from tagger.schemes import Scheme
    from tagger.training.device import Device as TorchDevice

DialectChoice = StrEnum("DialectChoice", ["conllu", "conllup", "columns", "pairs", "jsonl", "brat"])
DeviceChoice = StrEnum("DeviceChoice", ["auto", "cpu", "cuda", "mps"])
TagScheme = StrEnum("TagScheme", ["IO", "IOB1", "IOB2", "IOBES", "BILOU"])

Model = Annotated[str, typer.Option("--model", "-m", help="A model folder or the name of a model.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of stdout.")]
Device = Annotated[
    DeviceChoice, typer.Option(help="Where to compute; `auto`: on a GPU where there is one.")
]
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


def device_noting(choice: DeviceChoice) -> "TorchDevice":
    """The device that was asked for, which is told where it is no CPU. Raises UsageError."""
    from tagger.training.device import CPU, find_device, name_of

    device = find_device(choice.value)
    if device != CPU:
        note(f"device: {name_of(device)}; there the same seed may give slightly other weights")
    return device

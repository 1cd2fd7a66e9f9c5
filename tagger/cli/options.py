"""Options that several commands share, so that they are called and explained alike."""

from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[str, typer.Option("--model", "-m", help="A model folder or the name of a model.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of stdout.")]
Columns = Annotated[
    str | None, typer.Option(help="Columns of a CoNLL input, such as `form=1,ner=4`.")
]

"""The `tagger` command and its subcommands."""

import typer

from tagger.cli.evaluate import evaluate
from tagger.cli.info import info
from tagger.cli.predict import predict
from tagger.cli.preprocess import preprocess
from tagger.cli.train import train

app = typer.Typer(
    name="tagger",
    help="Label each token of a text with part of speech and named entities.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for function in (train, predict, evaluate, preprocess, info):
    app.command()(function)


def _show_version(value: bool) -> None:
    if value:
        from tagger import __version__

        print(f"tagger {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(
        False, "--version", "-V", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Label each token of a text with part of speech and named entities."""

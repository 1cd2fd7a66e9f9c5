"""The `tagger` command and its subcommands. Only the one that is asked for is imported."""

from collections.abc import Sequence
from importlib import import_module

import typer

COMMANDS = ("train", "predict", "evaluate", "preprocess", "info", "bench")


def app_for(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line: with one subcommand where the arguments begin with its name, else all."""
    app = typer.Typer(
        name="tagger",
        help="Label each token of a text with part of speech and named entities.",
        no_args_is_help=True,
        rich_markup_mode=None,  # rich would take longer than all the rest
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    for name in [arguments[0]] if arguments and arguments[0] in COMMANDS else COMMANDS:
        app.command()(getattr(import_module(f"tagger.cli.{name}"), name))
    return app


def _show_version(value: bool) -> None:
    if value:
        from tagger import __version__

        print(f"tagger {__version__}")
        raise typer.Exit


def options(
    version: bool = typer.Option(
        False, "--version", "-V", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Label each token of a text with part of speech and named entities."""

"""The `tagger` command and its subcommands. Only the one that is asked for is imported."""

from collections.abc import Sequence
from importlib import import_module

import typer

COMMANDS = {
    "train": "A corpus in, a model folder out.",
    "predict": "Text in (files or stdin), tagged text out.",
    "evaluate": "Score a model on gold files.",
    "preprocess": "Corpora repaired, joined, relabelled, cut, split, converted.",
    "pretrain": "Raw text in, a language model out.",
    "generate": "Text from a language model, or how likely it finds text.",
    "fetch": "A public corpus by name.",
    "check": "What is wrong with a corpus, a line for each finding.",
    "info": "The models at hand, or what one of them holds.",
    "bench": "How fast a model is here.",
}


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
        command = getattr(import_module(f"tagger.cli.{name}"), name)
        app.command(short_help=COMMANDS[name])(command)
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

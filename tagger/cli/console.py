"""What people see, on stderr: notes, warnings, errors, progress. Results never come this way."""

import functools
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from tagger.errors import TaggerError

P = ParamSpec("P")
R = TypeVar("R")
EXIT_WRONG = 2


class Verbosity:
    """How much is said: set once from the options of the command that runs."""

    quiet = False
    verbose = False
    speaker = ""  # which of several processes, before its errors


def _set_quiet(value: bool) -> None:
    Verbosity.quiet = value


def _set_verbose(value: bool) -> None:
    Verbosity.verbose = value


Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", callback=_set_quiet, help="Say nothing but errors.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", callback=_set_verbose, help="Show where errors arose.")
]


def quiet_unless_first() -> None:
    """Of the processes that torchrun started the first alone tells of the run."""
    rank, size = (os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE"))
    if rank.isdigit() and size.isdigit() and int(rank) > 0:
        Verbosity.quiet = True
        Verbosity.speaker = f"process {int(rank) + 1} of {size}: "


def note(message: str) -> None:
    """A line about the run."""
    if not Verbosity.quiet:
        print(message, file=sys.stderr, flush=True)


def warn(message: str) -> None:
    """A line about something the user may want to mend."""
    note(f"warning: {message}")


def is_lively() -> bool:
    """Whether bars and colours are in place: stderr is a terminal and nobody asked for quiet."""
    return sys.stderr.isatty() and not Verbosity.quiet and os.environ.get("TERM") != "dumb"


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Wraps a command: a TaggerError becomes one line and exit code 2, a closed pipe the end."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except BrokenPipeError:
            _silence_stdout()
            raise typer.Exit(0) from None
        except TaggerError as error:
            _explain(str(error))
        except OSError as error:
            _flush_or_silence_stdout()
            name = f"{error.filename}: " if error.filename else ""
            _explain(f"{name}{error.strerror or error}")
        raise typer.Exit(EXIT_WRONG)

    return wrapped


def _explain(message: str) -> None:
    """The error that is being handled, on one line; with --verbose its traceback first."""
    if Verbosity.verbose:
        import traceback

        traceback.print_exc()
    print(
        f"error: {Verbosity.speaker}{' '.join(message.split(chr(10)))}", file=sys.stderr, flush=True
    )


def _flush_or_silence_stdout() -> None:
    """Writes what is left; where that fails too (a full disk), gives it up for good."""
    try:
        sys.stdout.flush()
    except OSError:
        _silence_stdout()


def _silence_stdout() -> None:
    """Points stdout at nothing, so that the interpreter's last flush does not complain."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())


def table(title: str, columns: list[str], rows: list[list[Any]], *, stdout: bool = False) -> None:
    """A table for people; the first column to the left, the others to the right."""
    if Verbosity.quiet and not stdout:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title, box=box.SIMPLE, title_justify="left")
    for i, name in enumerate(columns):
        shown.add_column(name, justify="right" if i else "left", overflow="fold")
    for row in rows:
        shown.add_row(*map(str, row))
    Console(stderr=not stdout, highlight=False).print(shown)

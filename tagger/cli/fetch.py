"""`tagger fetch`: a public corpus by name, into the user's data folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, is_lively, note, warn
from tagger.errors import UsageError

if TYPE_CHECKING:
    from tagger.corpus.catalogue import RemoteFile


@command
def fetch(
    name: Annotated[str | None, typer.Argument(help="The name of a public corpus.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Which corpora there are.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --list: all about them.")] = False,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Into FOLDER/NAME instead of your data folder."),
    ] = None,
    mirror: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="A server below whose URL the files lie as OWNER/NAME/COMMIT/PATH, "
            "as they do on https://raw.githubusercontent.com.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that were changed since.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Fetch a public corpus at a fixed version, and print the folder in which it lies.

    Every file is checked by its SHA-256. What is there already is not fetched again and needs no
    network; a download that broke goes on where it stopped. Licence and attribution lie beside the
    files, in SOURCE.md.

    Examples:

    \b
        tagger fetch --list
        tagger fetch ud-english-ewt
        tagger check $(tagger fetch uner-danish-ddt)/*.iob2
        tagger fetch wnut17 --to corpora --mirror https://mirror.example.org/github
    """
    from tagger.corpus.catalogue import find_public_corpus
    from tagger.corpus.download import SERVER, fetch_corpus
    from tagger.inference.models import user_data

    if listing:
        if name is not None:
            raise UsageError(f"--list shows all corpora: expected no name, found {name}")
        _list(json)
        return
    if name is None:
        raise UsageError("expected the name of a corpus (tagger fetch --list shows them all)")
    if json:
        raise UsageError("--json goes with --list; a fetch prints the folder")
    corpus = find_public_corpus(name)
    note(f"{corpus.title}: {corpus.licence}, {corpus.licence_url}; {corpus.attribution}")
    folder = (to or user_data() / "corpora") / corpus.name
    with _progress() as report:
        problem = fetch_corpus(corpus, folder, server=mirror or SERVER, force=force, report=report)
    if problem:
        warn(f"{problem}; SOURCE.md names the licence")
    print(folder)


def _list(json: bool) -> None:
    """A line per corpus: for people in columns, for programs as JSON."""
    import msgspec

    from tagger.corpus.catalogue import public_corpora

    corpora = public_corpora().values()
    if json:
        for corpus in corpora:
            print(msgspec.json.encode(corpus).decode())
        return
    width = max(len(corpus.name) for corpus in corpora)
    for corpus in corpora:
        size = f"{corpus.size / 1e6:.1f} MB"
        print(f"{corpus.name:<{width}}  {corpus.licence:<12}  {size:>7}  {corpus.about}")


@contextmanager
def _progress() -> "Iterator[Callable[[RemoteFile, int], None]]":
    """Who is told how far a file has come: a bar on a terminal, else one line per file."""
    if not is_lively():
        yield _note_once()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TransferSpeedColumn,
    )

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        running: dict[str, TaskID] = {}

        def move(file: "RemoteFile", num_bytes: int) -> None:
            if file.name not in running:
                running[file.name] = bar.add_task(file.name, total=file.size)
            bar.update(running[file.name], completed=num_bytes)

        yield move


def _note_once() -> "Callable[[RemoteFile, int], None]":
    """A note when a file is begun, silence while it comes."""
    begun: set[str] = set()

    def tell(file: "RemoteFile", num_bytes: int) -> None:
        if file.name not in begun:
            begun.add(file.name)
            here = f", {num_bytes:,} of them here already" if num_bytes else ""
            note(f"{file.name}: {file.size:,} bytes{here}")

    return tell

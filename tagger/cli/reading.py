"""How far the reading of files has come: a bar in bytes on a terminal, nothing elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tagger.cli.console import is_lively
from tagger.streaming.inputs import Input
from tagger.streaming.kinds import STDIN
from tagger.streaming.requests import Observer


@contextmanager
def observed(paths: Sequence[Path], announce: Callable[[Input], None]) -> Iterator[Observer]:
    """An observer that announces inputs and moves a bar, where the input is files."""
    if not is_lively() or STDIN in map(str, paths):
        yield Observer(opened=announce, read=lambda num_bytes: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,  # a thread would not live well with processes that are forked
    )
    with bar:
        total = sum(path.stat().st_size for path in paths if path.is_file())
        running = bar.add_task("", total=total)

        def opened(found: Input) -> None:
            bar.update(running, description=found.name)
            announce(found)

        def read(num_bytes: int) -> None:
            bar.update(running, advance=num_bytes)
            bar.refresh()

        yield Observer(opened=opened, read=read)

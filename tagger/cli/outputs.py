"""Whether a folder can be made where a command was asked to make one, before the work begins."""

from pathlib import Path

from tagger.errors import UsageError


def check_output(output: Path, marker: str, kind: str, *, force: bool) -> None:
    """Raises UsageError where the folder could not be written in the end.

    One that has a file `marker` in it is a `kind` already, which `force` lets be replaced.
    """
    if output.is_file():
        raise UsageError(f"{output}: expected a folder to write, found a file")
    if output.is_dir() and any(output.iterdir()):
        if not (output / marker).is_file():
            raise UsageError(f"{output}: is a folder of something else; choose another name")
        if not force:
            raise UsageError(f"{output}: holds a {kind} already; choose another name, or --force")

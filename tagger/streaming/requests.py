"""What is asked of a prediction: inputs, formats, where the output goes; and who is told."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tagger.compression import uncompressed_name
from tagger.errors import UsageError
from tagger.output.style import Format, Style
from tagger.streaming.inputs import Input
from tagger.streaming.kinds import STDIN, InputKind
from tagger.text.segmenters import ANYHOW, Cutting


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be read and where it goes.

    `format` None is CoNLL-U, or for inputs in columns and JSON lines what they are in already.
    `at_once` answers every line or block before the next is read. `jobs` is the most processes.
    `cutting` is for running text, which counts as not hard-wrapped where every line is answered at
    once, unless it says otherwise.
    """

    paths: Sequence[Path]
    kind: InputKind
    columns: str | None
    format: str | None
    style: Style
    output: Path | None
    out_dir: Path | None
    at_once: bool
    jobs: int
    cutting: Cutting = ANYHOW


class Observer(msgspec.Struct, frozen=True):
    """Who is told of each input as it is opened, and of bytes that were read from it."""

    opened: Callable[[Input], None]
    read: Callable[[int], None]


class Opened(msgspec.Struct, frozen=True):
    """An input whose kind is known, and how its sentences are written."""

    input: Input
    format: Format
    style: Style


def check_names(request: Request) -> None:
    """Raises UsageError where two inputs would have one output."""
    if request.out_dir is None:
        return
    seen: dict[str, Path] = {}
    for path in request.paths:
        if str(path) == STDIN:
            raise UsageError("--out-dir names its files after the input's: give files, not stdin")
        name = stem(path)
        if name in seen:
            raise UsageError(f"--out-dir: {seen[name]} and {path} would be one file there")
        seen[name] = path


def stem(path: Path) -> str:
    """The name of an input without its endings, for the output that belongs to it."""
    return Path(uncompressed_name(path.name)).stem

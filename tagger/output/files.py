"""Where output goes: standard output as bytes, or a file that appears only when it is complete."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tagger.atomic import atomic_file
from tagger.compression import writing
from tagger.errors import TaggerError


@contextmanager
def open_output(path: Path | None) -> Iterator[BinaryIO]:
    """A binary stream. None, `-` or /dev/stdout is standard output, whatever the locale.

    A regular file is replaced at the end, so that whoever looks sees the old one or the whole new
    one; it is compressed if its name ends in `.gz`, `.xz`, `.bz2` or `.zst`.
    """
    if path is None or str(path) in ("-", "/dev/stdout"):
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif path.is_dir():
        raise TaggerError(f"{path}: expected a file to write, found a directory")
    elif path.exists() and not path.is_file():
        with path.open("wb") as stream:  # a device or a named pipe has nothing to protect
            yield stream
    else:
        with atomic_file(path) as file, writing(file, path.name) as stream:
            yield stream

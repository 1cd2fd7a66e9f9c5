"""Files of a model folder: regular ones, within the folder, of bounded size.

A link that leads out of the folder is refused: a stranger's folder could show other files of this
machine, or never end. The folder itself may be a link, and so may a file within it that points to
another one there.
"""

import stat
from pathlib import Path
from typing import TypeVar

import msgspec

from tagger.errors import ModelError, shortened

MOST_JSON = 2**28  # bytes: vocabularies of many millions of words
MOST_BYTES = 2**35  # of tables and weights
T = TypeVar("T")


def within(folder: Path, name: str) -> Path:
    """The path of a file or folder within; raises ModelError where a link leads out of it."""
    path = folder / name
    try:
        is_within = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that go round in circles
        is_within = False
    if not is_within:
        raise ModelError(
            f"{path}: expected a file in the model folder, found a link that leads out of it "
            "(put a copy there instead)"
        )
    return path


def regular(folder: Path, name: str, most: int = MOST_BYTES) -> Path:
    """The path of a file within of up to `most` bytes; raises ModelError where there is none."""
    path = within(folder, name)
    try:
        status = path.stat()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        raise ModelError(f"{path}: cannot be read: not a regular file")
    if status.st_size > most:
        raise ModelError(f"{path}: expected at most {most:,} bytes, found {status.st_size:,}")
    return path


def read_bytes(folder: Path, name: str, most: int = MOST_BYTES) -> bytes:
    """The content of such a file."""
    path = regular(folder, name, most)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from None


def read_json(path: Path, kind: type[T]) -> T:
    """A JSON file's content; raises ModelError where it is not of that kind."""
    content = read_bytes(path.parent, path.name, MOST_JSON)
    try:
        return msgspec.json.decode(content, type=kind)
    except RecursionError:
        raise ModelError(f"{path}: not what a tagger model has there: nested too deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = shortened(" ".join(str(error).split()))
        raise ModelError(f"{path}: not what a tagger model has there: {problem}") from None

"""Files and folders that appear only when they are complete: written beside, then renamed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tagger.errors import TaggerError

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of `path` when the block ends without an error.

    A symbolic link stays, and what it points at is replaced. Raises TaggerError where nothing can
    be written there or the disk is full.
    """
    target = path.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise TaggerError(f"{path}: cannot be written: {error.strerror}") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.filename is not None or isinstance(error, BrokenPipeError):
            raise
        raise TaggerError(f"{path}: cannot be written: {error.strerror}") from None
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A new folder that takes the place of `path` when the block ends without an error.

    A symbolic link stays, and what it points at is replaced.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield new
        new.chmod(0o777 & ~_umask())
        if not path.exists():
            new.rename(path)
        elif _exchanged(new, path):
            shutil.rmtree(new)
        else:
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
            path.rename(old / path.name)  # killed here, it lies in that folder
            new.rename(path)
            shutil.rmtree(old)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _exchanged(first: Path, second: Path) -> bool:
    """Whether two folders have changed places in one step, which some systems cannot do.

    Linux: renameat2, https://man7.org/linux/man-pages/man2/rename.2.html; Python has no name for
    it.
    """
    import ctypes

    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    names = os.fsencode(first.absolute()), os.fsencode(second.absolute())
    here = ctypes.c_int(_AT_FDCWD)
    done: int = rename(here, names[0], here, names[1], ctypes.c_uint(_RENAME_EXCHANGE))
    return done == 0


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

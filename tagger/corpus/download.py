"""Public corpora onto the disk: each file whole, checked by its SHA-256, or not there at all.

What has come of a file lies as `.NAME.part` in the corpus's folder; a broken download goes on from
there. pooch checks the content and moves it into place.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tagger.atomic import atomic_file
from tagger.corpus.catalogue import SOURCE_NOTE, PublicCorpus, RemoteFile, source_note
from tagger.corpus.lines import sha256_of
from tagger.corpus.resuming import Download
from tagger.errors import TaggerError, UsageError

SERVER = "https://raw.githubusercontent.com"
Report = Callable[[RemoteFile, int], None]  # a file and how many of its bytes are here by now
_INCOMING = ".incoming"  # where pooch has its temporary files


def file_url(corpus: PublicCorpus, file: RemoteFile, server: str = SERVER) -> str:
    """Where a file is fetched from: SERVER/OWNER/NAME/COMMIT/PATH."""
    return f"{server.rstrip('/')}/{corpus.repository}/{corpus.commit}/{file.path}"


def fetch_corpus(
    corpus: PublicCorpus,
    folder: Path,
    *,
    server: str = SERVER,
    force: bool = False,
    report: Report = lambda file, num_bytes: None,
) -> TaggerError | None:
    """Brings all files of a corpus, its licence and a note on its source into `folder`.

    What is there already is not fetched again, and needs no network. A file that is there with
    another content is an error, unless `force` replaces it. Raises TaggerError where a file cannot
    be had or written; running it again goes on from there. Only the text of the licence may fail
    to come, since the note names the licence too: that error is returned, not raised.
    """
    if not _is_address(server):
        raise UsageError(f"--mirror: expected an address with http:// or https://, found {server}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder):
            wanted = [file for file in corpus.all_files if not _is_here(folder, file, force)]
            _write_note(folder / SOURCE_NOTE, source_note(corpus))
            return _fetch_files(corpus, wanted, folder, server, report)
    except OSError as error:
        where = error.filename or folder
        raise TaggerError(
            f"{where}: cannot be read or written: {error.strerror or error}"
        ) from error


def _is_address(server: str) -> bool:
    try:
        parts = urlsplit(server)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # brackets that do not match
        return False


def _write_note(path: Path, text: str) -> None:
    if not path.is_file() or path.read_bytes() != text.encode():
        with atomic_file(path) as stream:
            stream.write(text.encode())


def _is_here(folder: Path, file: RemoteFile, force: bool) -> bool:
    path = folder / file.name
    if not path.exists():
        return False
    found = sha256_of(path)
    if found == file.sha256:
        return True
    if force:
        return False
    raise TaggerError(
        f"{path}: expected SHA-256 {file.sha256}, found {found}: "
        "it was changed, or is of another version (--force fetches it anew)"
    )


def _fetch_files(
    corpus: PublicCorpus, files: list[RemoteFile], folder: Path, server: str, report: Report
) -> TaggerError | None:
    incoming = folder / _INCOMING
    shutil.rmtree(incoming, ignore_errors=True)  # what a killed process left
    try:
        for file in files:
            incoming.mkdir(exist_ok=True)
            try:
                _fetch_file(corpus, file, folder, server, report)
            except TaggerError as error:
                if file != corpus.licence_file:
                    raise
                return error
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    return None


def _fetch_file(
    corpus: PublicCorpus, file: RemoteFile, folder: Path, server: str, report: Report
) -> None:
    import pooch

    pooch.get_logger().setLevel("CRITICAL")  # what is said is decided in cli/
    name = f"{corpus.name}: {file.name}"
    part = folder / f".{file.name}.part"
    download = Download(name, part, file.size, lambda num_bytes: report(file, num_bytes))
    try:
        pooch.retrieve(
            file_url(corpus, file, server),
            known_hash=f"sha256:{file.sha256}",
            fname=file.name,
            path=(folder / _INCOMING).absolute(),  # pooch would expand a `~` at its beginning
            downloader=download,
        )
    except ValueError as error:  # by pooch, which keeps nothing of another content
        if download.sha256 in ("", file.sha256):
            raise
        raise TaggerError(
            f"{name}: expected SHA-256 {file.sha256}, found {download.sha256}; "
            "nothing was kept, running it again fetches it anew"
        ) from error
    (folder / _INCOMING / file.name).replace(folder / file.name)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Waits until no other process fetches into the folder (not on Windows)."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network drives know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

"""One file of known size over HTTP, going on from what an earlier attempt left of it."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tagger.corpus.lines import sha256_of
from tagger.errors import TaggerError

if TYPE_CHECKING:
    import requests

TIMEOUT = (10, 60)  # seconds to connect, and without a byte
CHUNK = 1 << 14  # bytes
_content_range = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)\Z").match


class Download:
    """Fetches one file; called by pooch, which checks what came.

    `part` keeps what has come when a connection breaks. What cannot be the beginning of the file
    (another size) is deleted. `report` is told how many bytes are here. `sha256` is that of the
    bytes that were handed over.
    """

    def __init__(self, name: str, part: Path, size: int, report: Callable[[int], None]) -> None:
        self.name = name
        self.part = part
        self.size = size
        self.report = report
        self.sha256 = ""

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Fetches `url` into `output_file`; raises TaggerError where it does not come whole."""
        if self._num_here() > self.size:
            self.part.unlink()
        self.report(self._num_here())
        if self._num_here() < self.size:
            self._fetch(url)
        self.sha256 = sha256_of(self.part)
        self.part.replace(output_file)

    def _num_here(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _fetch(self, url: str) -> None:
        import requests

        begin = self._num_here()
        headers = {"Accept-Encoding": "identity"}  # ranges count the bytes of the file itself
        if begin:
            headers["Range"] = f"bytes={begin}-"
        try:
            answer = requests.get(url, headers=headers, stream=True, timeout=TIMEOUT)
        except (requests.RequestException, ValueError) as error:  # the latter by urllib3
            server = urlsplit(url).hostname
            found = f"{_reason(error)} (--mirror names another server)"
            raise self._error(f"an answer from {server}", found) from error
        with answer:
            self._check_status(answer)
            try:
                self._take(answer, self._first_byte(answer, begin))
            except requests.RequestException as error:
                raise self._cut_short() from error
        if self._num_here() < self.size:
            raise self._cut_short()

    def _check_status(self, answer: "requests.Response") -> None:
        if answer.status_code == 416:
            self.part.unlink(missing_ok=True)
            raise self._error(f"{self.size:,} bytes", "fewer on the server")
        if answer.status_code not in (200, 206):
            parts = urlsplit(answer.url)
            place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
            raise self._error(f"the file at {place}", f"{answer.status_code} {answer.reason}")

    def _first_byte(self, answer: "requests.Response", begin: int) -> int:
        """Where the answer begins in the file: where it was asked to, or at 0."""
        if answer.status_code == 200:
            return 0
        told = answer.headers.get("Content-Range", "")
        found = _content_range(told)
        if found is None or int(found[1]) != begin:
            self.part.unlink(missing_ok=True)
            raise self._error(f"its bytes from {begin} on", f"Content-Range {told or 'missing'}")
        return begin

    def _take(self, answer: "requests.Response", num_bytes: int) -> None:
        length = answer.headers.get("Content-Length", "")
        if length.isdecimal() and num_bytes + int(length) > self.size:
            raise self._too_large(f"{num_bytes + int(length):,}")
        with self.part.open("ab" if num_bytes else "wb") as stream:
            for chunk in answer.iter_content(CHUNK):
                num_bytes += len(chunk)
                if num_bytes > self.size:
                    raise self._too_large("more")
                stream.write(chunk)
                self.report(num_bytes)
            stream.flush()
            os.fsync(stream.fileno())

    def _too_large(self, found: str) -> TaggerError:
        self.part.unlink(missing_ok=True)
        return self._error(f"{self.size:,} bytes", found)

    def _cut_short(self) -> TaggerError:
        found = f"{self._num_here():,} before the connection broke"
        return self._error(f"{self.size:,} bytes", f"{found}; running it again goes on from there")

    def _error(self, expected: str, found: str) -> TaggerError:
        return TaggerError(f"{self.name}: expected {expected}, found {found}")


def _reason(error: Exception) -> str:
    """Why there was no answer, in a few words; the exception's own are for --verbose."""
    from requests import exceptions

    reasons = {
        exceptions.SSLError: "no secure connection (its certificate or protocol was refused)",
        exceptions.ProxyError: "a proxy that does not let it through",
        exceptions.Timeout: "none in time",
        exceptions.TooManyRedirects: "one redirection after the other",
        exceptions.ConnectionError: "no connection",
    }
    found = (reason for kind, reason in reasons.items() if isinstance(error, kind))
    return next(found, "that it is no usable address")

"""A look at the beginning of a stream, from which nothing is lost."""

import io
from itertools import islice
from typing import Any

from tagger.corpus.dialect import HEAD_LINES

PEEKED_BYTES = 65_536
MOST_TAKEN = 1_048_576  # of comments and blank lines before the first line that tells something


def look_ahead(stream: io.BufferedReader) -> tuple[list[str], io.BufferedReader]:
    """The first lines, and the whole stream.

    As many as come without waiting, but at least one that is neither blank nor a comment, unless
    there is none; a line that is longer than PEEKED_BYTES is cut.
    """
    taken = b""
    peeked = stream.peek(PEEKED_BYTES)
    while peeked and len(taken) < MOST_TAKEN and not _tells(taken + peeked):
        taken += stream.read(len(peeked))
        peeked = stream.peek(PEEKED_BYTES)
    seen = taken + peeked
    lines = io.BytesIO(seen[: seen.rfind(b"\n") + 1] or seen)
    head = [line.decode(errors="replace") for line in islice(lines, HEAD_LINES)]
    return head, io.BufferedReader(_Rejoined(taken, stream), PEEKED_BYTES) if taken else stream


def read_ahead(stream: io.BufferedReader, size: int) -> tuple[list[str], io.BufferedReader]:
    """The whole lines among the first `size` bytes, and the whole stream; waits for all of them."""
    taken = stream.read(size)
    lines = taken.decode("utf-8", "replace").split("\n")
    if len(taken) == size:
        lines.pop()
    return lines, io.BufferedReader(_Rejoined(taken, stream), PEEKED_BYTES)


def _tells(seen: bytes) -> bool:
    """Whether a line is neither blank nor a comment, and is whole or begins as no comment does."""
    return any(line.strip() and not line.startswith(b"#") for line in seen.split(b"\n"))


class _Rejoined(io.RawIOBase):
    """What was taken from a stream and then the rest of it."""

    def __init__(self, taken: bytes, stream: io.BufferedReader) -> None:
        self._taken, self._stream = taken, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._taken[: len(buffer)] or self._stream.read1(len(buffer))
        self._taken = self._taken[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

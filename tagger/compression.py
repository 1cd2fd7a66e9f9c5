"""Compressed files by name: `.gz`, `.xz`, `.bz2` and `.zst` are read and written as plain streams.

Archives of several members, one behind the other, are read as one. What is damaged or cut short is
a `TaggerError` as soon as the reading comes to it. This opens no file; who has one open can ask it
with `tell` how much of the archive has been read.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

from tagger.errors import TaggerError

READ_BYTES = 8_192  # of the archive at a time: text that repeats itself may be a thousand times it
BUFFER_BYTES = 65_536


class _Compressor(Protocol):
    def compress(self, data: Any, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Decompressor(Protocol):
    """Reads one member: when it has ended, `unused_data` is what stood behind it."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Codec(NamedTuple):
    kind: str
    compressor: Callable[[], _Compressor]
    decompressor: Callable[[], _Decompressor]
    error: type[Exception]


@contextmanager
def writing(stream: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """A stream that is compressed into `stream` as `name` asks; any other name, `stream` itself.

    The archive is complete when the block ends; `stream` stays open. The same bytes give the same
    archive: it holds no time and no name.
    """
    suffix = _suffix(name)
    if suffix:
        compressed = _Compressed(stream, _CODECS[suffix]().compressor())
        with io.BufferedWriter(compressed, BUFFER_BYTES) as buffered:
            yield buffered
    else:
        yield stream


def reading(stream: BinaryIO, name: str) -> io.BufferedReader:
    """What the archive in `stream` holds; the stream itself where `name` is not an archive's.

    Closing the reader closes `stream`. Reading raises TaggerError, with `name` as the place, where
    the archive is damaged or ends too early.
    """
    plain: io.BufferedReader = (
        stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(Any, stream))
    )
    suffix = _suffix(name)
    if not suffix:
        return plain
    return io.BufferedReader(_Decompressed(plain, name, _CODECS[suffix]()), BUFFER_BYTES)


def uncompressed_name(name: str) -> str:
    """The name without the ending that tells of compression.

    >>> uncompressed_name("news.txt.gz"), uncompressed_name("news.txt")
    ('news.txt', 'news.txt')
    """
    return name[: len(name) - len(_suffix(name))]


def _suffix(name: str) -> str:
    """`.gz` and the like, or nothing."""
    suffix = Path(name).suffix
    return suffix if suffix in _CODECS else ""


class _Compressed(io.RawIOBase):
    """Compresses what is written to it."""

    def __init__(self, archive: BinaryIO, compressor: _Compressor) -> None:
        self._archive, self._compressor = archive, compressor

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._archive.write(self._compressor.compress(data))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._archive.write(self._compressor.flush())


class _Decompressed(io.RawIOBase):
    """Gives the pieces of an archive as they are asked for."""

    def __init__(self, archive: io.BufferedReader, name: str, codec: _Codec) -> None:
        self._archive = archive
        self._pieces = _pieces(archive, name, codec)
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def close(self) -> None:
        super().close()
        self._archive.close()


def _pieces(archive: io.BufferedReader, name: str, codec: _Codec) -> Iterator[bytes]:
    """What the members of an archive hold, of each READ_BYTES the whole; zeros may pad members."""
    damaged = f"{name}: expected a {codec.kind} file, found a damaged or truncated one"
    member = codec.decompressor()
    while data := archive.read1(READ_BYTES):
        pieces = []
        data = data.lstrip(b"\0") if member.eof else data
        while data:
            member = codec.decompressor() if member.eof else member
            try:
                pieces.append(member.decompress(data))
            except codec.error:
                raise TaggerError(damaged) from None
            data = member.unused_data.lstrip(b"\0")
        yield b"".join(pieces)
    if not member.eof:
        raise TaggerError(damaged)


def _gzip() -> _Codec:
    bits = zlib.MAX_WBITS | 16  # with gzip's header and checksum
    return _Codec(
        "gzip", lambda: zlib.compressobj(wbits=bits), lambda: zlib.decompressobj(bits), zlib.error
    )


def _zstandard() -> _Codec:
    import zstandard

    return _Codec(
        "zstandard",
        lambda: zstandard.ZstdCompressor(write_checksum=True).compressobj(),
        lambda: zstandard.ZstdDecompressor().decompressobj(),
        zstandard.ZstdError,
    )


_CODECS: dict[str, Callable[[], _Codec]] = {
    ".gz": _gzip,
    ".xz": lambda: _Codec("xz", lzma.LZMACompressor, lzma.LZMADecompressor, lzma.LZMAError),
    ".bz2": lambda: _Codec("bzip2", bz2.BZ2Compressor, bz2.BZ2Decompressor, OSError),
    ".zst": _zstandard,
}

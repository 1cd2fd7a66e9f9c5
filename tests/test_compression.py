"""Archives by name: what was written is read, and what is damaged is never taken for the end."""

import bz2
import gzip
import io
import lzma
import os
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tagger.compression import reading, uncompressed_name, writing
from tagger.errors import TaggerError

ROOT = Path(__file__).parent.parent
Convert = Callable[[bytes], bytes]
COMPRESS: dict[str, Convert] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": zstandard.compress,
}
DECOMPRESS: dict[str, Convert] = {
    ".gz": gzip.decompress,
    ".xz": lzma.decompress,
    ".bz2": bz2.decompress,
    ".zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
KINDS = {".gz": "gzip", ".xz": "xz", ".bz2": "bzip2", ".zst": "zstandard"}
LINES = b"".join(b"%d\t%x\n" % (i, random.Random(i).getrandbits(64)) for i in range(20_000))

each_suffix = pytest.mark.parametrize("suffix", COMPRESS)


def compressed(data: bytes, name: str) -> bytes:
    stream = io.BytesIO()
    with writing(stream, name) as archive:
        archive.write(data)
    return stream.getvalue()


def read(archive: bytes, name: str) -> bytes:
    return reading(io.BytesIO(archive), name).read()


@each_suffix
def test_the_world_reads_what_is_written(suffix: str) -> None:
    assert DECOMPRESS[suffix](compressed(LINES, f"x{suffix}")) == LINES


@each_suffix
def test_what_the_world_writes_is_read(suffix: str) -> None:
    archive = COMPRESS[suffix](LINES)
    assert len(archive) < len(LINES)
    assert read(archive, f"x{suffix}") == LINES
    assert list(reading(io.BytesIO(archive), f"x{suffix}")) == LINES.splitlines(keepends=True)


@given(pieces=st.lists(st.binary()), suffix=st.sampled_from(sorted(COMPRESS)))
def test_bytes_of_any_kind_come_back(pieces: list[bytes], suffix: str) -> None:
    stream = io.BytesIO()
    with writing(stream, f"x{suffix}") as archive:
        for piece in pieces:
            archive.write(piece)
    assert read(stream.getvalue(), f"x{suffix}") == b"".join(pieces)


@each_suffix
@pytest.mark.parametrize(
    "parts", [[b"a\n", b"b\n"], [b"", b"a\n", b""], [LINES, LINES], [b"a"] * 999]
)
def test_all_members_are_read(suffix: str, parts: list[bytes]) -> None:
    archive = b"".join(map(COMPRESS[suffix], parts))
    assert read(archive, f"x{suffix}") == b"".join(parts)


@each_suffix
@pytest.mark.parametrize("zeros", [4, 8192, 20_000])
def test_zeros_may_stand_between_members_and_behind_them(suffix: str, zeros: int) -> None:
    archive = (COMPRESS[suffix](b"a\n") + bytes(zeros)) * 2
    assert read(archive, f"x{suffix}") == b"a\na\n"


@each_suffix
def test_an_archive_of_nothing_is_empty(suffix: str) -> None:
    archive = compressed(b"", f"x{suffix}")
    assert DECOMPRESS[suffix](archive) == b""
    assert read(archive, f"x{suffix}") == b""


@each_suffix
@pytest.mark.parametrize("kept", [0, 1, 9, 5000, -1])
def test_an_archive_cut_short_is_one_sentence(suffix: str, kept: int) -> None:
    archive = COMPRESS[suffix](LINES)[:kept]
    with pytest.raises(TaggerError) as caught:
        read(archive, f"news.txt{suffix}")
    assert str(caught.value) == (
        f"news.txt{suffix}: expected a {KINDS[suffix]} file, found a damaged or truncated one"
    )


@each_suffix
@pytest.mark.parametrize("behind", [b"", b"a\n"])
def test_what_is_no_archive_is_an_error_also_behind_one(suffix: str, behind: bytes) -> None:
    archive = (COMPRESS[suffix](behind) if behind else b"") + b"1\tRain\t_\n" * 10
    with pytest.raises(TaggerError, match=r"^x\.\w+: expected .*damaged or truncated one$"):
        read(archive, f"x{suffix}")


@each_suffix
def test_a_wrong_byte_is_noticed_and_the_lines_before_are_read(suffix: str) -> None:
    archive = bytearray(compressed(LINES * 9, f"x{suffix}"))
    archive[len(archive) * 2 // 3] ^= 0xFF
    lines = reading(io.BytesIO(archive), f"x{suffix}")
    assert next(lines) == LINES[: LINES.index(b"\n") + 1]
    with pytest.raises(TaggerError, match="damaged or truncated"):
        list(lines)


@each_suffix
def test_the_same_bytes_give_the_same_archive_without_its_name(suffix: str) -> None:
    archive = compressed(b"a\n", f"one{suffix}")
    assert archive == compressed(b"a\n", f"another{suffix}")
    if suffix == ".gz":
        assert archive[:8] == b"\x1f\x8b\x08" + bytes(5)  # no flags (no name), no time


def test_other_names_give_the_stream_itself() -> None:
    stream = io.BytesIO(b"\x1f\x8b")
    with writing(stream, "x.txt") as out:
        assert out is stream
    assert reading(stream, "x.txt").read() == b"\x1f\x8b"
    buffered = io.BufferedReader(io.BytesIO())
    assert reading(buffered, "gz") is buffered


@each_suffix
def test_a_reader_can_be_peeked_into_and_read_by_lines(suffix: str) -> None:
    stream = reading(io.BytesIO(COMPRESS[suffix](LINES)), f"x{suffix}")
    assert len(stream.peek(100)) > 1000
    assert LINES.startswith(stream.peek(100))
    some = stream.readlines(5000)
    assert 5000 <= len(b"".join(some)) < 5100
    assert b"".join(some) + stream.read() == LINES


@each_suffix
def test_the_file_tells_how_much_of_it_was_read_and_is_closed_with_its_reader(
    suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(COMPRESS[suffix](LINES))
    with path.open("rb") as file:
        stream = reading(file, path.name)
        stream.readline()
        assert 0 < file.tell() <= path.stat().st_size
        stream.read()
        assert file.tell() == path.stat().st_size
        stream.close()
        assert file.closed


def test_what_a_pipe_has_is_read_before_the_pipe_ends() -> None:
    packer = zlib.compressobj(wbits=31)
    read_end, write_end = os.pipe()
    with open(read_end, "rb") as file, open(write_end, "wb", 0) as pipe:  # noqa: PTH123
        pipe.write(packer.compress(b"first\n") + packer.flush(zlib.Z_SYNC_FLUSH))
        stream = reading(file, "x.gz")
        assert stream.readline() == b"first\n"
        pipe.write(packer.flush())
        pipe.close()
        assert stream.read() == b""


def test_a_disk_that_cannot_be_read_is_no_damaged_archive() -> None:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        reading(io.BufferedReader(Broken()), "x.bz2").read()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("news.txt.gz", "news.txt"),
        ("a.b/news.conllu.zst", "a.b/news.conllu"),
        ("news.xz", "news"),
        ("news.bz2.gz", "news.bz2"),
        ("news.txt", "news.txt"),
        (".gz", ".gz"),
        ("gz", "gz"),
        ("-", "-"),
        ("", ""),
    ],
)
def test_a_name_loses_the_ending_that_tells_of_compression(name: str, expected: str) -> None:
    assert uncompressed_name(name) == expected


def test_zstandard_is_loaded_only_where_a_file_needs_it() -> None:
    program = (
        "import io, sys, tagger.compression as c; c.uncompressed_name('x.zst');"
        "c.reading(io.BytesIO(), 'x.gz'); print('zstandard' in sys.modules);"
        "c.reading(io.BytesIO(), 'x.zst'); print('zstandard' in sys.modules)"
    )
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]

"""Where output goes: to stdout as bytes, or to a file that is complete or not there."""

import bz2
import gzip
import lzma
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from os import mkfifo
from pathlib import Path

import pytest
import zstandard

from tagger.errors import TaggerError
from tagger.output.files import open_output

DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".xz": lzma.decompress,
    ".bz2": bz2.decompress,
    ".zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
WRITE_TO = """
import sys
from pathlib import Path
from tagger.output.files import open_output
with open_output(Path(sys.argv[1]) if len(sys.argv) > 1 else None) as out:
    out.write(b"\\xc3\\xa9\\n")
"""


def run_writing_to(*target: str, stdout: int | None = subprocess.PIPE) -> bytes:
    """What arrives at stdout when a process in the C locale writes to `target`."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE_TO, *target],
        stdout=stdout,
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        env={"LC_ALL": "C", "PYTHONUTF8": "0"},
    )
    return done.stdout


def test_a_file_is_there_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.conllu"
    path.write_bytes(b"old")
    with open_output(path) as stream:
        stream.write("né".encode())
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == "né".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_stays_when_the_block_raises(tmp_path: Path) -> None:
    path = tmp_path / "out.conllu"
    path.write_bytes(b"old")
    with pytest.raises(TaggerError, match="wrong data"), open_output(path) as stream:
        stream.write(b"half")
        raise TaggerError("wrong data")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_no_file_appears_when_the_block_raises(tmp_path: Path) -> None:
    with pytest.raises(TaggerError), open_output(tmp_path / "out") as stream:
        stream.write(b"half")
        raise TaggerError("wrong data")
    assert list(tmp_path.iterdir()) == []


def test_the_permissions_of_a_replaced_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.touch()
    path.chmod(0o604)
    with open_output(path) as stream:
        stream.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.parametrize("suffix", DECOMPRESS)
def test_a_file_is_compressed_as_its_name_asks(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out.conllu{suffix}"
    with open_output(path) as stream:
        for _ in range(99_999):
            stream.write("né\n".encode())
        assert not path.exists()
    assert path.stat().st_size < 9999
    assert DECOMPRESS[suffix](path.read_bytes()) == "né\n".encode() * 99_999
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", DECOMPRESS)
def test_no_archive_appears_when_the_block_raises(tmp_path: Path, suffix: str) -> None:
    with (
        pytest.raises(TaggerError, match="wrong data"),
        open_output(tmp_path / f"x{suffix}") as out,
    ):
        out.write(b"half" * 99_999)
        raise TaggerError("wrong data")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_compressed_by_the_name_of_a_symbolic_link_to_it(tmp_path: Path) -> None:
    link = tmp_path / "out.gz"
    link.symlink_to("data")
    with open_output(link) as stream:
        stream.write(b"new")
    assert gzip.decompress((tmp_path / "data").read_bytes()) == b"new"


@pytest.mark.parametrize("path", [None, Path("-"), Path("/dev/stdout")])
def test_standard_output_is_bytes(
    path: Path | None, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    with open_output(path) as stream:
        stream.write(b"\xc3\xa9\n")
    assert capsysbinary.readouterr().out == b"\xc3\xa9\n"


@pytest.mark.parametrize("target", [[], ["-"], ["/dev/stdout"]])
def test_standard_output_is_utf8_whatever_the_locale(target: list[str]) -> None:
    assert run_writing_to(*target) == "é\n".encode()


def test_what_a_redirected_file_holds_already_stays(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"before\n")
    with path.open("ab") as stream:
        run_writing_to("/dev/stdout", stdout=stream.fileno())
    assert path.read_bytes() == "before\né\n".encode()
    assert Path("/dev/stdout").is_symlink()


def test_a_directory_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TaggerError) as caught, open_output(tmp_path):
        pytest.fail("the block must not begin")
    assert str(caught.value) == f"{tmp_path}: expected a file to write, found a directory"


def test_a_missing_parent_folder_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "no" / "out"
    with pytest.raises(TaggerError) as caught, open_output(path):
        pytest.fail("the block must not begin")
    assert str(caught.value) == f"{path}: cannot be written: No such file or directory"


def test_a_device_is_written_to_and_stays_a_device() -> None:
    with open_output(Path("/dev/null")) as stream:
        stream.write(b"nothing")
    assert Path("/dev/null").is_char_device()


def test_a_named_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with open_output(pipe) as stream:
        stream.write(b"through")
    reader.join(timeout=10)
    assert read == [b"through"]
    assert pipe.is_fifo()


def test_a_named_pipe_is_not_compressed_whatever_its_name(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gz"
    mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with open_output(pipe) as stream:
        stream.write(b"through")
    reader.join(timeout=10)
    assert read == [b"through"]

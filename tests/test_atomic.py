"""Files and folders appear complete or not at all."""

import os
import sys
from pathlib import Path

import pytest

from tagger import atomic
from tagger.atomic import atomic_file, atomic_folder
from tagger.errors import TaggerError


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    with atomic_file(path) as stream:
        stream.write(b"complete")
        assert not path.exists()
    assert path.read_bytes() == b"complete"
    assert names_in(tmp_path) == ["new.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, BrokenPipeError])
def test_the_old_file_stays_when_the_block_raises(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic_file(path) as stream:
        stream.write(b"half of the n")
        raise error
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["old.txt"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    with (
        pytest.raises(TaggerError, match=r"new\.txt: cannot be written: No space left on device$"),
        atomic_file(path),
    ):
        raise OSError(28, "No space left on device")
    assert names_in(tmp_path) == []


def test_an_error_about_another_file_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="elsewhere"), atomic_file(tmp_path / "new.txt"):
        (tmp_path / "elsewhere").read_bytes()
    assert names_in(tmp_path) == []


def test_a_missing_parent_folder_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "no" / "new.txt"
    with pytest.raises(TaggerError) as caught, atomic_file(path):
        pytest.fail("the block must not begin")
    assert str(caught.value) == f"{path}: cannot be written: No such file or directory"


def test_the_permissions_of_a_replaced_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with atomic_file(path) as stream:
        stream.write(b"new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with atomic_file(tmp_path / "new.txt"):
            pass
        with atomic_folder(tmp_path / "new"):
            pass
        assert os.umask(0o027) == 0o027  # looking at it did not change it
    finally:
        os.umask(before)
    assert (tmp_path / "new.txt").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("old", [b"old", None], ids=["file behind", "nothing behind"])
def test_a_symbolic_link_stays_and_what_it_points_at_is_replaced(
    tmp_path: Path, old: bytes | None
) -> None:
    real, link = tmp_path / "there" / "real.txt", tmp_path / "link.txt"
    real.parent.mkdir()
    if old is not None:
        real.write_bytes(old)
    link.symlink_to(real)
    with atomic_file(link) as stream:
        stream.write(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert names_in(real.parent) == ["real.txt"]


def test_a_folder_appears_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "models" / "new"
    with atomic_folder(path) as folder:
        (folder / "model.json").write_bytes(b"{}")
        assert not path.exists()
    assert names_in(path) == ["model.json"]
    assert names_in(path.parent) == ["new"]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_folder_takes_the_place_of_the_old_one_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(atomic, "_exchanged", lambda first, second: False)
    path = tmp_path / "model"
    path.mkdir()
    (path / "old.bin").write_bytes(b"old")
    with atomic_folder(path) as folder:
        (folder / "new.bin").write_bytes(b"new")
        assert names_in(path) == ["old.bin"]
    assert names_in(path) == ["new.bin"]
    assert names_in(tmp_path) == ["model"]


def test_the_old_folder_stays_when_the_block_raises(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.mkdir()
    (path / "old.bin").write_bytes(b"old")
    with pytest.raises(ValueError, match="half-way"), atomic_folder(path) as folder:
        (folder / "new.bin").write_bytes(b"new")
        raise ValueError("half-way")
    assert names_in(path) == ["old.bin"]
    assert names_in(tmp_path) == ["model"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems need two steps")
def test_two_folders_change_places_in_one_step(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_bytes(b"")
    assert atomic._exchanged(tmp_path / "a", tmp_path / "b")
    assert (names_in(tmp_path / "a"), names_in(tmp_path / "b")) == (["b"], ["a"])
    assert not atomic._exchanged(tmp_path / "a", tmp_path / "nothing")


def test_a_link_to_a_folder_stays_and_what_it_points_at_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    (real / "old.bin").write_bytes(b"old")
    link.symlink_to(real)
    with atomic_folder(link) as folder:
        (folder / "new.bin").write_bytes(b"new")
    assert link.is_symlink()
    assert names_in(real) == ["new.bin"]
    assert names_in(tmp_path) == ["link", "real"]

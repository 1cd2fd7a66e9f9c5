"""A checkpoint: what was saved comes back bit for bit, and a broken one is not taken for whole."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from tagger.training import checkpoint
from tagger.training.checkpoint import CheckpointError, load_state, save_state
from tests.conftest import train_to_the_end
from tests.training.test_state import assert_alike, fresh, run_steps


def no_warning(message: str) -> None:
    raise AssertionError(message)


def types_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: types_of(of_key) for key, of_key in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [types_of(item) for item in value]
    return value.dtype if isinstance(value, torch.Tensor) else type(value)


@pytest.mark.parametrize("num_steps", [0, 1, 5])
def test_a_state_comes_back_as_it_was(tmp_path: Path, num_steps: int) -> None:
    training = fresh()
    run_steps(training, num_steps)
    state = training.state.as_dict()
    save_state(tmp_path / "a", state)
    found = load_state(tmp_path / "a", no_warning)
    assert found is not None
    assert_alike(found, state)
    assert types_of(found) == types_of(state)


def test_a_training_goes_on_from_a_file_as_if_nothing_had_been(tmp_path: Path) -> None:
    expected = train_to_the_end(fresh()).state.as_dict()
    interrupted = fresh()
    run_steps(interrupted, 4)
    save_state(tmp_path / "a", interrupted.state.as_dict())
    resumed = fresh(seed=3)
    resumed.state.restore(load_state(tmp_path / "a", no_warning) or {})
    assert_alike(train_to_the_end(resumed).state.as_dict(), expected)


def test_there_may_be_none(tmp_path: Path) -> None:
    assert load_state(tmp_path / "a", no_warning) is None


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b[:-1]])
def test_behind_a_broken_one_stands_the_one_before(tmp_path: Path, damage: Any) -> None:
    path = tmp_path / "a"
    save_state(path, {"step": 1, "weights": torch.ones(3)})
    save_state(path, {"step": 2, "weights": torch.ones(3)})
    path.write_bytes(damage(path.read_bytes()))
    warnings: list[str] = []
    found = load_state(path, warnings.append)
    assert found is not None
    assert found["step"] == 1
    assert len(warnings) == 1
    assert warnings[0].startswith(f"{path}: not a whole checkpoint: ")
    path.with_name("a.previous").write_bytes(b"")
    with pytest.raises(CheckpointError, match="not a whole checkpoint"):
        load_state(path, no_warning)


def test_killed_between_its_two_renamings_the_one_before_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    save_state(path, {"step": 1})
    save_state(path, {"step": 2})
    path.unlink()
    assert load_state(path, no_warning) == {"step": 1}


def test_a_file_of_something_else_is_no_checkpoint(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.ones(1)}, tmp_path / "a")
    with pytest.raises(CheckpointError, match="expected a checkpoint of format 1"):
        load_state(tmp_path / "a", no_warning)
    save_file({}, tmp_path / "b", {"format": "1", "state": "[1, 2"})
    with pytest.raises(CheckpointError, match="not a whole checkpoint"):
        load_state(tmp_path / "b", no_warning)
    save_file({}, tmp_path / "c", {"format": "1", "state": "3"})
    with pytest.raises(CheckpointError, match="not a checkpoint of a training"):
        load_state(tmp_path / "c", no_warning)


def test_where_none_can_be_written_the_one_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "a"
    save_state(path, {"step": 1})
    path.with_name("a.new").mkdir()  # nothing can be written there
    with pytest.raises(OSError, match="directory"):
        save_state(path, {"step": 2})
    assert load_state(path, no_warning) == {"step": 1}


@pytest.mark.parametrize("place", [-1, 400])  # a weight, the header's JSON
def test_one_wrong_bit_is_noticed(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a"
    save_state(path, {"step": 1})
    save_state(path, {"step": 2, "history": [123456789] * 50, "weights": torch.ones(3)})
    content = bytearray(path.read_bytes())
    if place > 0:
        place = content.index(b"123456789", place)
    content[place] ^= 1
    path.write_bytes(content)
    warnings: list[str] = []
    assert load_state(path, warnings.append) == {"step": 1}
    assert "not a whole checkpoint: its checksum is another" in warnings[0]


def test_a_checkpoint_from_before_there_were_checksums_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(tensors: Any, metadata: dict[str, str]) -> bytes:
        del metadata["crc32"]
        return save(tensors, metadata)

    monkeypatch.setattr(checkpoint, "save", without)
    save_state(tmp_path / "a", {"step": 1})
    assert load_state(tmp_path / "a", no_warning) == {"step": 1}

"""A batch that does not fit into memory: in parts it teaches the same."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from tagger.training.memory import MemoryShortError, in_parts, is_out_of_memory
from tests.conftest import ROOT


def scarce(what: str, folder: Path, megabytes: int) -> str:
    """What `tests.training.scarce` prints, with so much more memory than it has at rest."""
    command = [sys.executable, "-m", "tests.training.scarce", what, str(folder), str(megabytes)]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory so")
@pytest.mark.parametrize("what", ["tagger", "language"])
def test_a_batch_that_does_not_fit_is_halved_and_its_gradient_is_the_same(
    what: str, tmp_path: Path
) -> None:
    parts, difference = scarce(what, tmp_path, 90).split()
    assert int(parts) in (2, 4)
    assert float(difference) < 1e-5


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory so")
def test_where_no_part_fits_it_is_said(tmp_path: Path) -> None:
    assert scarce("one", tmp_path, 30) == "MemoryShortError"


def test_parts_are_halved_until_they_fit() -> None:
    learned: list[int] = []

    def learn(part: Sequence[int]) -> float:
        if len(part) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        learned.extend(part)
        return float(sum(part))

    assert in_parts(range(7), learn, learned.clear) == (21.0, 4)
    assert learned == [*range(7)]
    assert in_parts([], learn, learned.clear) == (0.0, 0)


def test_what_was_learned_of_parts_before_one_that_does_not_fit_is_undone() -> None:
    learned: list[int] = []

    def learn(part: Sequence[int]) -> float:
        if 5 in part and len(part) > 1:
            raise MemoryError
        learned.extend(part)
        return 0.0

    in_parts(range(6), learn, learned.clear)
    assert learned == [*range(6)]


def test_other_errors_are_not_taken_for_it() -> None:
    def learn(part: Sequence[int]) -> float:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        in_parts([1, 2], learn, list)
    assert not is_out_of_memory(ValueError("out of memory"))
    with pytest.raises(MemoryShortError, match="one sentence or lane at a time"):
        in_parts([1], lambda part: (_ for _ in ()).throw(MemoryError()), list)


def test_what_torch_said_last_is_told() -> None:
    def learn(part: Sequence[int]) -> float:
        raise RuntimeError("could not create a primitive\nException raised from …")

    with pytest.raises(MemoryShortError, match=r"--max-length\): could not create a primitive$"):
        in_parts([1, 2], learn, list)

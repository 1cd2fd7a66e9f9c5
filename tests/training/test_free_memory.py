"""What is free: by the machine, by control groups, by limits."""

import resource
import sys
from pathlib import Path

import pytest
import torch

from tagger.training import free_memory
from tagger.training.device import CPU
from tagger.training.free_memory import free_bytes

MEBI = 2**20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="read from Linux's /proc")


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="ascii")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 8 GiB available, of which the process may use what its groups leave."""
    write(tmp_path / "proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\nHuge: 0\n")
    monkeypatch.setattr(free_memory, "_under_limits", lambda: iter(()))
    monkeypatch.setattr(free_memory, "SYSTEM", tmp_path)
    return tmp_path


def group(folder: Path, most: str, used: int, names: tuple[str, str, str]) -> None:
    limit, current, droppable = names
    write(folder / limit, f"{most}\n")
    write(folder / current, f"{used}\n")
    write(folder / "memory.stat", f"anon 1\n{droppable} {100 * MEBI}\n")


OF_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
OF_2 = ("memory.max", "memory.current", "inactive_file")


def test_a_machine_without_groups_has_what_is_available(system: Path) -> None:
    assert free_bytes(CPU) == 8192 * MEBI


def test_a_group_leaves_its_limit_less_what_it_uses_and_cannot_drop(system: Path) -> None:
    write(system / "proc/self/cgroup", "0::/jobs/one\n")
    group(system / "sys/fs/cgroup/jobs/one", "max", 5 * MEBI, OF_2)
    assert free_bytes(CPU) == 8192 * MEBI
    group(system / "sys/fs/cgroup/jobs", str(1000 * MEBI), 300 * MEBI, OF_2)  # a group above it
    assert free_bytes(CPU) == 800 * MEBI


def test_groups_of_version_1_count_too(system: Path) -> None:
    write(system / "proc/self/cgroup", "5:cpu:/other\n4:memory:/box\n0::/\n")
    group(system / "sys/fs/cgroup/memory/box", str(2000 * MEBI), 500 * MEBI, OF_1)
    group(system / "sys/fs/cgroup/memory", "9223372036854771712", 500 * MEBI, OF_1)
    assert free_bytes(CPU) == 1600 * MEBI


def test_a_group_that_uses_more_than_its_limit_leaves_nothing(system: Path) -> None:
    write(system / "proc/self/cgroup", "0::/\n")
    group(system / "sys/fs/cgroup", str(100 * MEBI), 300 * MEBI, OF_2)
    assert free_bytes(CPU) == 0


def test_a_limit_of_address_space_counts() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = free_memory._kibibytes(Path("/proc/self/status"))["VmSize"]
    try:
        resource.setrlimit(resource.RLIMIT_AS, (used + 512 * MEBI, hard))
        found = free_bytes(CPU)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert found is not None
    assert 400 * MEBI < found <= 512 * MEBI


def test_of_this_machine_it_is_less_than_all() -> None:
    found = free_bytes(CPU)
    assert found is not None
    assert 0 < found < free_memory._kibibytes(Path("/proc/meminfo"))["MemTotal"]


def test_of_a_gpu_what_torch_does_not_use_is_free_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1000, 5000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 300)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 100)
    assert free_bytes(torch.device("cuda", 0)) == 1200


def test_of_an_apple_gpu_it_is_not_known() -> None:
    assert free_bytes(torch.device("mps")) is None

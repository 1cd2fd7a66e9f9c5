"""How much memory a process may still take: on Linux, and on an NVIDIA GPU.

The least of what the machine has, what its control group leaves (a container's limit) and what
`ulimit -v` and `-d` leave.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import torch

SYSTEM = Path("/")
KIBI = 1024


def free_bytes(device: torch.device) -> int | None:
    """What is free on the device; None where that is not known (Apple's systems, Windows).

    What torch has taken of a GPU and does not use counts as free.
    """
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return free + idle
    if device.type != "cpu" or sys.platform != "linux":
        return None
    return max(0, min([_available(SYSTEM), *_in_groups(SYSTEM), *_under_limits()]))


def _available(system: Path) -> int:
    return _kibibytes(system / "proc" / "meminfo")["MemAvailable"]


def _kibibytes(path: Path) -> dict[str, int]:
    """Rows like `VmSize:  1234 kB`, in bytes."""
    rows = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {row[0].rstrip(":"): int(row[1]) * KIBI for row in rows if row[2:] == ["kB"]}


def _in_groups(system: Path) -> Iterator[int]:
    """What each control group that the process is in leaves, of both versions.

    Files that can be dropped count as free. https://docs.kernel.org/admin-guide/cgroup-v2.html
    """
    try:
        rows = (system / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return  # a system without such groups
    for row in rows:
        number, controllers, path = row.split(":", 2)
        root = system / "sys/fs/cgroup"
        names = ("memory.max", "memory.current", "inactive_file")
        if "memory" in controllers.split(","):
            root /= "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        elif number != "0":
            continue
        folder = root / path.lstrip("/")
        for group in [folder, *folder.parents]:
            if group.is_relative_to(root):
                yield from _left_in(group, *names)


def _left_in(group: Path, most: str, current: str, droppable: str) -> Iterator[int]:
    """What is left in a group that has a limit; the root has none, one may not be shown."""
    try:
        limit = (group / most).read_text(encoding="ascii").strip()
        used = int((group / current).read_text(encoding="ascii"))
        rows = (group / "memory.stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return
    if limit == "max":
        return
    figures = dict(row.split() for row in rows)
    yield int(limit) - used + int(figures.get(droppable, "0"))


def _under_limits() -> Iterator[int]:
    """What `ulimit` leaves of address space and of data."""
    import resource  # not on Windows

    used = _kibibytes(SYSTEM / "proc" / "self" / "status")
    for limit, name in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
        soft, _ = resource.getrlimit(limit)
        if soft != resource.RLIM_INFINITY:
            yield soft - used[name]

"""What the kernel says of processes and of the machine: CPU time, memory, load of others. Linux only."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def children() -> dict[int, list[int]]:
    """Every process's direct children."""
    found: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        if stat := _stat(int(name)):
            found.setdefault(int(stat[1]), []).append(int(name))
    return found


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    below, found = children(), [pid]
    for parent in found:
        found += below.get(parent, ())
    return found


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and of those of its children that it has waited for; 0 where it is gone."""
    stat = _stat(pid)
    return sum(map(int, stat[11:15])) / _TICKS_PER_S if stat else 0.0


def tree_cpu_s(pid: int) -> float:
    return sum(map(cpu_s, tree(pid)))


def run_s(pids: Iterable[int]) -> float:
    """CPU seconds of these processes alone, to the nanosecond: ticks are too coarse for an idle one."""
    total = 0
    for pid in pids:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(path.read_text().split()[0])
    return total / 1e9


def pss_bytes(pid: int) -> int:
    """Memory of a process, pages shared with others counted in proportion."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name; None: no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


class ForeignLoad:
    """How much of the machine others have used while the context was open: noise. `share` is of all CPUs."""

    share = 0.0

    def __enter__(self) -> ForeignLoad:
        self._started = time.monotonic()
        self._before = _busy_s() - tree_cpu_s(os.getpid())
        return self

    def __exit__(self, *_exc: object) -> None:
        seconds = (time.monotonic() - self._started) * (os.cpu_count() or 1)
        self.share = max(0.0, (_busy_s() - tree_cpu_s(os.getpid()) - self._before) / seconds)


def wait_for_quiet(below: float, patience_s: float) -> None:
    """Returns when others leave the machine alone for a second, or have not for too long."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        with ForeignLoad() as load:
            time.sleep(1)
        if load.share < below:
            return


def _busy_s() -> float:
    """CPU seconds that were not idle, over all CPUs, since boot."""
    user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = Path("/proc/stat").read_text().split()[1:11]
    return sum(map(int, (user, nice, system, irq, softirq, steal))) / _TICKS_PER_S


def file_system(path: Path) -> str:
    """The type of the file system that a path lies on: commits cost little on tmpfs."""
    best = ("", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split(" ")
        if path.is_relative_to(place) and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]


def machine(folder: Path) -> dict[str, str]:
    """What the figures were measured on."""
    return {
        "cpus": str(os.cpu_count()),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "disk": file_system(folder.resolve()),
    }

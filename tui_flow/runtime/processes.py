"""What the kernel knows of processes: names, subreapers, children, identities. Linux only."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

ATTEMPT_MARKER = "TUIFLOW_ATTEMPT"
"""Environment variable that every process of an attempt carries: its attempt id and home."""

_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_SAME_START_S = 2.0
_libc = ctypes.CDLL(None, use_errno=True)


def python_module(module: str) -> list[str]:
    """A command that runs a module and finds modules where this process does.

    `-m` alone would look in the present folder first, where a user's `calendar.py` could stand."""
    looks_here = sys.path[0] in ("", os.getcwd())
    return [sys.executable, *([] if looks_here else ["-P"]), "-m", module]


def name_process(name: str) -> None:
    """What `ps -o comm` shows; 15 bytes at most."""
    _libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def become_subreaper() -> None:
    """Orphans among our descendants become our children instead of init's."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def read_boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def read_start_ticks(pid: int | str = "self") -> int | None:
    """Start time of a process in clock ticks since boot; with the pid it names a process for good. None: no such
    process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19])
    except (FileNotFoundError, ProcessLookupError):
        return None


def seconds_since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def is_same_process(pid: int, started: float | None) -> bool:
    """Whether `pid` is still the process that noted `seconds_since_boot` when it began. Pids come round again, but not
    within two seconds. A zombie is nobody."""
    ticks = read_start_ticks(pid)
    if started is None or ticks is None or abs(ticks / _TICKS_PER_S - started) >= _SAME_START_S:
        return False
    return not is_zombie(pid)


def is_zombie(pid: int) -> bool:
    """Whether the process has ended and waits to be reaped, or is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return True


def read_children() -> list[int]:
    """Our direct children, zombies included."""
    with contextlib.suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    return []


def find_marked(marker: str) -> list[int]:
    """Processes whose environment carries this marker, wherever they were re-parented; also those that have the journal
    it names open, as forks without an exec have."""
    others = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    return [pid for pid in others if read_marker(pid) == marker or _has_open(pid, marker)]


def find_leader(marker: str) -> int | None:
    """The oldest session leader among those that carry the marker: the attempt's own process, where it was spawned
    with it."""
    starts = {}
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        if read_marker(pid) != marker:
            continue
        with contextlib.suppress(ProcessLookupError, PermissionError):
            ticks = read_start_ticks(pid)
            if os.getsid(pid) == pid and ticks is not None and not is_zombie(pid):
                starts[pid] = ticks
    return min(starts, key=starts.__getitem__, default=None)


def read_marker(pid: int) -> str | None:
    """The marker that the process was started with; None: no attempt's, or not ours to read."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
        for variable in file.read().split(b"\0"):
            if variable.startswith(f"{ATTEMPT_MARKER}=".encode()):
                return os.fsdecode(variable.partition(b"=")[2])
    return None


def _has_open(pid: int, path: str) -> bool:
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/fd/{name}") == path:
                    return True
    return False


def end_marked(marker: str, rounds: int = 20) -> int:
    """SIGKILL every process that carries the marker until none is left; how many were ended."""
    ended = 0
    for _ in range(rounds):
        found = find_marked(marker)
        if not found:
            break
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                ended += 1
        time.sleep(0.002)
    return ended


def prefer_as_oom_victim() -> None:
    """The task, not the scheduler, is what the kernel ends when memory runs out."""
    with contextlib.suppress(OSError):
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(fd, b"500")
        os.close(fd)

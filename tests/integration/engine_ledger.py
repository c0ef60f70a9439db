"""The ledger that tasks of tests keep: what their code does when it starts and ends, and what a test reads of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

LEDGER = '''
"""What tasks of tests use: a ledger of starts and ends, and gates to wait at."""
import fcntl
import os
import time

FOLDER = os.environ["ENGINE_TEST_FOLDER"]
_locks = []


def note(kind, name):
    attempt = os.path.basename(os.environ["TUIFLOW_ATTEMPT"])
    line = f"{kind} {attempt} {name} {os.getpid()}\\n"
    fd = os.open(FOLDER + "/ledger", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC)
    os.write(fd, line.encode())
    os.close(fd)


def start(name):
    """One at a time of each name: the lock falls with the last process of the attempt that has it."""
    lock = os.open(f"{FOLDER}/alive.{name}", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        note("OVERLAP", name)
    _locks.append(lock)
    note("S", name)


def end(name):
    note("E", name)


def gate(name):
    while not os.path.exists(f"{FOLDER}/gate.{name}"):
        time.sleep(0.01)


def once(name):
    """True the first time that anybody asks."""
    try:
        os.close(os.open(f"{FOLDER}/once.{name}", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
'''

SHELL_LEDGER = r"""
F=$ENGINE_TEST_FOLDER
note() { echo "$1 ${TUIFLOW_ATTEMPT##*/} $2 $$" >>"$F/ledger"; }
start() { exec {lock}>"$F/alive.$1"; flock -n $lock || note OVERLAP "$1"; note S "$1"; }
end() { note E "$1"; }
gate() { while [ ! -e "$F/gate.$1" ]; do sleep 0.02; done; }
once() { (set -C; : >"$F/once.$1") 2>/dev/null; }
"""


@dataclass(slots=True)
class Ledger:
    """What the tasks said of themselves, by attempt id."""

    starts: dict[int, list[str]] = field(default_factory=dict)
    ends: dict[int, list[str]] = field(default_factory=dict)
    pids: dict[int, int] = field(default_factory=dict)
    overlaps: list[str] = field(default_factory=list)

    def started(self, name: str) -> list[int]:
        """Attempts that started under this name, in order."""
        return [attempt for attempt, names in self.starts.items() if name in names]

    def ended(self, name: str) -> list[int]:
        return [attempt for attempt, names in self.ends.items() if name in names]


def read_ledger(path: Path) -> Ledger:
    ledger = Ledger()
    for line in path.read_text().splitlines() if path.exists() else ():
        kind, attempt, name, pid = line.split(" ")
        match kind:
            case "S":
                ledger.starts.setdefault(int(attempt), []).append(name)
                ledger.pids[int(attempt)] = int(pid)
            case "E":
                ledger.ends.setdefault(int(attempt), []).append(name)
            case "OVERLAP":
                ledger.overlaps.append(line)
    return ledger

"""The home lock: whoever holds it is the one process that writes the database. Held by the kernel, never by a pid file.

Two locks make one: an open-file-description lock on `scheduler.lock`, which others can query without taking it, and a
`flock` on the home folder itself, which survives the deletion of that file. The file's content names the holder, for
people only.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType

from tui_flow.errors import DiskFull, HomeLocked, HomeNotWritable
from tui_flow.file_lock import is_locked, try_lock
from tui_flow.settings import Home

_STOPPED = "scheduler_stopped"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who says it holds the lock."""

    pid: int
    role: str
    """`scheduler`, or the verb of a command that holds it for a moment."""
    since: datetime

    def __str__(self) -> str:
        return f"{self.role} (pid {self.pid}, since {self.since.astimezone():%Y-%m-%d %H:%M:%S})"


class HomeLock:
    """Use as a context manager or call `acquire` and `release`. Not inherited by children that exec."""

    def __init__(self, home: Home, role: str) -> None:
        self._home = home
        self._role = role
        self._fds: list[int] = []

    def acquire(self, wait_s: float = 10.0) -> None:
        """Take the lock; waits for a short holder (a command), else raises HomeLocked with its name. A scheduler is not
        waited for by those that would be one."""
        deadline = time.monotonic() + wait_s
        while not self._try():
            holder = read_holder(self._home)
            is_scheduler = holder is not None and holder.role == "scheduler" and self._role in ("scheduler", "run")
            if is_scheduler or time.monotonic() > deadline:
                who = f"a {holder}" if holder else "another process"
                raise HomeLocked(
                    f"{self._home.root} is held by {who}; stop it with `tuiflow down`, or use another TUIFLOW_HOME"
                )
            time.sleep(0.02)
        try:
            self._sign()
        except OSError as err:
            self._let_go()
            if err.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise self._not_writable(err) from err
            raise DiskFull(f"the disk is full: nothing can be written in {self._home.root}; free some space") from err

    def _sign(self) -> None:
        facts = {"pid": os.getpid(), "role": self._role, "since": datetime.now(UTC).isoformat()}
        if self._role != "scheduler" and (stopped := stopped_at(self._home)) is not None:
            facts[_STOPPED] = stopped.isoformat()
        self._write(facts)

    def _write(self, facts: Mapping[str, object]) -> None:
        said = json.dumps(facts).encode() + b"\n"
        os.pwrite(self._fds[0], said, 0)  # over what is there: on a full disk that still has room
        os.ftruncate(self._fds[0], len(said))

    def release(self) -> None:
        if self._fds and self._role == "scheduler":
            now = datetime.now(UTC).isoformat()
            with contextlib.suppress(OSError):  # a full disk
                self._write({"pid": os.getpid(), "role": self._role, "since": now, _STOPPED: now})
        self._let_go()

    def _let_go(self) -> None:
        for fd in self._fds:
            os.close(fd)
        self._fds = []

    def still_ours(self) -> bool:
        """False when the home folder under the path is no longer the one that was locked."""
        try:
            there, held = os.stat(self._home.root), os.fstat(self._fds[1])
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)

    def mend(self) -> None:
        """Make the file anew where somebody deleted it: others learn from it that the home is held, and by whom."""
        with contextlib.suppress(FileNotFoundError):
            there, held = os.stat(self._home.lock), os.fstat(self._fds[0])
            if (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino):
                return
        with contextlib.ExitStack() as undo:
            file = self._open(undo)
            if not try_lock(file):
                return  # by somebody who is about to find the folder locked
            undo.pop_all()
        os.close(self._fds[0])
        self._fds[0] = file
        with contextlib.suppress(OSError):  # a full disk: the next look finds it held all the same
            self._sign()

    def _try(self) -> bool:
        with contextlib.ExitStack() as undo:
            file, folder = self._open(undo), self._open_folder(undo)
            if not try_lock(file):
                return False
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            undo.pop_all()
        self._fds = [file, folder]
        return True

    def _open(self, undo: contextlib.ExitStack) -> int:
        try:
            file = os.open(self._home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as err:
            raise self._not_writable(err) from err
        undo.callback(os.close, file)
        return file

    def _open_folder(self, undo: contextlib.ExitStack) -> int:
        try:
            folder = os.open(self._home.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as err:
            raise self._not_writable(err) from err
        undo.callback(os.close, folder)
        return folder

    def _not_writable(self, err: OSError) -> HomeNotWritable:
        return HomeNotWritable(
            f"cannot write in {self._home.root}: {err.strerror}; "
            "make it writable for you or set TUIFLOW_HOME to another folder"
        )

    def __enter__(self) -> HomeLock:
        self.acquire()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _err: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self.release()


def is_held(home: Home) -> bool:
    """Whether anybody holds the lock now; does not take it."""
    try:
        fd = os.open(home.lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return is_locked(fd)
    finally:
        os.close(fd)


def read_holder(home: Home) -> Holder | None:
    """Who holds the lock, None when it is free or does not say."""
    if not is_held(home):
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads(home.lock.read_text())
        return Holder(int(facts["pid"]), str(facts["role"]), datetime.fromisoformat(facts["since"]))
    return None


def stopped_at(home: Home) -> datetime | None:
    """When the last scheduler let go of the home; where it was killed, when the database was written last. None where
    there was none, or nothing is known."""
    try:
        facts = json.loads(home.lock.read_text())
        if _STOPPED in facts:
            return datetime.fromisoformat(facts[_STOPPED])
        return _last_written(home) if facts["role"] == "scheduler" else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _last_written(home: Home) -> datetime:
    journal = home.database.with_name(home.database.name + "-wal")
    times = [path.stat().st_mtime for path in (home.database, journal) if path.exists()]
    return datetime.fromtimestamp(max(times), UTC)


@contextlib.contextmanager
def held(home: Home, role: str, wait_s: float = 10.0) -> Iterator[HomeLock]:
    """The lock for the moment of one command."""
    lock = HomeLock(home, role)
    lock.acquire(wait_s)
    try:
        yield lock
    finally:
        lock.release()

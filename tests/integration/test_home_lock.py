"""The home lock between processes: one holder, asked about without taking, whatever happens to its file."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tui_flow.errors import HomeLocked, HomeNotWritable
from tui_flow.settings import Home
from tui_flow.store.lock import HomeLock, held, is_held, read_holder

HOLDER = """
import sys
from pathlib import Path
from tui_flow.settings import Home
from tui_flow.store.lock import HomeLock
lock = HomeLock(Home(Path(sys.argv[1])), sys.argv[2])
lock.acquire(0)
print("held", flush=True)
for order in sys.stdin:
    exec(order)
    print("done", flush=True)
"""


class Holder:
    """Another process that holds the lock until it is killed."""

    def __init__(self, home: Home, role: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(home.root), role],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.pid = self._process.pid
        assert self._said() == "held"

    def do(self, order: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(textwrap.dedent(order).strip() + "\n")
        assert self._said() == "done"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def holder_of(home: Home, role: str = "scheduler") -> Iterator[Holder]:
    holder = Holder(home, role)
    try:
        yield holder
    finally:
        holder.kill()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir(mode=0o700)
    return Home(tmp_path / "home")


def test_the_second_scheduler_is_told_at_once_who_the_first_is(home: Home) -> None:
    with holder_of(home) as holder, pytest.raises(HomeLocked) as raised:
        HomeLock(home, "scheduler").acquire(wait_s=60)
    assert f"is held by a scheduler (pid {holder.pid}, since " in str(raised.value)
    assert "`tuiflow down`" in str(raised.value) and raised.value.exit_code == 75


def test_a_command_waits_for_a_command_and_takes_over(home: Home) -> None:
    with holder_of(home, "clear") as holder:
        with pytest.raises(HomeLocked, match="is held by a clear"):
            HomeLock(home, "trigger").acquire(wait_s=0)
        holder.kill()
        with held(home, "trigger") as lock:
            found = read_holder(home)
            assert found is not None and (found.pid, found.role) == (os.getpid(), "trigger")
            assert lock.still_ours()
    assert not is_held(home) and read_holder(home) is None


def test_asking_takes_nothing(home: Home) -> None:
    assert not is_held(home) and read_holder(home) is None
    assert not home.lock.exists(), "asking makes no file"
    with holder_of(home) as holder:
        for _ in range(3):
            assert is_held(home)
        found = read_holder(home)
        assert found is not None and found.pid == holder.pid
        holder.kill()
        assert not is_held(home) and read_holder(home) is None


def test_the_lock_ends_with_its_process_and_not_with_a_child_that_execs(home: Home) -> None:
    with holder_of(home) as holder:
        holder.do("import subprocess; child = subprocess.Popen(['sleep', '60'], close_fds=False); print(end='')")
        holder.kill()
        HomeLock(home, "scheduler").acquire(0)


def test_a_deleted_file_lets_nobody_in_and_is_made_anew(home: Home) -> None:
    with holder_of(home) as holder:
        home.lock.unlink()
        with pytest.raises(HomeLocked, match="is held by another process"):
            HomeLock(home, "scheduler").acquire(0)
        home.lock.unlink(missing_ok=True)
        holder.do("lock.mend()")
        found = read_holder(home)
        assert found is not None and (found.pid, found.role) == (holder.pid, "scheduler")
        inode = home.lock.stat().st_ino
        holder.do("lock.mend()")
        assert home.lock.stat().st_ino == inode, "what is there is left alone"
        holder.kill()
        HomeLock(home, "scheduler").acquire(0)


def test_a_replaced_folder_is_noticed(home: Home) -> None:
    with held(home, "scheduler") as lock:
        aside = home.root.rename(home.root.with_name("aside"))
        assert not lock.still_ours()
        home.root.mkdir()
        assert not lock.still_ours()
        home.root.rmdir()
        aside.rename(home.root)
        assert lock.still_ours()


def test_a_file_that_says_nonsense_names_nobody(home: Home) -> None:
    with holder_of(home):
        for text in ("", "{", "[]", '{"pid": "x"}', '{"pid": 1, "role": "r", "since": "now"}'):
            home.lock.write_text(text)
            assert is_held(home) and read_holder(home) is None


def test_no_descriptor_is_left_behind_by_vain_attempts(home: Home) -> None:
    with holder_of(home, "clear"):
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            with pytest.raises(HomeLocked):
                HomeLock(home, "trigger").acquire(0)
        assert len(os.listdir("/proc/self/fd")) == before


def test_a_home_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HomeNotWritable, match="cannot write in .*/gone: No such file or directory; make it writable"):
        HomeLock(Home(tmp_path / "gone"), "scheduler").acquire(0)

"""Start and stop the scheduler in the background, watching its lock."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import BinaryIO

from tui_flow.cli.act import ask, make_home
from tui_flow.errors import HomeError, HomeLocked, HomeNotWritable, SchedulerUnreachable
from tui_flow.logs.reading import read_tail
from tui_flow.runtime.processes import python_module
from tui_flow.settings import Home
from tui_flow.store.lock import Holder, read_holder

START_WITHIN_S = 20.0
STOP_WITHIN_S = 30.0


def running_scheduler(home: Home) -> Holder | None:
    """Who schedules this home now, None when nobody does."""
    holder = read_holder(home)
    return holder if holder is not None and holder.role == "scheduler" else None


def start_scheduler(home: Home) -> Holder:
    """Start `tuiflow scheduler` in a session of its own; wait until it answers. Raises HomeError with its last word."""
    make_home(home)
    with open_log(home) as log:
        process = subprocess.Popen(
            [*python_module("tui_flow"), "scheduler"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        holder = running_scheduler(home)
        if holder is not None and holder.pid == process.pid and answers(home):
            return holder
        if process.poll() is not None:
            break
        time.sleep(0.02)
    last = read_tail(home.scheduler_log, 4096).strip().splitlines()[-1:]
    said = f": {last[0].removeprefix('tuiflow: ')}" if last else ""
    if process.returncode == HomeLocked.exit_code:
        raise HomeLocked(f"the scheduler did not start{said}")
    raise HomeError(f"the scheduler did not start{said}; its log is {home.scheduler_log}")


def open_log(home: Home) -> BinaryIO:
    """What schedulers in the background say."""
    path = home.scheduler_log
    try:
        return open(path, "ab", opener=_private)
    except OSError as err:
        raise HomeNotWritable(
            f"cannot write {path}: {err.strerror}; make it writable for you or set TUIFLOW_HOME to another folder"
        ) from err


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def answers(home: Home) -> bool:
    try:
        ask(home, "status", {}, timeout_s=2.0)
    except SchedulerUnreachable:
        return False
    return True


def wait_until_parsed(home: Home, within_s: float) -> bool:
    """Whether the scheduler has parsed in time all files that it knows to have changed."""
    deadline = time.monotonic() + within_s
    while True:
        answer = ask(home, "settle", {})
        if not (isinstance(answer, dict) and answer.get("is_busy")):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)


def stop_scheduler(home: Home, mode: str = "leave") -> None:
    """Have it end, and wait for that; where running tasks are waited for, nobody waits here. `mode`: "leave", "drain"
    or "kill" the tasks that run. Raises SchedulerUnreachable where none answers, HomeError where it does not end."""
    holder = read_holder(home)  # a `tuiflow run` that is its own scheduler is stopped too
    if holder is None:
        raise SchedulerUnreachable("no scheduler is running")
    try:
        ask(home, "down", {"mode": mode})
    except SchedulerUnreachable:
        if mode != "leave" or running_scheduler(home) is None:
            raise
        os.kill(holder.pid, signal.SIGTERM)
    if mode != "drain" and not wait_until_stopped(home, holder.pid, STOP_WITHIN_S):
        raise HomeError(f"the scheduler (pid {holder.pid}) did not stop within {STOP_WITHIN_S:.0f} s")


def wait_until_stopped(home: Home, pid: int, within_s: float | None) -> bool:
    """Whether the scheduler with that pid let go of the home in time; None waits for ever."""
    deadline = None if within_s is None else time.monotonic() + within_s
    while (holder := read_holder(home)) is not None and holder.pid == pid:
        if deadline is not None and time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True

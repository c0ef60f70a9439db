"""What the scheduler does about a full disk, a lost home, a replaced database and a clock that jumps."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui_flow.errors import DatabaseForeign, DatabaseLocked, DiskFull, HomeError
from tui_flow.scheduler.health import Health
from tui_flow.settings import Home, SchedulerSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeLock:
    is_ours: bool = True
    mended: int = 0

    def still_ours(self) -> bool:
        return self.is_ours

    def mend(self) -> None:
        self.mended += 1


@dataclass
class FakeDatabase:
    problem: Exception | None = None
    checkpoint_problem: Exception | None = None
    calls: list[str] = field(default_factory=list)

    def check_file(self) -> None:
        if self.problem:
            raise self.problem

    def rescue(self, now: datetime) -> Path:
        self.calls.append("rescue")
        return Path("/rescue.db")

    def checkpoint(self, is_idle: bool) -> None:
        self.calls.append(f"checkpoint {is_idle}")
        if self.checkpoint_problem:
            raise self.checkpoint_problem


def health_of(lock: FakeLock | None = None, database: FakeDatabase | None = None, **settings: int) -> Health:
    home = Home(Path("/proc"))  # a folder that is there; its disk has no room at all
    settings = {"stop_launching_below_bytes": 0, "warn_below_bytes": 0, **settings}
    return Health(home, SchedulerSettings(**settings), lock or FakeLock(), database or FakeDatabase(), NOW)


class Steps:
    """Named steps that note that they were done; those in `full` find a full disk, in `locked` a locked database."""

    def __init__(self, *names: str) -> None:
        self.done: list[str] = []
        self.full: set[str] = set()
        self.locked: set[str] = set()
        self.all = [self._step(name) for name in names]

    def _step(self, name: str) -> Callable[[datetime], None]:
        def do(now: datetime) -> None:
            if name in self.full:
                raise DiskFull(f"no room for {name}")
            if name in self.locked:
                raise DatabaseLocked(f"sqlite3 keeps {name} locked")
            self.done.append(name)

        return do


def test_steps_are_done_in_order() -> None:
    health, steps = health_of(), Steps("a", "b")
    health.write(steps.all, NOW)
    assert steps.done == ["a", "b"] and health.retry_at is None


def test_a_step_that_finds_the_disk_full_does_not_keep_the_others_from_theirs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    health, steps = health_of(), Steps("a", "b", "c")
    steps.full = {"a"}
    health.write(steps.all, NOW)
    assert steps.done == ["b", "c"]
    assert health.retry_at is not None and health.disk_is_full
    assert "no room for a" in caplog.text


def test_a_full_disk_is_tried_again_in_a_while_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    health, steps = health_of(), Steps("a")
    steps.full = {"a"}
    caplog.set_level(logging.INFO)
    for _ in range(3):
        health.write(steps.all, NOW)
        assert health.retry_at is not None and health.retry_at > 0
        health.retry_at = -math.inf  # the while is over
    assert len(caplog.records) == 1
    steps.full = set()
    health.write(steps.all, NOW)
    assert steps.done == ["a"] and health.retry_at is None
    assert "takes results again" in caplog.text


def test_a_locked_database_lets_none_through_and_is_tried_again() -> None:
    health, steps = health_of(), Steps("a", "b")
    steps.locked = {"a", "b"}
    health.write(steps.all, NOW)
    assert steps.done == [] and health.retry_at is not None
    assert health.locked_out == "sqlite3 keeps a locked" and not health.disk_is_full
    health.retry_at, steps.locked = -math.inf, set()
    health.write(steps.all, NOW)
    assert steps.done == ["a", "b"] and health.retry_at is None and health.locked_out is None


def test_nothing_is_tried_before_that() -> None:
    health, steps = health_of(), Steps("a")
    health.retry_at = math.inf
    health.write(steps.all, NOW)
    assert steps.done == []


def test_other_errors_are_no_business_of_a_full_disk() -> None:
    def broken(now: datetime) -> None:
        raise HomeError("the disk is gone")

    with pytest.raises(HomeError, match="gone"):
        health_of().write([broken], NOW)


def test_a_replaced_home_ends_the_scheduler() -> None:
    with pytest.raises(HomeError, match="/proc was replaced by another folder"):
        health_of(FakeLock(is_ours=False)).look(NOW, is_idle=False)


def test_what_a_replaced_database_held_is_saved_first() -> None:
    database = FakeDatabase(problem=DatabaseForeign("replaced"))
    with pytest.raises(DatabaseForeign, match="replaced"):
        health_of(database=database).look(NOW, is_idle=False)
    assert database.calls == ["rescue"]


def test_looks_are_rare_and_mend_the_lock_file() -> None:
    lock, database = FakeLock(), FakeDatabase()
    health = health_of(lock, database)
    for _ in range(5):
        health.look(NOW, is_idle=True)
    assert lock.mended == 1 and database.calls == ["checkpoint True"]


def test_a_checkpoint_without_room_can_wait() -> None:
    health_of(database=FakeDatabase(checkpoint_problem=DiskFull("full"))).look(NOW, is_idle=True)


def test_a_disk_that_is_nearly_full_stops_launches(caplog: pytest.LogCaptureFixture) -> None:
    health = health_of(stop_launching_below_bytes=1)
    assert health.next_look(is_idle=True) is None and not health.disk_is_low
    health.look(NOW, is_idle=True)
    assert health.disk_is_low and "nothing is launched until there is more" in caplog.text
    assert health.next_look(is_idle=True) is not None, "it is looked at again although nothing runs"


def test_little_room_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    health = health_of(warn_below_bytes=1)
    health.look(NOW, is_idle=True)
    assert not health.disk_is_low and "only 0 MiB are free in /proc" in caplog.text


def test_a_clock_that_goes_back_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    health = health_of()
    health.notice_clock(NOW + timedelta(hours=1))
    health.notice_clock(NOW + timedelta(hours=1) - timedelta(seconds=59))
    assert caplog.text == ""
    health.notice_clock(NOW)
    assert "the clock went back by 0:59:01" in caplog.text
    assert health.seen_at == NOW

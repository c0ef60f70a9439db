"""Whether the scheduler can go on as it is: its home, its database, its disk and the clock. No scheduling here."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from tui_flow.errors import DatabaseForeign, DatabaseLocked, DiskFull, HomeError, WriteRefused
from tui_flow.settings import Home, SchedulerSettings

_log = logging.getLogger("tui_flow.scheduler")
_RETRY_S = 1.0
_LOOK_INTERVAL_S = 5.0
_CLOCK_JUMP_S = 60.0


class Lock(Protocol):
    """Of the home lock what is looked after here."""

    def still_ours(self) -> bool: ...

    def mend(self) -> None: ...


class Database(Protocol):
    """Of the writer what is looked after here."""

    def check_file(self) -> None: ...

    def rescue(self, now: datetime) -> Path: ...

    def checkpoint(self, is_idle: bool) -> None: ...


class Health:
    """Looks now and then, tells in the log what is new, and raises HomeError where the scheduler must stop."""

    def __init__(self, home: Home, settings: SchedulerSettings, lock: Lock, database: Database, now: datetime) -> None:
        self._home = home
        self._settings = settings
        self._lock = lock
        self._database = database
        self.seen_at = now
        """When the scheduler was last seen alive."""
        self.retry_at: float | None = None
        """Monotonic time of the next try to write; None: the database takes what is written."""
        self._refused: WriteRefused | None = None
        """Why it took nothing at the last try."""
        self.disk_is_low = False
        """Too little is free to launch anything."""
        self._look_at = 0.0
        self._has_warned_of_disk = False

    def write(self, steps: Iterable[Callable[[datetime], None]], now: datetime) -> None:
        """Do what writes to the database, step by step. Where it is refused each step keeps what it could not write,
        and all are tried again in a second; on a full disk the other steps are tried all the same, while a locked
        database lets none through."""
        if self.retry_at is not None and time.monotonic() < self.retry_at:
            return
        self._refused = None
        for step in steps:
            try:
                step(now)
            except WriteRefused as err:
                self._refused = err
                if isinstance(err, DatabaseLocked):
                    break
        if self._refused is None:
            if self.retry_at is not None:
                _log.info("the database takes results again")
            self.retry_at = None
            return
        if self.retry_at is None:
            _log.error("nothing is launched, results wait in the journals: %s", self._refused)
        self.retry_at = time.monotonic() + _RETRY_S

    @property
    def disk_is_full(self) -> bool:
        return self.disk_is_low or isinstance(self._refused, DiskFull)

    @property
    def locked_out(self) -> str | None:
        """Who keeps the database locked, in words."""
        return str(self._refused) if isinstance(self._refused, DatabaseLocked) else None

    def notice_clock(self, now: datetime) -> None:
        if now < self.seen_at - timedelta(seconds=_CLOCK_JUMP_S):
            _log.warning("the clock went back by %s; slots that were run already are not run again", self.seen_at - now)
        self.seen_at = now

    def next_look(self, *, is_idle: bool) -> float | None:
        """Monotonic time at which `look` has something to do; None while there is nothing to look after."""
        return None if is_idle and not self.disk_is_low else self._look_at

    def look(self, now: datetime, *, is_idle: bool) -> None:
        """Now and then: is this still our home and our database; checkpoints; is there room on the disk."""
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _LOOK_INTERVAL_S
        if not self._lock.still_ours():
            raise HomeError(f"{self._home.root} was replaced by another folder while the scheduler ran; it stops here")
        self._lock.mend()
        self._look_at_the_database(now)
        with contextlib.suppress(WriteRefused):
            self._database.checkpoint(is_idle=is_idle)
        self._look_at_the_disk()

    def _look_at_the_database(self, now: datetime) -> None:
        try:
            self._database.check_file()
        except DatabaseForeign:
            rescue = self._database.rescue(now)
            _log.error("the database was replaced or deleted; what was in memory is saved as %s", rescue)
            raise

    def _look_at_the_disk(self) -> None:
        disk = os.statvfs(self._home.root)
        free = disk.f_bavail * disk.f_frsize
        was_low, self.disk_is_low = self.disk_is_low, free < self._settings.stop_launching_below_bytes
        if self.disk_is_low and not was_low:
            _log.error("%d MiB free in %s: nothing is launched until there is more", free >> 20, self._home.root)
        elif free < self._settings.warn_below_bytes and not self._has_warned_of_disk:
            self._has_warned_of_disk = True
            _log.warning("only %d MiB are free in %s", free >> 20, self._home.root)

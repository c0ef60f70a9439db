"""Reading for the pages: one connection in one thread, and a look every quarter of a second whether there is news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from tui_flow.errors import TuiflowError
from tui_flow.logs.reading import read_tail
from tui_flow.settings import Home
from tui_flow.store.lock import Holder, read_holder, stopped_at
from tui_flow.store.reader import Reader

Model = TypeVar("Model")
PATIENCE_S = 0.5
"""How long a page waits for a lock of others; it tries again."""
_SAID_WITHIN_S = 5.0
_AT_ITS_END = "tuiflow: "
"""What a command that ends by an error says begins so."""


class Feed:
    """Pages give it what to read; it never reads on the screen's thread, but for SQLite's own count of commits."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reads")
        self._reader: Reader | None = None
        self._watcher: Reader | None = None
        self._seen: tuple[int, int, bool] | None = None
        self.version = 0
        """Counts what `has_news` has told."""
        self.is_closed, self.was_there = False, False
        """The latter: there has been a database."""

    async def read(self, load: Callable[[Reader], Model]) -> Model:
        """What `load` gives. Raises its errors, and DatabaseMissing where nothing has run yet."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._load, load)

    def _load(self, load: Callable[[Reader], Model]) -> Model:
        if self._reader is None:
            self._reader = Reader(self._home.database, patience_s=PATIENCE_S)
        return load(self._reader)

    def has_news(self) -> bool:
        """Whether something was committed, or the database appeared or was replaced, since the last call."""
        try:
            if self._watcher is None:
                self._watcher = Reader(self._home.database, patience_s=0.0)
            file = self._home.database.stat()
            now = (self._watcher.data_version(), file.st_ino, file.st_size == 0)
            if now != self._seen and self._watcher.has_moved_on():
                self.forget()  # opened anew it says what is wrong with it
            self.was_there = True
        except (TuiflowError, OSError):
            now = None
            self.forget()
        if self._seen is not None and now is not None and now[1] != self._seen[1]:
            self.forget()  # another file: a restored backup
        is_new, self._seen = now != self._seen, now
        self.version += is_new
        return is_new

    def forget(self) -> None:
        """Open the database anew at the next read."""
        if self._watcher is not None:
            self._watcher.close()
        self._watcher = None
        reader, self._reader = self._reader, None
        if reader is not None:
            self._thread.submit(reader.close)

    def scheduler(self) -> Holder | None:
        """Who schedules this home now."""
        holder = read_holder(self._home)
        return holder if holder is not None and holder.role in ("scheduler", "run") else None

    def stopped_at(self) -> datetime | None:
        """Since when nobody schedules this home, where that is known."""
        return stopped_at(self._home)

    def last_words(self, stopped: datetime) -> str:
        """Why the scheduler that stopped then ended, where it ran in the background and an error ended it."""
        log = self._home.scheduler_log
        lines = read_tail(log, 4096).strip().splitlines()
        if not lines or not lines[-1].startswith(_AT_ITS_END):
            return ""
        is_older = log.stat().st_mtime < stopped.timestamp() - _SAID_WITHIN_S  # another one, in a terminal, came after
        return "" if is_older else lines[-1].removeprefix(_AT_ITS_END)

    def close(self) -> None:
        """Nothing is read any more."""
        self.is_closed = True
        self.forget()
        self._thread.shutdown(wait=False, cancel_futures=True)

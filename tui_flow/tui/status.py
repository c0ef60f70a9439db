"""What the header tells on every page: does somebody schedule, what runs, what waits, what failed today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tui_flow.state import TaskState
from tui_flow.store.lock import Holder
from tui_flow.store.reader import Reader
from tui_flow.tui.holds import NONE, Holds


@dataclass(frozen=True, slots=True)
class Status:
    scheduler: Holder | None = None
    stopped_at: datetime | None = None
    """When the last scheduler ended, where none runs; None: there was none."""
    last_words: str = ""
    """The error that ended it."""
    running: int = 0
    queued: int = 0
    waiting_for_people: int = 0
    failed_today: int = 0
    import_errors: int = 0
    problem: str = ""
    """Why the database cannot be read."""
    unread_since: datetime | None = None
    """When it could first not be read; then nothing that is counted is known."""
    has_database: bool = True
    holds: Holds = NONE
    """What keeps the scheduler from starting anything."""


class StatusKept:
    """Counts what is in the database once after each commit, and once each day; the reading thread alone uses it."""

    def __init__(self) -> None:
        self._counted: tuple[Reader, int, datetime] | None = None
        """By which reader, at which of its versions, since which midnight."""
        self._counts = Status()

    def load(
        self, reader: Reader, at: datetime, scheduler: Holder | None, stopped: datetime | None, last_words: str = ""
    ) -> Status:
        midnight = at.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        now = (reader, reader.data_version(), midnight)
        if now != self._counted:
            self._counts, self._counted = _counts(reader, midnight), now
        return replace(self._counts, scheduler=scheduler, stopped_at=stopped, last_words=last_words)


def _counts(reader: Reader, midnight: datetime) -> Status:
    live = reader.live_counts()
    return Status(
        running=live.get(TaskState.RUNNING, 0),
        queued=live.get(TaskState.QUEUED, 0) + live.get(TaskState.SCHEDULED, 0),
        waiting_for_people=live.get(TaskState.AWAITING_INPUT, 0),
        failed_today=reader.count_failed_since(midnight),
        import_errors=len(reader.import_errors()),
    )

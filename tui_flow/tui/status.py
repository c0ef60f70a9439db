"""What the header tells on every page: does somebody schedule, what runs, what waits, what failed today."""

from __future__ import annotations

from dataclasses import dataclass
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
    running: int = 0
    queued: int = 0
    waiting_for_people: int = 0
    failed_today: int = 0
    import_errors: int = 0
    problem: str = ""
    """Why the database cannot be read."""
    has_database: bool = True
    holds: Holds = NONE
    """What keeps the scheduler from starting anything."""


def load_status(reader: Reader, at: datetime, scheduler: Holder | None, stopped: datetime | None) -> Status:
    live = reader.live_counts()
    midnight = at.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return Status(
        scheduler,
        stopped,
        live.get(TaskState.RUNNING, 0),
        live.get(TaskState.QUEUED, 0) + live.get(TaskState.SCHEDULED, 0),
        live.get(TaskState.AWAITING_INPUT, 0),
        reader.count_failed_since(midnight),
        len(reader.import_errors()),
    )

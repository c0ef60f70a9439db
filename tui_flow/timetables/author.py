"""AuthorTimetable: what is known, outside of its file, of a timetable whose class stands in the DAG's file.

Its answers are the author's code: the process that parses the file asks for the next few runs and hands them over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tui_flow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable, registered


@registered
@dataclass(frozen=True, slots=True)
class AuthorTimetable(Timetable):
    """Says what the author's timetable says of itself; its runs are kept beside it."""

    is_told: ClassVar[bool] = True

    class_name: str
    text: str
    """The author's `summary`."""
    words: str = ""
    """The author's `description`."""
    is_periodic: bool = True
    is_scheduled: bool = True
    runs_at_once: int | None = None
    data: str = ""
    """JSON text of what it was made of: another one is another schedule."""

    @property
    def periodic(self) -> bool:  # type: ignore[override]  # here each instance says it
        return self.is_periodic

    @property
    def can_be_scheduled(self) -> bool:  # type: ignore[override]
        return self.is_scheduled

    @property
    def active_runs_limit(self) -> int | None:  # type: ignore[override]
        return self.runs_at_once

    @property
    def summary(self) -> str:
        return self.text

    @property
    def description(self) -> str:
        return self.words or f"as {self.class_name} in the DAG's file says"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        """None: only the file knows."""
        return None

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """An instant: the tasks themselves ask the author's timetable."""
        return DataInterval.exact(run_after)


AFTER_BOOT = AuthorTimetable("@after_boot", "@after_boot", "once after each start of the machine")
"""When the machine was started is told as an author's timetable would tell it."""

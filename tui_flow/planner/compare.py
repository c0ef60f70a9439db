"""Two runs of a DAG side by side: which tasks changed their state, and which got slower or faster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tui_flow.records import TaskInstance
from tui_flow.state import TaskState

NOTABLE_SHARE = 0.1
"""Of the longer duration: below this, and below `NOTABLE`, two durations count as equal."""
NOTABLE = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Compared:
    """One task instance in two runs; None where a run has it not, or it did not run."""

    task_id: str
    map_index: int
    old_state: TaskState | None
    new_state: TaskState | None
    old_duration: timedelta | None
    new_duration: timedelta | None
    old_tries: int
    new_tries: int

    @property
    def difference(self) -> timedelta | None:
        """How much longer it took."""
        if self.old_duration is None or self.new_duration is None:
            return None
        return self.new_duration - self.old_duration

    @property
    def verdict(self) -> str:
        """What a person wants to know of it, in a word; empty: nothing of note."""
        if self.old_state is None:
            return "new"
        if self.new_state is None:
            return "gone"
        if self.old_state is not self.new_state:
            return f"{self.old_state} -> {self.new_state}"
        if self.difference is None or self.old_duration is None or self.new_duration is None:
            return ""
        longer = max(self.old_duration, self.new_duration)
        if abs(self.difference) < max(NOTABLE, longer * NOTABLE_SHARE):
            return ""
        return "slower" if self.difference > timedelta() else "faster"


def compare_runs(old: Iterable[TaskInstance], new: Iterable[TaskInstance]) -> tuple[Compared, ...]:
    """Changed states first, then the largest difference, then by task id."""
    before = {(ti.task_id, ti.map_index): ti for ti in old if ti.state is not TaskState.REMOVED}
    after = {(ti.task_id, ti.map_index): ti for ti in new if ti.state is not TaskState.REMOVED}
    found = [_compared(key, before.get(key), after.get(key)) for key in {**before, **after}]
    return tuple(sorted(found, key=_rank))


def _compared(key: tuple[str, int], old: TaskInstance | None, new: TaskInstance | None) -> Compared:
    return Compared(
        *key,
        old_state=old.state if old else None,
        new_state=new.state if new else None,
        old_duration=_duration(old),
        new_duration=_duration(new),
        old_tries=old.try_number if old else 0,
        new_tries=new.try_number if new else 0,
    )


def _duration(ti: TaskInstance | None) -> timedelta | None:
    return ti.ended_at - ti.started_at if ti is not None and ti.started_at and ti.ended_at else None


def _rank(row: Compared) -> tuple[bool, timedelta, str, int]:
    return (row.old_state is row.new_state, -abs(row.difference or timedelta()), row.task_id, row.map_index)

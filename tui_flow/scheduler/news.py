"""What the runs' moves mean for the other steps of the loop, kept until each of them asks."""

from __future__ import annotations

from tui_flow.records import TaskInstanceKey


class News:
    """At first anything may be new."""

    def __init__(self) -> None:
        self.to_start: set[str] = set()
        """DAGs whose queued runs may start."""
        self.ended: set[str] = set()
        """DAGs of which a run has ended."""
        self.waits: set[TaskInstanceKey] = set()
        """Task instances that began or ended to wait for a trigger."""
        self.has_other_waits = True
        self.has_backfills = True
        self.has_callbacks = True
        self.has_assets = True
        """Whether a DAG that waits for assets may be due: they were updated, it changed, or one of its runs ended."""

    def all_may_have_changed(self) -> None:
        """Somebody else wrote to the database."""
        self.has_backfills = self.has_callbacks = self.has_assets = self.has_other_waits = True

    def take_ended(self) -> set[str]:
        """DAGs of which a run has ended since the last call."""
        ended, self.ended = self.ended, set()
        return ended

    def take_waits(self) -> tuple[set[TaskInstanceKey], bool]:
        """Task instances whose wait for a trigger began or ended since the last call, and whether there may be more
        than those."""
        waits, self.waits = self.waits, set()
        has_others, self.has_other_waits = self.has_other_waits, False
        return waits, has_others

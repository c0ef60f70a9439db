"""Which finished runs are too old to keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tui_flow.records import DagRun
from tui_flow.state import FINISHED_RUN

RunPlace = tuple[datetime, int]
"""A run's place among the runs of its DAG: (run_after, id)."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Runs stay that ended since `since` (None: whenever), if they are among the newest `per_dag` of their DAG (0: all
    are)."""

    since: datetime | None
    per_dag: int = 0

    @property
    def keeps_all(self) -> bool:
        return self.since is None and self.per_dag == 0


def is_expired(run: DagRun, keep: Keep, newest: RunPlace, oldest_kept: RunPlace | None) -> bool:
    """`newest` is the place of its DAG's newest run, which always stays; `oldest_kept` that of the last of the newest
    `keep.per_dag` (None: there are not more)."""
    place = (run.run_after, run.id)
    if run.state not in FINISHED_RUN or run.ended_at is None or place >= newest:
        return False
    is_old = keep.since is not None and run.ended_at < keep.since
    return is_old or (oldest_kept is not None and place < oldest_kept)

"""By when a run should have ended, and what follows when it has not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tui_flow.records import DagRun
from tui_flow.spec import DagSpec, Json

_LONGEST = timedelta(days=36_500)


def most_averaged_runs(spec: DagSpec) -> int:
    """How many earlier runs the deadlines of a DAG look back on; 0: none."""
    references = [alert["reference"] for alert in spec.deadlines]
    return max((reference.get("max_runs", 0) for reference in references), default=0)


def deadline_of(alert: Json, run: DagRun, runtimes: Sequence[timedelta]) -> datetime | None:
    """When the run misses the deadline; None where it has none. `runtimes` are those of the DAG's earlier successful
    runs, the newest first."""
    reference = alert["reference"]
    start: datetime | None
    match reference["kind"]:
        case "logical_date":
            start = run.logical_date
        case "queued_at":
            start = run.queued_at
        case "fixed":
            start = datetime.fromisoformat(reference["at"])
        case "average":
            looked_at = runtimes[: reference["max_runs"]]
            if len(looked_at) < reference["min_runs"]:
                return None
            start = run.queued_at + sum(looked_at, timedelta()) / len(looked_at)
        case kind:
            raise ValueError(f"deadline with an unknown reference {kind!r}")
    return None if start is None else start + min(timedelta(seconds=min(alert["interval_s"], 1e10)), _LONGEST)


def deadline_name(alert: Json, number: int) -> str:
    """As the author called it, or by its place in the file."""
    return str(alert.get("name") or f"deadline {number + 1}")

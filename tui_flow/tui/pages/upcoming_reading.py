"""What the Upcoming page reads: of each DAG the coming runs of a day, how long they usually take, what it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tui_flow.actions.upcoming import upcoming_runs
from tui_flow.records import Dag
from tui_flow.state import TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui.pages.month_reading import load_month
from tui_flow.tui.views.bars import median
from tui_flow.tui.views.month import Month
from tui_flow.tui.views.upcoming import COUNTED, Lane, UpcomingModel

SPAN = timedelta(hours=24)
MOST_LANES = 300
MOST_LIVE = 2000
"""Live task instances among which those are sought that will be tried again."""
AT_FIRST = 8
"""So many runs are worked out before it is known how far apart they are."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one read is to bring."""

    at: datetime
    days: int
    """How many days from now the span begins."""
    month: date
    dag_id: str
    """Whose month; empty: of the first DAG."""
    is_utc: bool


@dataclass(frozen=True, slots=True)
class _Known:
    version: str
    since: datetime
    dates: list[datetime]


class Coming:
    """Coming runs, worked out once and carried on: a DAG that runs every minute has 1440 in a day, and the page is read
    whenever something was committed. Used by the reading thread alone."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def dates(self, reader: Reader, dag: Dag, start: datetime, end: datetime) -> list[datetime]:
        """Those after `start` until `end`, no more than COUNTED."""
        spec = reader.spec(dag.dag_id, dag.spec_version)

        def work_out(at: datetime, count: int) -> list[datetime]:
            return [info.run_after for info in upcoming_runs(reader, dag, spec, at, count)]

        known = self._known.get(dag.dag_id)
        found = work_out(start, AT_FIRST)
        if known is not None and known.version == dag.spec_version and known.since <= start:
            rest = [date for date in known.dates if date > start]
            if rest[:AT_FIRST] == found[: len(rest)]:
                found = max(found, rest, key=len)
        while AT_FIRST <= len(found) < COUNTED and found[-1] <= end:
            apart = max((found[-1] - found[0]) / (len(found) - 1), timedelta(milliseconds=1))
            more = work_out(found[-1], min((end - found[-1]) // apart + 2, COUNTED - len(found)))
            if not more:
                break
            found += more
        self._known[dag.dag_id] = _Known(dag.spec_version, start, found)
        return [date for date in found if date <= end]


def load_upcoming(reader: Reader, asked: Asked, coming: Coming) -> UpcomingModel:
    """Lanes of the DAGs that something will start, the next to run first; the month of one of them."""
    start = asked.at + asked.days * SPAN
    end, retries = start + SPAN, _retries(reader)
    awaits = {row.dag_id: row.name or row.uri for row in reader.asset_references() if row.role == "schedule"}
    dags = [
        dag
        for dag in reader.listed_dags().values()
        if not dag.is_missing and (dag.next_run_after is not None or dag.dag_id in retries or dag.dag_id in awaits)
    ]
    dags.sort(key=lambda dag: (dag.is_paused, _next(dag, retries) or end + SPAN, dag.dag_id))
    dags = dags[:MOST_LANES]
    took = reader.usual_run_durations([dag.dag_id for dag in dags], 10)
    lanes = [
        Lane(
            dag,
            _dates(reader, dag, start, end, asked, coming),
            median(took[dag.dag_id]) or None,
            retries.get(dag.dag_id),
            awaits.get(dag.dag_id, ""),
        )
        for dag in dags
    ]
    chosen = next((dag for dag in dags if dag.dag_id == asked.dag_id), dags[0] if dags else None)
    month = Month(asked.month)
    if chosen is not None:
        month = load_month(reader, chosen.dag_id, asked.month, asked.at, asked.is_utc)
    return UpcomingModel(lanes, start, end, month)


def _next(dag: Dag, retries: Mapping[str, datetime]) -> datetime | None:
    found = [date for date in (dag.next_run_after, retries.get(dag.dag_id)) if date is not None]
    return min(found, default=None)


def _retries(reader: Reader) -> dict[str, datetime]:
    """By DAG when the first of its failed tasks is tried again."""
    found: dict[str, datetime] = {}
    for run, ti in reader.live_tasks(MOST_LIVE):
        if ti.state is TaskState.UP_FOR_RETRY and ti.due_at is not None:
            found[run.dag_id] = min(found.get(run.dag_id, ti.due_at), ti.due_at)
    return found


def _dates(
    reader: Reader, dag: Dag, start: datetime, end: datetime, asked: Asked, coming: Coming
) -> Sequence[datetime]:
    """When the DAG will run in the span; what is overdue belongs to the first day."""
    first = dag.next_run_after
    if dag.is_paused or first is None or first > end:
        return []
    overdue = [first] if first <= asked.at and not asked.days else []
    return overdue + coming.dates(reader, dag, start, end)

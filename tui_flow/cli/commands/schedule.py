"""`tuiflow schedule`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import newest_spec, open_reader
from tui_flow.cli.options import AsJson, InUtc
from tui_flow.cli.show import View, count, listing, say
from tui_flow.records import Dag

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader

app = verb_app()
ONE_BY_ONE = 6
"""Of a DAG with more runs in the span one line tells how many."""
ASKED = (7, 100, 1500, 10_000)
"""So many dates are computed, one number after the other, until they reach the end of the span."""


@command(app, "schedule", example="tuiflow schedule --until tomorrow")
def schedule(
    until: Annotated[str, typer.Option(metavar="DATE", help="Up to this date.")] = "+1d",
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Show what will run in the next day: the scheduled runs of all DAGs by time; many of one DAG as a count."""
    at = times.now()
    end = times.parse_date(until, at, utc)
    with open_reader() as reader:
        dags = [dag for dag in reader.dags(with_missing=False) if dag.next_run_after is not None]
        rows = [row for dag in dags if not dag.is_paused for row in _rows(reader, dag, at, end)]
    rows.sort(key=lambda row: (row["run_after"], row["dag_id"]))
    empty = f"nothing is scheduled until {times.shown(end, utc)}"
    listing(rows, "run_after due dag_id schedule runs until", View(as_json, utc), empty=empty)
    if paused := sum(dag.is_paused for dag in dags):
        say(f"{count(paused, 'DAG')} with a schedule {'is' if paused == 1 else 'are'} paused and not listed")


def _rows(reader: Reader, dag: Dag, at: datetime, end: datetime) -> list[dict[str, Any]]:
    from tui_flow.actions.upcoming import upcoming_runs  # timetables cost 40 ms, where a DAG has a schedule

    assert dag.next_run_after is not None
    overdue = [dag.next_run_after] if dag.next_run_after <= at else []
    if dag.next_run_after > end:
        return []
    spec = newest_spec(reader, dag)
    for number in ASKED:
        coming = [info.run_after for info in upcoming_runs(reader, dag, spec, at, number)]
        if len(coming) < number or coming[-1] > end:
            break
    dates = overdue + [date for date in coming if date <= end]
    if len(dates) <= ONE_BY_ONE:
        return [_row(dag, at, date) for date in dates]
    runs = f"more than {len(dates)}" if len(dates) >= ASKED[-1] else len(dates)
    return [_row(dag, at, dates[0]) | {"runs": runs, "until": dates[-1]}]


def _row(dag: Dag, at: datetime, date: datetime) -> dict[str, Any]:
    due = times.away(date, at) if date - at > timedelta() else "now"
    return {"run_after": date, "due": due, "dag_id": dag.dag_id, "schedule": dag.schedule, "runs": 1, "until": None}

"""A month of one DAG as it is read: how each day went, which days have a run to come."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta

from tui_flow import times
from tui_flow.actions.upcoming import upcoming_runs
from tui_flow.records import Dag
from tui_flow.store.reader import Reader
from tui_flow.tui.views.month import Month


def month_after(months: int, is_utc: bool) -> date:
    """The first day of the month that many months from now."""
    today = times.now().astimezone(times.zone(is_utc)).date()
    count = today.year * 12 + today.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def load_month(reader: Reader, dag_id: str, first: date, at: datetime, is_utc: bool) -> Month:
    """Empty for a DAG that is not there."""
    dag = reader.dag(dag_id)
    if dag is None:
        return Month(first)
    days = [first + timedelta(days=nth) for nth in range(calendar.monthrange(first.year, first.month)[1] + 1)]
    midnights = [midnight(day, is_utc) for day in days]
    known = dict(zip(days, reader.run_days(dag_id, midnights, at), strict=False))
    return Month(first, known, coming_in(reader, dag, midnights[0], midnights[-1], at, is_utc))


def midnight(day: date, is_utc: bool) -> datetime:
    """When a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=times.zone(is_utc)).astimezone(UTC)


def coming_in(reader: Reader, dag: Dag, first: datetime, end: datetime, at: datetime, is_utc: bool) -> list[datetime]:
    """The first run of each day that has one: a timetable is asked about once a day, however often it fires."""
    if dag.is_paused or dag.next_run_after is None:
        return []
    spec = reader.spec(dag.dag_id, dag.spec_version)
    found: list[datetime] = [dag.next_run_after] if first <= dag.next_run_after < end else []
    moment = max(at, first - timedelta(microseconds=1))
    while moment < end and (infos := upcoming_runs(reader, dag, spec, moment, 1)):
        found.append(infos[0].run_after)
        day = infos[0].run_after.astimezone(times.zone(is_utc)).date()
        moment = midnight(day + timedelta(days=1), is_utc) - timedelta(microseconds=1)
    return [date for date in found if date < end]

"""A DAG's timetable: what its `schedule` means in the dialect of its file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui_flow.errors import BadDag
from tui_flow.sdk.asset import BaseAsset
from tui_flow.sdk.dag import DAG
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.timetable import Timetable as AuthorsTimetable
from tui_flow.sdk.timetable import describe
from tui_flow.sdk.timezone import zone_name
from tui_flow.sdk.xcom_arg import NOTSET
from tui_flow.spec import Dialect
from tui_flow.timetables import AssetTriggeredTimetable, InvalidSchedule, Timetable, timetable_of


def timetable_for(dag: DAG, dialect: Dialect) -> Timetable:
    """Raises BadDag for a schedule that cannot be meant."""
    schedule = dag.schedule
    if schedule is NOTSET:
        schedule = timedelta(days=1) if dialect == "airflow2" else None
    start = as_utc(earliest_start(dag))
    try:
        if isinstance(schedule, AuthorsTimetable):
            return describe(schedule)
        if isinstance(schedule, BaseAsset | list | tuple | set | frozenset):
            return AssetTriggeredTimetable(schedule)  # type: ignore[arg-type]  # it brings them into one form
        return timetable_of(schedule, timezone=zone_name(dag.timezone), dialect=dialect, start_date=start)
    except InvalidSchedule as err:
        raise BadDag(f"DAG {dag.dag_id!r}: {err}") from err


def earliest_start(dag: DAG) -> datetime | None:
    """The DAG's start date, or the earliest among its tasks'."""
    if dag.start_date is not None:
        return dag.start_date
    dates = (task.start_date for task in dag.tasks if isinstance(task, BaseOperator))
    return min((date for date in dates if date is not None), default=None)


def as_utc(value: datetime | None) -> datetime | None:
    """A plain datetime in UTC, whatever class and zone it had."""
    return None if value is None else datetime.fromtimestamp(0, UTC) + (value - datetime.fromtimestamp(0, UTC))

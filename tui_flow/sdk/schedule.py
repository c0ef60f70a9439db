"""A DAG's timetable: what its `schedule` means in the dialect of its file."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from tui_flow.errors import BadDag
from tui_flow.sdk.asset import BaseAsset
from tui_flow.sdk.dag import DAG
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.timetable import Timetable as AuthorsTimetable
from tui_flow.sdk.xcom_arg import NOTSET
from tui_flow.spec import Dialect
from tui_flow.timetables import AssetTriggeredTimetable, InvalidSchedule, Timetable, timetable_of
from tui_flow.timetables.zones import zone_name


def timetable_for(dag: DAG, dialect: Dialect) -> Timetable:
    """Raises BadDag for a schedule that cannot be meant."""
    schedule = dag.schedule
    if schedule is NOTSET:
        schedule = timedelta(days=1) if dialect == "airflow2" else None
    start = as_utc(earliest_start(dag))
    try:
        if isinstance(schedule, AuthorsTimetable):
            return schedule.told()
        if isinstance(schedule, BaseAsset | list | tuple | set | frozenset):
            return AssetTriggeredTimetable(schedule)  # type: ignore[arg-type]  # it brings them into one form
        dates = _dialect_of_dates(schedule, dialect)
        return timetable_of(schedule, timezone=zone_name(dag.zone), dialect=dates, start_date=start)
    except InvalidSchedule as err:
        raise BadDag(f"DAG {dag.dag_id!r}: {err}") from err


def catchup_for(dag: DAG, dialect: Dialect) -> bool:
    """What the DAG says; else what Airflow's settings in the environment say, for its files; else the dialect's own."""
    if dag.catchup is not None:
        return bool(dag.catchup)
    configured = _airflow_setting("CATCHUP_BY_DEFAULT", dialect)
    return dialect == "airflow2" if configured is None else configured


def _dialect_of_dates(schedule: object, dialect: Dialect) -> Dialect:
    """Whether runs cover intervals, as in Airflow 2, or stand at an instant, as in Airflow 3."""
    kind = "CRON" if isinstance(schedule, str) else "DELTA"
    has_intervals = _airflow_setting(f"CREATE_{kind}_DATA_INTERVALS", dialect)
    return dialect if has_intervals is None else "airflow2" if has_intervals else "airflow3"


def _airflow_setting(key: str, dialect: Dialect) -> bool | None:
    """A setting of Airflow's that its files mean, from the environment; None where it is not set."""
    text = "" if dialect == "tui_flow" else os.environ.get(f"AIRFLOW__SCHEDULER__{key}", "")
    return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(text.strip().lower())


def earliest_start(dag: DAG) -> datetime | None:
    """The DAG's start date, or the earliest among its tasks'."""
    if dag.start_date is not None:
        return dag.start_date
    dates = (task.start_date for task in dag.tasks if isinstance(task, BaseOperator))
    return min((date for date in dates if date is not None), default=None)


def as_utc(value: datetime | None) -> datetime | None:
    """A plain datetime in UTC, whatever class and zone it had."""
    return None if value is None else datetime.fromtimestamp(0, UTC) + (value - datetime.fromtimestamp(0, UTC))

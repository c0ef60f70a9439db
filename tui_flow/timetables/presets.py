"""From what an author writes as `schedule=` to a timetable, in the dialect of the DAG file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, assert_never

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped, unused-ignore]

from tui_flow.timetables.author import AFTER_BOOT
from tui_flow.timetables.base import InvalidSchedule, Timetable
from tui_flow.timetables.cron import CronTimetable
from tui_flow.timetables.delta import EPOCH, DeltaTimetable
from tui_flow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from tui_flow.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable
from tui_flow.timetables.spans import Span
from tui_flow.timetables.trigger import CronTriggerTimetable, DeltaTriggerTimetable

Dialect = Literal["tui_flow", "airflow2", "airflow3"]
"""Whose meaning a schedule has; the imports of the DAG file decide."""


def timetable_of(schedule: object, *, timezone: str, dialect: Dialect, start_date: datetime | None = None) -> Timetable:
    """The timetable that `schedule` means: None, a cron expression or preset, a span, or a timetable already.

    `start_date` is what tuiflow's spans count from. InvalidSchedule for anything else.
    """
    match schedule:
        case None:
            return NullTimetable()
        case Timetable():
            return schedule
        case "@once":
            return OnceTimetable()
        case "@continuous":
            return ContinuousTimetable()
        case "@after_boot":
            return AFTER_BOOT
        case str():
            return _cron(schedule, timezone, dialect)
        case timedelta() | relativedelta():
            return _delta(schedule, dialect, start_date)
        case _:
            raise InvalidSchedule(
                f"Schedule {schedule!r} is not supported; use None, a cron expression, a preset such as '@daily', "
                "a timedelta or a timetable"
            )


def _cron(expression: str, timezone: str, dialect: Dialect) -> Timetable:
    match dialect:
        case "tui_flow":
            return CronTimetable(expression, timezone)
        case "airflow2":
            return CronDataIntervalTimetable(expression, timezone)
        case "airflow3":
            return CronTriggerTimetable(expression, timezone)
        case _:
            assert_never(dialect)


def _delta(span: Span, dialect: Dialect, start_date: datetime | None) -> Timetable:
    match dialect:
        case "tui_flow":
            return DeltaTimetable(span, EPOCH if start_date is None else start_date)
        case "airflow2":
            return DeltaDataIntervalTimetable(span)
        case "airflow3":
            return DeltaTriggerTimetable(span)
        case _:
            assert_never(dialect)

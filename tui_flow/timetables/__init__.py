"""When runs happen: pure timetables, data and behaviour in one.

Importing the package makes every kind known to `timetable_from_dict`.
"""

from __future__ import annotations

from tui_flow.timetables.assets import AssetOrTimeSchedule, AssetTriggeredTimetable
from tui_flow.timetables.author import AuthorTimetable
from tui_flow.timetables.base import (
    DagRunInfo,
    DataInterval,
    InvalidSchedule,
    TimeRestriction,
    Timetable,
    timetable_from_dict,
)
from tui_flow.timetables.cron import CronTimetable
from tui_flow.timetables.delta import DeltaTimetable, every
from tui_flow.timetables.due import due_runs, upcoming
from tui_flow.timetables.events import EventsTimetable
from tui_flow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from tui_flow.timetables.presets import Dialect, timetable_of
from tui_flow.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable
from tui_flow.timetables.trigger import CronTriggerTimetable, DeltaTriggerTimetable, MultipleCronTriggerTimetable

__all__ = [
    "AssetOrTimeSchedule",
    "AssetTriggeredTimetable",
    "AuthorTimetable",
    "ContinuousTimetable",
    "CronDataIntervalTimetable",
    "CronTimetable",
    "CronTriggerTimetable",
    "DagRunInfo",
    "DataInterval",
    "DeltaDataIntervalTimetable",
    "DeltaTimetable",
    "DeltaTriggerTimetable",
    "Dialect",
    "EventsTimetable",
    "InvalidSchedule",
    "MultipleCronTriggerTimetable",
    "NullTimetable",
    "OnceTimetable",
    "TimeRestriction",
    "Timetable",
    "due_runs",
    "every",
    "timetable_from_dict",
    "timetable_of",
    "upcoming",
]

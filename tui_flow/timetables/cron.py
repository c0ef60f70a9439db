"""CronTimetable: a cron schedule as tuiflow means it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tui_flow.timetables.base import registered
from tui_flow.timetables.cron_fires import fire_after, fire_before
from tui_flow.timetables.cron_syntax import parse_cron
from tui_flow.timetables.describe import describe_cron
from tui_flow.timetables.fires import FireTimetable
from tui_flow.timetables.zones import known_zone_name, zone_of


@registered
@dataclass(frozen=True, slots=True)
class CronTimetable(FireTimetable):
    """Fires by the clock of `timezone`; `cron_fires` says what happens when that clock changes."""

    expression: str
    """Five fields or a preset, kept as written."""
    timezone: str

    def __post_init__(self) -> None:
        parse_cron(self.expression)
        object.__setattr__(self, "timezone", known_zone_name(self.timezone))

    @property
    def summary(self) -> str:
        return self.expression

    @property
    def description(self) -> str:
        return f"{describe_cron(parse_cron(self.expression))}, {self.timezone}"

    def fire_after(self, instant: datetime) -> datetime:
        return fire_after(parse_cron(self.expression), zone_of(self.timezone), instant)

    def fire_before(self, instant: datetime) -> datetime:
        return fire_before(parse_cron(self.expression), zone_of(self.timezone), instant)

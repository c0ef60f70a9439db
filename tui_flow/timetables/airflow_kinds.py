"""What Airflow's two cron timetables have in common, and its two by spans: one interval, one trigger timetable each."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from tui_flow.timetables.airflow_steps import CronSteps, DeltaSteps, Steps, parse_airflow_cron
from tui_flow.timetables.describe import describe_airflow_cron
from tui_flow.timetables.spans import Span, repeated_until, span_words
from tui_flow.timetables.zones import known_zone_name


class ByCron:
    __slots__ = ()

    cron: str
    timezone: str

    def check_cron(self) -> None:
        """Raises InvalidSchedule; a zone given as an object becomes its name."""
        parse_airflow_cron(self.cron)
        object.__setattr__(self, "timezone", known_zone_name(self.timezone))

    @property
    def steps(self) -> Steps:
        return CronSteps(self.cron, self.timezone)

    @property
    def summary(self) -> str:
        return self.cron

    @property
    def fires_in_words(self) -> str:
        return f"{describe_airflow_cron(self.cron)}, {self.timezone}"


class ByDelta:
    __slots__ = ()

    delta: Span

    counts_from_last: ClassVar[bool] = True

    @property
    def steps(self) -> Steps:
        return DeltaSteps(self.delta)

    @property
    def summary(self) -> str:
        return f"every {span_words(self.delta)}"

    def restart_before(self, instant: datetime, *, first: datetime) -> datetime:
        return repeated_until(self.delta, first, instant)

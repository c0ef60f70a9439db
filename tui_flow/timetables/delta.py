"""DeltaTimetable: equal spans from an anchor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tui_flow.timetables.base import registered
from tui_flow.timetables.fires import FireTimetable
from tui_flow.timetables.spans import Span, parse_span, refuse_unless_repeatable, rough_length, span_words
from tui_flow.timetables.zones import as_utc

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@registered
@dataclass(frozen=True, slots=True)
class DeltaTimetable(FireTimetable):
    """Fires at `anchor` plus any whole number of `delta`, in elapsed time: clock changes do not matter.

    The 31st plus one month is a month's last day, and plus two months the 31st again.
    """

    delta: Span
    anchor: datetime = EPOCH

    def __post_init__(self) -> None:
        refuse_unless_repeatable(self.delta)
        object.__setattr__(self, "anchor", as_utc(self.anchor))

    @property
    def summary(self) -> str:
        return f"every {span_words(self.delta)}"

    @property
    def description(self) -> str:
        start = "" if self.anchor == EPOCH else f", counted from {self.anchor:%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.summary}{start}"

    def fire_after(self, instant: datetime) -> datetime:
        number = self._number_near(instant)
        while self._fire(number) > instant:
            number -= 1
        while self._fire(number) <= instant:
            number += 1
        return self._fire(number)

    def fire_before(self, instant: datetime) -> datetime:
        number = self._number_near(instant)
        while self._fire(number) < instant:
            number += 1
        while self._fire(number) >= instant:
            number -= 1
        return self._fire(number)

    def _number_near(self, instant: datetime) -> int:
        return (instant - self.anchor) // rough_length(self.delta)

    def _fire(self, number: int) -> datetime:
        fire: datetime = self.anchor + self.delta * number
        return fire


def every(span: str | timedelta, *, anchor: datetime = EPOCH) -> DeltaTimetable:
    """`every("15m")`: at :00, :15, :30, :45 (UTC), unless `anchor` names another instant to count from."""
    return DeltaTimetable(parse_span(span) if isinstance(span, str) else span, anchor)

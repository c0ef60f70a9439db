"""`airflow.utils.dates`: the dates of old tutorials."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tui_flow.sdk import timezone

cron_presets: dict[str, str] = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def days_ago(n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0) -> datetime:
    """So many days before today, at midnight or at the time given, in UTC."""
    today = timezone.utcnow().replace(hour=hour, minute=minute, second=second, microsecond=microsecond)
    return today - timedelta(days=n)


def date_range(
    start_date: datetime, end_date: datetime | None = None, num: int | None = None, delta: Any = None
) -> list[datetime]:
    """Dates from `start_date` on: up to `end_date`, or `num` of them; `delta` is a timedelta or a cron expression."""
    if not delta:
        return []
    if end_date is not None and start_date > end_date:
        raise ValueError("Wait. start_date needs to be before end_date")
    if end_date is not None and num:
        raise ValueError("Wait. Either specify end_date OR num")
    if end_date is None and not num:
        end_date = timezone.utcnow()
    step = _stepper(start_date, delta, backwards=bool(num and num < 0))
    dates: list[datetime] = []
    at = step.first
    while (end_date is not None and at <= end_date) or (num and len(dates) < abs(num)):
        dates.append(at)
        at = step.next(at)
    return sorted(dates)


class _Span:
    def __init__(self, start: datetime, delta: timedelta) -> None:
        self.first, self._delta = start, delta

    def next(self, at: datetime) -> datetime:
        return at + self._delta


class _Cron:
    def __init__(self, start: datetime, expression: str, backwards: bool) -> None:
        from croniter import croniter  # only files that ask for cron dates

        self._dates = croniter(cron_presets.get(expression, expression), start, ret_type=datetime)
        self._backwards = backwards
        self.first = start if croniter.match(cron_presets.get(expression, expression), start) else self.next(start)

    def next(self, at: datetime) -> datetime:
        moment: datetime = self._dates.get_prev() if self._backwards else self._dates.get_next()
        return moment


def _stepper(start: datetime, delta: Any, *, backwards: bool) -> _Span | _Cron:
    if isinstance(delta, str):
        return _Cron(start, delta, backwards)
    if isinstance(delta, timedelta):
        return _Span(start, -abs(delta) if backwards else abs(delta))
    raise TypeError("Wait. delta must be either datetime.timedelta or cron expression as str")


def round_time(dt: datetime, delta: timedelta, start_date: datetime | None = None) -> datetime:
    """The moment `start_date` plus a number of `delta` that is nearest to `dt`."""
    start = start_date or timezone.make_aware(datetime.min.replace(year=1970))
    return start + round((dt - start) / delta) * delta


def infer_time_unit(time_seconds_arr: Sequence[float]) -> str:
    """The unit in which durations read best."""
    longest = max(time_seconds_arr, default=0)
    if longest <= 60 * 2:
        return "seconds"
    return "minutes" if longest <= 60 * 60 * 2 else "hours" if longest <= 24 * 60 * 60 * 2 else "days"


def scale_time_units(time_seconds_arr: Sequence[float], unit: str) -> list[float]:
    return [seconds / _UNITS[unit] for seconds in time_seconds_arr]


def parse_execution_date(execution_date_str: str) -> Any:
    """A date from text."""
    return timezone.parse(execution_date_str)

"""Dates with zones for DAG authors, under the names of Airflow's `timezone` module."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, tzinfo
from typing import Any, overload
from zoneinfo import ZoneInfo

utc = UTC
_default: tzinfo = UTC


def use_default_timezone(name: str) -> None:
    """The zone of naive dates in the DAG files that are imported from now on; set before the import."""
    global _default
    _default = UTC if name == "UTC" else ZoneInfo(name)


def default_timezone() -> tzinfo:
    return _default


@overload
def coerce_datetime(value: None, tz: tzinfo | None = None) -> None: ...
@overload
def coerce_datetime(value: dt.datetime, tz: tzinfo | None = None) -> dt.datetime: ...
def coerce_datetime(value: dt.datetime | None, tz: tzinfo | None = None) -> dt.datetime | None:
    """An aware datetime: a naive one is in `tz`, or in the default zone. Raises TypeError for what is no datetime."""
    if value is None:
        return None
    if not isinstance(value, dt.datetime):
        raise TypeError(
            f"dates must be datetime objects, not {type(value).__name__} {value!r}; write datetime(2024, 1, 1)"
        )
    return value if value.tzinfo is not None else value.replace(tzinfo=tz or _default)


def is_naive(value: dt.datetime) -> bool:
    return value.utcoffset() is None


def is_localized(value: dt.datetime) -> bool:
    return not is_naive(value)


def make_aware(value: dt.datetime, timezone: tzinfo | None = None) -> dt.datetime:
    """A naive datetime put into a zone. Raises ValueError when it has one."""
    if is_localized(value):
        raise ValueError(f"make_aware expects a naive datetime, got {value}")
    return value.replace(tzinfo=timezone or _default)


def make_naive(value: dt.datetime, timezone: tzinfo | None = None) -> dt.datetime:
    """What the clock shows in a zone. Raises ValueError for a naive datetime."""
    if is_naive(value):
        raise ValueError("make_naive() cannot be applied to a naive datetime")
    return value.astimezone(timezone or _default).replace(tzinfo=None)


def convert_to_utc(value: dt.datetime | None) -> dt.datetime | None:
    return None if value is None else coerce_datetime(value).astimezone(UTC)


def datetime(*args: Any, **kwargs: Any) -> dt.datetime:
    """As `datetime.datetime`, aware: in the default zone unless `tzinfo` says otherwise."""
    kwargs.setdefault("tzinfo", _default)
    return dt.datetime(*args, **kwargs)


def utcnow() -> dt.datetime:
    return dt.datetime.now(UTC)


def parse(string: str, timezone: tzinfo | None = None, *, strict: bool = False) -> Any:
    """A pendulum DateTime from text."""
    import pendulum  # 70 ms: only where a file parses dates

    return pendulum.parse(string, tz=timezone or _default, strict=strict)

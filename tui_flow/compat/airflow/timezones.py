"""What `airflow.utils.timezone` has besides ours: moments and zones as Pendulum's."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any


def from_timestamp(timestamp: float, tz: str | tzinfo = "UTC") -> Any:
    """A Pendulum DateTime of seconds since 1970, in a zone; `local` is this machine's."""
    import pendulum  # 70 ms

    zone = pendulum.now().timezone if isinstance(tz, str) and tz.lower() == "local" else tz
    return pendulum.instance(datetime.fromtimestamp(timestamp, UTC)).in_timezone(zone)  # type: ignore[arg-type]


def local_timezone() -> Any:
    import pendulum

    return pendulum.now().timezone


def parse_timezone(name: str | int) -> Any:
    """A zone by its name, or by seconds east of UTC."""
    import pendulum

    return pendulum.timezone(name)


def utc_epoch() -> datetime:
    return datetime.fromtimestamp(0, UTC)

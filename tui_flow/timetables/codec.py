"""A timetable's field values as JSON and back: deltas, instants, tuples; plain values pass."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta, weekday  # type: ignore[import-untyped, unused-ignore]

Json = Any
"""A value that `json.dumps` accepts and gives back unchanged."""

RELATIVE_FIELDS = ("years", "months", "days", "leapdays", "hours", "minutes", "seconds", "microseconds")
ABSOLUTE_FIELDS = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def to_json(value: object) -> Json:
    match value:
        case timedelta():
            parts = {"days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}
            return {"timedelta": {name: part for name, part in parts.items() if part}}
        case relativedelta():
            return {"relativedelta": _relativedelta_to_json(value)}
        case datetime():
            return {"datetime": value.isoformat()}
        case tuple():
            return [to_json(item) for item in value]
        case _:
            return value


def from_json(value: Json) -> Any:
    match value:
        case {"timedelta": dict(parts)}:
            return timedelta(**parts)
        case {"relativedelta": dict(parts)}:
            day = parts.get("weekday")
            return relativedelta(**(parts if day is None else {**parts, "weekday": weekday(*day)}))
        case {"datetime": str(text)}:
            return datetime.fromisoformat(text)
        case list():
            return tuple(from_json(item) for item in value)
        case _:
            return value


def _relativedelta_to_json(delta: relativedelta) -> dict[str, Json]:
    parts: dict[str, Json] = {name: getattr(delta, name) for name in RELATIVE_FIELDS if getattr(delta, name)}
    parts |= {name: getattr(delta, name) for name in ABSOLUTE_FIELDS if getattr(delta, name) is not None}
    if delta.weekday is not None:
        parts["weekday"] = [delta.weekday.weekday, delta.weekday.n]
    return parts

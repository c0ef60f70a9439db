"""Instants as authors see them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any


def moment(value: Any) -> Any:
    """ISO text or a datetime as a pendulum DateTime in UTC; None stays None."""
    return None if value is None else _moment(value)


@lru_cache(maxsize=256)
def _moment(value: str | datetime) -> Any:
    import pendulum  # preloaded where tasks run; not wanted where DAGs are only defined

    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return pendulum.instance(parsed).in_timezone("UTC")

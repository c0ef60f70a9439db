"""Macros that are none of ours, such as those of Airflow's plugins: asked for where they are known, if at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_find: Callable[[str], Any] | None = None


def look_further(find: Callable[[str], Any]) -> None:
    """Have `find` asked for macros that are none of ours; it answers None for one that it does not know, either."""
    global _find
    _find = find


def found_elsewhere(name: str) -> Any:
    """A macro that is none of ours; None for an unknown one."""
    return None if _find is None or name.startswith("_") else _find(name)

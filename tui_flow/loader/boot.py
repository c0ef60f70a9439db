"""`@after_boot`: when the machine was started, and whether a run has been made for that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tui_flow.records import PlannedRun

_SAME_BOOT = timedelta(minutes=10)
"""The kernel derives the instant from the clock: it moves a little when that is set."""


def booted_at(stat: Path = Path("/proc/stat")) -> datetime:
    line = next(line for line in stat.read_text().splitlines() if line.startswith("btime "))
    return datetime.fromtimestamp(int(line.split()[1]), UTC)


def after_boot(booted: datetime, last: tuple[datetime, datetime] | None) -> tuple[PlannedRun, ...]:
    """The run for this start of the machine; nothing where the last run was for it. `last` is that one's interval."""
    is_made = last is not None and booted <= last[1] + _SAME_BOOT
    return () if is_made else (PlannedRun(booted, booted, booted),)

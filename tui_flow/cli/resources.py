"""What an attempt used, and how its process ended, in words."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any

from tui_flow import times
from tui_flow.cli.show import task_name
from tui_flow.records import TaskAttempt

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def size(number: int | None) -> str | None:
    """`20.0 MiB`; None stays None."""
    if number is None:
        return None
    value, unit = float(number), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{number} B" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def signal_name(number: int | None) -> str | None:
    if number is None:
        return None
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def used(attempt: TaskAttempt) -> dict[str, Any]:
    """As columns of a table."""
    return {
        "exit_code": attempt.exit_code,
        "signal": signal_name(attempt.signal),
        "cpu": f"{attempt.cpu_s:.2f}s" if attempt.cpu_s is not None else None,
        "memory": size(attempt.max_rss_bytes),
        "read": size(attempt.read_bytes),
        "written": size(attempt.write_bytes),
    }


def summary(attempt: TaskAttempt) -> str:
    """One line: `load, try 1: failed after 3.00s, exit code 1, 0.10s CPU, 20.0 MiB memory`."""
    words = used(attempt)
    ended = (
        f" after {times.lasting(attempt.ended_at - attempt.started_at)}"
        if attempt.ended_at and attempt.started_at
        else ""
    )
    parts = [
        f"{attempt.state}{ended}",
        f"exit code {attempt.exit_code}" if attempt.exit_code is not None else "",
        f"signal {words['signal']}" if attempt.signal else "",
        f"{words['cpu']} CPU" if words["cpu"] else "",
        f"{words['memory']} memory" if words["memory"] else "",
        f"{words['read']} read" if attempt.read_bytes else "",
        f"{words['written']} written" if attempt.write_bytes else "",
        attempt.reason or "",
    ]
    return f"{task_name(attempt.key)}, try {attempt.try_number}: {', '.join(part for part in parts if part)}"


def newest_of_try(attempts: Sequence[TaskAttempt], try_number: int) -> TaskAttempt | None:
    """A try has several where a sensor was rescheduled or a launch was void."""
    return next((attempt for attempt in reversed(attempts) if attempt.try_number == try_number), None)

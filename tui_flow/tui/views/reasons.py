"""In words why a task instance did not run, or waits: from how those before it ended, and what the planner says, with
times as they are told here and keys instead of commands. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from tui_flow.records import TaskInstance
from tui_flow.state import FAILED_TASK, TaskState
from tui_flow.tui.text import plain
from tui_flow.tui.views import spans

MOST_NAMED = 3
_INSTANT = re.compile(r"(?<= )\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+\d\d:\d\d")
"""Not the one at the end of a run's id."""
_ANSWER = re.compile(r"; `tuiflow answer [^`]*` gives it")


def in_words(reason: str, at: datetime, is_utc: bool) -> str:
    """What the planner says, as it is told on a screen; harmless."""
    told = _ANSWER.sub(": a answers", plain(reason))
    return _INSTANT.sub(lambda found: spans.second(datetime.fromisoformat(found[0]), at, is_utc), told)


def because_of(ti: TaskInstance, upstream: Mapping[str, TaskState | None]) -> str:
    """`upstream failed: extract failed`; its own reason where those before it do not say it; "" for what ran."""
    if ti.state not in (TaskState.UPSTREAM_FAILED, TaskState.SKIPPED):
        return ""
    wanted = FAILED_TASK if ti.state is TaskState.UPSTREAM_FAILED else {*FAILED_TASK, TaskState.SKIPPED}
    found = [f"{plain(name)} {_word(state)}" for name, state in upstream.items() if state in wanted]
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    why = ", ".join(found[:MOST_NAMED]) + more if found else plain(ti.reason or "")
    return f"{_word(ti.state)}: {why}" if why else _word(ti.state)


def _word(state: TaskState | None) -> str:
    return str(state).replace("_", " ")

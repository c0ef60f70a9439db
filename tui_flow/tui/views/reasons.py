"""In words why a task instance did not run, from how those before it ended. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tui_flow.records import TaskInstance
from tui_flow.state import FAILED_TASK, TaskState
from tui_flow.tui.text import plain

MOST_NAMED = 3


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

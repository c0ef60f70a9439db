"""The line over the log of the task under the cursor: which try, how long it took beside what is usual, how it ended,
and what it took of the machine. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tui_flow.records import TaskAttempt, TaskInstance
from tui_flow.state import TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import cut, plain, width_of
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import usual_said
from tui_flow.tui.views.tasks import TaskUse

LEAST_NAME = 10
WIDE = 100


def log_rule(
    ti: TaskInstance,
    attempt: TaskAttempt | None,
    use: TaskUse | None,
    usual_s: Sequence[float],
    look: Palette,
    at: datetime,
    width: int,
) -> str:
    """Where all of it does not fit, the name gives way first: the cursor is on it."""
    is_wide = width >= WIDE
    name = plain(ti.task_id) + (f"[{ti.map_index}]" if ti.map_index >= 0 else "")
    said = [_tries(ti, is_wide), took_said(ti, usual_s, at, is_wide)] if ti.try_number else ["has not started"]
    facts = "".join(f" · {word}" for word in said if word) + said_of_attempt(attempt, use) + " "
    lead = look.line("─ ") + ("log: " if is_wide else "")
    return lead + cut(name, max(width - width_of(lead + facts), LEAST_NAME)) + facts


def _tries(ti: TaskInstance, is_wide: bool) -> str:
    return f"try {ti.try_number}{' of ' if is_wide else '/'}{ti.max_tries + 1}"


def took_said(ti: TaskInstance, usual_s: Sequence[float], at: datetime, is_wide: bool = True) -> str:
    """`18m 20s, usual 6m 40s ± 12s`; what is usual is not said by this one alone."""
    if ti.started_at is None:
        return ""
    took = spans.short((ti.ended_at or at) - ti.started_at, ti.ended_at is not None)
    is_own = ti.state is TaskState.SUCCESS and len(usual_s) == 1
    return took if is_own or not usual_s else f"{took}, {usual_said(usual_s, is_wide)}"


def said_of_attempt(attempt: TaskAttempt | None, use: TaskUse | None) -> str:
    """How it ended, and what it took or takes."""
    said = []
    if attempt is not None and attempt.signal is not None:
        said.append(f"signal {attempt.signal}")
    elif attempt is not None and attempt.exit_code is not None:
        said.append(f"exit {attempt.exit_code}")
    if use is not None and use.cpu:
        said.append(f"cpu {use.cpu}")
    if use is not None and use.memory:
        said.append(f"mem {use.memory}")
    return "".join(f" · {word}" for word in said)


def legend(look: Palette, room: int) -> str:
    """What the two kinds of bars mean, as much of it as there is room for."""
    whole, short = look.line(" █ critical path  ▒ others "), look.line(" █ critical path ")
    return whole if width_of(whole) <= room else short if width_of(short) <= room else ""

"""What runs and waits now, with the reason, and what happened: runs that ended and what people did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tui_flow.records import DagRun, Event, TaskInstance, TaskInstanceKey
from tui_flow.state import RunState, TaskState
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.run_names import run_name


@dataclass(frozen=True, slots=True)
class Use:
    """What the processes of an attempt take now."""

    cpu_percent: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class ActivityModel:
    live: Sequence[tuple[DagRun, TaskInstance]]
    reasons: Mapping[TaskInstanceKey, str] = field(default_factory=dict)
    last_lines: Mapping[TaskInstanceKey, str] = field(default_factory=dict)
    uses: Mapping[TaskInstanceKey, Use] = field(default_factory=dict)
    ended: Sequence[DagRun] = ()
    """Newest first."""
    events: Sequence[Event] = ()
    """Newest first."""


class Kind(StrEnum):
    """Which events are shown."""

    ALL = "all"
    FAILURES = "failures"
    PEOPLE = "what people did"


def live_heading(width: int) -> str:
    w = _widths(width)
    return (
        f"   {fit('Since', 9)}{fit('DAG', w[0])} {fit('Task', w[1])} {fit('State', 15)}{'What it does, or waits for'}"
    )


def _widths(width: int) -> tuple[int, int]:
    return (22, 24) if width >= 110 else (14, 16)


def live_rows(model: ActivityModel, look: Palette, at: datetime, is_utc: bool, width: int) -> list[Row]:
    return [_live(model, run, ti, look, at, is_utc, width) for run, ti in model.live]


def _live(
    model: ActivityModel, run: DagRun, ti: TaskInstance, look: Palette, at: datetime, is_utc: bool, width: int
) -> Row:
    dag_width, task_width = _widths(width)
    since = ti.started_at if ti.state is TaskState.RUNNING else ti.queued_at or ti.started_at or run.started_at
    name = ti.task_id + (f"[{ti.map_index}]" if ti.map_index >= 0 else "")
    use = model.uses.get(ti.key)
    pieces: list[Piece] = [
        (look.glyph(ti.state) + " ", look.style(ti.state)),
        (fit(spans.clock(since, at, is_utc) if since else "", 9), DIM),
        (fit(plain(run.dag_id), dag_width) + " ", None),
        (fit(plain(name), task_width) + " ", BOLD),
        (fit(spans.short(at - since) if ti.state is TaskState.RUNNING and since else _word(ti.state), 15), None),
    ]
    if use is not None:
        pieces.append((f"cpu {use.cpu_percent:3.0f}%  mem {use.memory_bytes / 2**20:4.0f}M  ", DIM))
    doing = model.last_lines.get(ti.key) if ti.state is TaskState.RUNNING else model.reasons.get(ti.key)
    pieces.append((plain(doing or ""), None))
    return Row((run.dag_id, run.run_id, ti.task_id, ti.map_index), tuple(pieces))


def _word(state: TaskState) -> str:
    return str(state).replace("_", " ")


def event_rows(model: ActivityModel, kind: Kind, look: Palette, at: datetime, is_utc: bool) -> list[Row]:
    """Runs that ended and what people did, newest first."""
    found: list[tuple[datetime, Row]] = []
    if kind is not Kind.PEOPLE:
        wanted = [run for run in model.ended if kind is Kind.ALL or run.state is RunState.FAILED]
        found += [(run.ended_at or at, _ended(run, look, at, is_utc)) for run in wanted]
    if kind is not Kind.FAILURES:
        found += [(event.at, _done(event, at, is_utc)) for event in model.events]
    return [row for _, row in sorted(found, key=lambda item: item[0], reverse=True)]


def _ended(run: DagRun, look: Palette, at: datetime, is_utc: bool) -> Row:
    took = f" in {spans.short(run.ended_at - run.started_at)}" if run.ended_at and run.started_at else ""
    why = f" · {plain(run.reason)}" if run.reason and run.state is RunState.FAILED else ""
    pieces: tuple[Piece, ...] = (
        (fit(spans.clock(run.ended_at or at, at, is_utc), 12), DIM),
        (look.glyph(run.state) + "  ", look.style(run.state)),
        (fit(plain(run.dag_id), 24) + " ", None),
        (f"{run.run_type} run {spans.clock(run.run_after, at, is_utc)} {run.state}{took}{why}", None),
    )
    return Row((run.dag_id, run.run_id, "", -1), pieces)


def _done(event: Event, at: datetime, is_utc: bool) -> Row:
    run = run_name(event.run_id, is_utc) if event.run_id else None
    what = " ".join(str(word) for word in (event.verb.replace("_", " "), run, event.task_id) if word)
    pieces: tuple[Piece, ...] = (
        (fit(spans.clock(event.at, at, is_utc), 12), DIM),
        ("@  ", BOLD),
        (fit(plain(event.dag_id or ""), 24) + " ", None),
        (plain(f"{what} by {event.who or 'somebody'}"), None),
    )
    return Row(("event", event.id), pieces)

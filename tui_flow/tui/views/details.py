"""What is known of one cell of the grid: its run, its task instance, its last words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import wrap

from tui_flow.logs import LogLine
from tui_flow.records import DagRun, TaskAttempt, TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import TaskState
from tui_flow.tui.palette import BAD, BOLD, DIM, Palette
from tui_flow.tui.text import Piece, Row, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import median, took_s, usual_said
from tui_flow.tui.views.grid import GridRow
from tui_flow.tui.views.loglines import pieces_of
from tui_flow.tui.views.reasons import because_of
from tui_flow.tui.views.tasks import next_try

MOST_OF_REASON = 5
"""Lines that are given to why a task is in its state."""


@dataclass(frozen=True, slots=True)
class CellFacts:
    run: DagRun
    spec: DagSpec
    ti: TaskInstance | None = None
    attempt: TaskAttempt | None = None
    usual_s: tuple[float, ...] = ()
    """How long it took when it last went well, the newest first."""
    upstream: Mapping[str, TaskState] = field(default_factory=dict)
    lines: tuple[LogLine, ...] = ()
    instances: int = 1
    reasons: tuple[str, ...] = ()
    """Why it waits, and until when."""


Line = tuple[Piece, ...]


def cell_lines(facts: CellFacts, row: GridRow, look: Palette, at: datetime, is_utc: bool, width: int) -> list[Row]:
    lines: list[Line] = [*_run(facts.run, look, at, is_utc)]
    if row.is_group:
        lines += [(), ((f"group {plain(row.label)}", BOLD),), ((f"{len(row.members)} tasks; enter unfolds it", None),)]
    elif facts.ti is not None:
        lines += [(), ((f"task {plain(row.label)}", BOLD),), *_task(facts, facts.ti, look, at, is_utc, width)]
        if facts.lines:
            lines += [(), (("last lines", DIM),), *(pieces_of(line, is_utc) for line in facts.lines)]
    return [Row(index, line, can_select=False) for index, line in enumerate(lines)]


def cell_summary(facts: CellFacts, row: GridRow, look: Palette, at: datetime, is_utc: bool) -> list[Row]:
    """In three lines at most: the cell, why it waits or failed, the last line of its log."""
    run, ti = facts.run, facts.ti
    date = f"  {spans.minute(run.run_after, is_utc)}"
    if ti is None:
        what = f"group of {len(row.members)} tasks; enter unfolds it" if row.is_group else "not in this run"
        return [Row(0, ((f" {plain(row.label)}{date}  {what}", None),), can_select=False)]
    tries = f"  try {ti.try_number}/{ti.max_tries + 1}" if ti.try_number else ""
    usual = f" (usual {spans.short_s(median(facts.usual_s))})" if facts.usual_s else ""
    took = f"  {spans.short(ti.ended_at - ti.started_at)}{usual}" if ti.started_at and ti.ended_at else ""
    lines: list[Line] = [
        (
            (f" {look.glyph(ti.state)} ", look.style(ti.state)),
            (plain(row.label), BOLD),
            (f"{date}{tries}{_how(facts.attempt).replace(' · ', '  ')}{took}", None),
            (f"  {next_try(ti, at)}", BOLD),
        )
    ]
    reason = _reason(facts, ti)
    lines += [((f"   {plain(why)}", None),) for why in facts.reasons or ((reason,) if reason else ())]
    lines += [((" ", None), *pieces_of(line, is_utc)) for line in facts.lines[-1:]]
    return [Row(index, line, can_select=False) for index, line in enumerate(lines[:3])]


def _run(run: DagRun, look: Palette, at: datetime, is_utc: bool) -> list[Line]:
    took = took_s(run, at)
    span = f" · {'took' if run.ended_at else 'for'} {spans.short_s(took)}" if took is not None else ""
    lines: list[Line] = [
        ((f"run  {run.run_type} {spans.minute(run.run_after, is_utc)}", BOLD),),
        ((f"{look.glyph(run.state)} {run.state}", look.style(run.state)), (span, None)),
    ]
    if run.data_interval_start and run.data_interval_end and run.data_interval_start != run.data_interval_end:
        start, end = (spans.minute(date, is_utc) for date in (run.data_interval_start, run.data_interval_end))
        lines.append(((f"covers {start} to {end}", DIM),))
    if run.conf:
        lines.append(((f"conf {plain(dict(run.conf))}", None),))
    if run.note:
        lines.append(((f"note: {plain(run.note)}", None),))
    return lines


def _task(facts: CellFacts, ti: TaskInstance, look: Palette, at: datetime, is_utc: bool, width: int) -> list[Line]:
    attempt, task = facts.attempt, facts.spec.by_id.get(ti.task_id)
    tries = f" · try {ti.try_number} of {ti.max_tries + 1}" if ti.try_number else ""
    how = _how(attempt)
    lines: list[Line] = [((f"{look.glyph(ti.state)} {ti.state}", look.style(ti.state)), (tries + how, None))]
    if coming := next_try(ti, at):
        lines.append(((coming, BOLD),))
    if facts.instances > 1:
        lines.append(((f"one of {facts.instances} instances: [{ti.map_index}]", DIM),))
    if ti.started_at is not None:
        end = spans.stamp(ti.ended_at, is_utc)[11:] if ti.ended_at else "now"
        lines.append(((f"{spans.stamp(ti.started_at, is_utc)[11:]} to {end}{_took(ti)}", None),))
    if facts.usual_s:
        lines.append(((usual_said(facts.usual_s), DIM),))
    if attempt is not None and attempt.cpu_s is not None:
        memory = f"  memory {attempt.max_rss_bytes / 2**20:.0f} MiB" if attempt.max_rss_bytes else ""
        lines.append(((f"cpu {attempt.cpu_s:.1f}s{memory}", DIM),))
    if task is not None:
        lines.append(((f"pool {plain(task.pool)} · {task.pool_slots} slot{'s' * (task.pool_slots > 1)}", DIM),))
    if facts.upstream:
        lines.append(_waits(facts.upstream, look))
    lines += [((line, None),) for why in facts.reasons for line in wrap(plain(why), width)]
    reason = _reason(facts, ti)
    if reason and not facts.reasons:
        style = BAD if ti.state is TaskState.FAILED else None
        lines += [((text, style),) for text in wrap(plain(reason), width)[:MOST_OF_REASON]]
    return lines


def _how(attempt: TaskAttempt | None) -> str:
    if attempt is None:
        return ""
    if attempt.signal is not None:
        return f" · signal {attempt.signal}"
    return f" · exit {attempt.exit_code}" if attempt.exit_code is not None else ""


def _reason(facts: CellFacts, ti: TaskInstance) -> str | None:
    return because_of(ti, facts.upstream) or ti.reason or (facts.attempt.reason if facts.attempt else None)


def _took(ti: TaskInstance) -> str:
    if ti.started_at is None or ti.ended_at is None:
        return ""
    return f"  ({spans.short(ti.ended_at - ti.started_at)})"


def _waits(upstream: Mapping[str, TaskState], look: Palette) -> Line:
    pieces: list[Piece] = [("waits for ", DIM)]
    for task_id, state in list(upstream.items())[:6]:
        pieces += [(plain(task_id) + " ", None), (look.glyph(state) + "  ", look.style(state))]
    return tuple(pieces)

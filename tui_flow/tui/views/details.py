"""What is known of one cell of the grid: its run, its task instance, its last words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import wrap

from tui_flow.logs import LogLine
from tui_flow.records import DagRun, TaskAttempt, TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import TaskState
from tui_flow.tui.palette import BAD, BOLD, DIM, Palette
from tui_flow.tui.text import Piece, Row, pieces_width, plain, width_of
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import median, took_s, usual_said
from tui_flow.tui.views.grid import GridRow
from tui_flow.tui.views.loglines import pieces_of
from tui_flow.tui.views.reasons import because_of, in_words
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
    downstream: Mapping[str, TaskState] = field(default_factory=dict)
    lines: tuple[LogLine, ...] = ()
    counts: Counter[TaskState] = field(default_factory=Counter)
    """Instances by state; of a group, of all its tasks."""
    reasons: tuple[str, ...] = ()
    """Why it waits, and until when."""
    version: int | None = None
    """Which version of the DAG the run has; None: there is only one."""


Line = tuple[Piece, ...]


def cell_lines(
    facts: CellFacts, row: GridRow, look: Palette, at: datetime, is_utc: bool, width: int, height: int = 100
) -> list[Row]:
    """In at most `height` lines, of the log as many of the last ones as there is room for."""
    lines: list[Line] = [*_run(facts, look, at, is_utc), ()]
    if row.is_group:
        lines += [((f"group {plain(row.label)}", BOLD),), ((f"{len(row.members)} tasks; enter unfolds it", None),)]
    if row.is_group or facts.counts.total() > 1:
        lines += [((line, None),) for line in wrap(_counted(facts.counts), width)]
    if facts.ti is None and not row.is_group:
        lines.append(((f"task {plain(row.label)} is not in this run", DIM),))
    elif facts.ti is not None:
        name = plain(facts.ti.task_id) if row.is_group else plain(row.label)
        lines += [((f"task {name}", BOLD),), *_task(facts, facts.ti, look, at, is_utc, width)]
        said = [part for line in facts.lines for part in _broken(pieces_of(line, is_utc), width)]
        if room := max(height - len(lines) - 2, 0):
            lines += [(), (("last lines", DIM),), *said[-room:]] if said else []
    return [Row(index, line, can_select=False) for index, line in enumerate(lines[:height])]


def _counted(counts: Counter[TaskState]) -> str:
    words = {state: "not yet" if state is TaskState.NONE else str(state).replace("_", " ") for state in counts}
    return ", ".join(f"{count} {words[state]}" for state, count in counts.most_common())


def _broken(pieces: Line, width: int) -> list[Line]:
    """A line of a log; what does not fit goes on below it."""
    *lead, (text, style) = pieces
    first = max(width - pieces_width(lead), 8)
    if width_of(text) <= first:
        return [tuple(pieces)]
    head, *rest = wrap(text, first, drop_whitespace=False) or [""]
    more = wrap("".join(rest), max(width - 2, 8)) if rest else []
    return [(*lead, (head, style)), *(((f"  {part}", style),) for part in more)]


def cell_summary(facts: CellFacts, row: GridRow, look: Palette, at: datetime, is_utc: bool) -> list[Row]:
    """In three lines at most: the cell, why it waits or failed, the last line of its log."""
    run, ti = facts.run, facts.ti
    date = f"  {spans.minute(run.run_after, is_utc)}"
    if ti is None:
        tasks = f"group of {len(row.members)} tasks: {_counted(facts.counts)}; enter unfolds it"
        what = tasks if row.is_group else "not in this run"
        return [Row(0, ((f" {plain(row.label)}{date}  {what}", None),), can_select=False)]
    tries = f"  try {ti.try_number}/{ti.max_tries + 1}" if ti.try_number else ""
    usual = f" (usual {spans.short_s(median(facts.usual_s))})" if facts.usual_s else ""
    took = f"  {spans.short(ti.ended_at - ti.started_at)}{usual}" if ti.started_at and ti.ended_at else ""
    lines: list[Line] = [
        (
            (f" {look.glyph(ti.state)} ", look.style(ti.state)),
            (plain(ti.task_id if row.is_group else row.label), BOLD),
            (f"{date}{tries}{_how(facts.attempt).replace(' · ', '  ')}{took}", None),
            (f"  {next_try(ti, at)}", BOLD),
        )
    ]
    reason = _reason(facts, ti)
    told = [in_words(why, at, is_utc) for why in facts.reasons] or ([plain(reason)] if reason else [])
    lines += [((f"   {why}", None),) for why in told]
    lines += [((" ", None), *pieces_of(line, is_utc)) for line in facts.lines[-1:]]
    return [Row(index, line, can_select=False) for index, line in enumerate(lines[:3])]


def _run(facts: CellFacts, look: Palette, at: datetime, is_utc: bool) -> list[Line]:
    run = facts.run
    took = took_s(run, at)
    span = (
        f" · {'took' if run.ended_at else 'for'} {spans.short_s(took, run.ended_at is not None)}"
        if took is not None
        else ""
    )
    lines: list[Line] = [
        ((f"run  {run.run_type} {spans.minute(run.run_after, is_utc)}", BOLD),),
        ((f"{look.glyph(run.state)} {run.state}", look.style(run.state)), (span, None)),
    ]
    if run.data_interval_start and run.data_interval_end and run.data_interval_start != run.data_interval_end:
        start, end = (spans.minute(date, is_utc) for date in (run.data_interval_start, run.data_interval_end))
        lines.append(((f"covers {start} to {end}", DIM),))
    known = [f"conf {plain(json.dumps(dict(run.conf)))}"] if run.conf else []
    known += [f"DAG version {facts.version}"] if facts.version is not None else []
    if known:
        lines.append(((" · ".join(known), None),))
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
    if ti.map_index >= 0:
        lines.append(((f"this is its instance [{ti.map_index}]", DIM),))
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
    for word, near in (("waits for ", facts.upstream), ("feeds ", facts.downstream)):
        lines += [_near(word, near, look)] if near else []
    lines += [((line, None),) for why in facts.reasons for line in wrap(in_words(why, at, is_utc), width)]
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


def _near(word: str, tasks: Mapping[str, TaskState], look: Palette) -> Line:
    pieces: list[Piece] = [(word, DIM)]
    for task_id, state in list(tasks.items())[:6]:
        pieces += [(plain(task_id) + " ", None), (look.glyph(state) + "  ", look.style(state))]
    return (*pieces, (f"and {len(tasks) - 6} more", DIM)) if len(tasks) > 6 else tuple(pieces)

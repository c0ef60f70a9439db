"""How long a DAG's runs and tasks take: a chart over the runs, a month of them, a line for each task. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_flow.records import DagRun
from tui_flow.state import RunState
from tui_flow.store.read_history import TaskPast
from tui_flow.tui.palette import BAD, BOLD, DIM, GOOD, Palette
from tui_flow.tui.text import Piece, Row, columns, fit_pieces, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import LEVELS, median, scaled, took_s, was_due
from tui_flow.tui.views.month import Month, month_legend, month_rows

CALENDAR = 32
"""Cells for a month."""
SPARK = 20
Line = Sequence[Piece]


@dataclass(frozen=True, slots=True)
class StatsModel:
    runs: Sequence[DagRun]
    """The newest, the newest first."""
    month: Month
    tasks: Sequence[TaskPast] = ()
    """A task in a run each, the oldest run first."""


def stats_rows(model: StatsModel, look: Palette, at: datetime, is_utc: bool, width: int) -> list[Row]:
    is_wide = width >= 76
    room = width - CALENDAR if is_wide else width
    left = [*_runs(model, look, at, room), (("", None),), *_landing(model, look, room)]
    month = [row.pieces for row in month_rows(model.month, look, at, is_utc)] + [((f"  {month_legend(look)}", DIM),)]
    lines = _beside(left, month, room) if is_wide else [*left, (("", None),), *month]
    lines += [(("", None),), _task_heading(width), *_tasks(model, look, width)]
    return [Row(index, tuple(line)) for index, line in enumerate(lines)]


def _beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    found: list[Line] = []
    for index in range(max(len(left), len(right))):
        one = left[index] if index < len(left) else (("", None),)
        other = right[index] if index < len(right) else ()
        found.append([*fit_pieces(one, width), *other])
    return found


# -- runs


def _runs(model: StatsModel, look: Palette, at: datetime, width: int) -> list[Line]:
    shown = [run for run in reversed(model.runs) if run.ended_at is not None][-(width - 12) :]
    took = [took_s(run, at) or 0.0 for run in shown]
    good = [s for run, s in zip(shown, took, strict=True) if run.state is RunState.SUCCESS]
    bad = [run.state is RunState.FAILED for run in shown]
    failed = f" · {sum(bad)} of {len(shown)} failed" if any(bad) else ""
    usual = f"usual {spans.short_s(median(good))}" if good else "none went well yet"
    title: Line = ((" Took  ", BOLD), (f"{usual}{failed}", None))
    return [title, *_chart(took, bad, 4, look)]


def _landing(model: StatsModel, look: Palette, width: int) -> list[Line]:
    good = [run for run in reversed(model.runs) if was_due(run)]
    late = [(run.ended_at - run.run_after).total_seconds() for run in good if run.ended_at][-(width - 12) :]
    usual = f"usual {spans.short_s(median(late))} after they were due" if late else "none went well yet"
    return [((" Landed  ", BOLD), (usual, None)), *_chart(late, [False] * len(late), 3, look)]


def _chart(values: Sequence[float], bad: Sequence[bool], height: int, look: Palette) -> list[Line]:
    """Columns from 0 to the largest value, whose name stands at the top; runs that failed in their own colour."""
    top = max(values, default=0.0)
    lines: list[Line] = []
    for line in range(height, 0, -1):
        label = spans.short_s(top) if line == height and values else ""
        pieces: list[Piece] = [(f"{label:>9} ", DIM), (look.line("│"), DIM)]
        for value, is_bad in zip(values, bad, strict=True):
            filled = value / top * height if top > 0 else 0.0
            pieces.append((look.line(_cell(filled - (line - 1), is_lowest=line == 1)), BAD if is_bad else GOOD))
        lines.append(pieces)
    return lines


def _cell(filled: float, is_lowest: bool) -> str:
    """One cell of a column that is filled so far: below 0 not at all, from 1 on wholly."""
    if filled <= 0:
        return LEVELS[0] if is_lowest else " "
    return LEVELS[min(7, max(0, round(filled * 8) - 1))]


# -- tasks


@dataclass(frozen=True, slots=True)
class _Task:
    task_id: str
    took: Sequence[float]
    """When it went well, the oldest first."""
    failed: int
    runs: int
    tries: int
    """The most in one run."""


def _gathered(pasts: Sequence[TaskPast]) -> list[_Task]:
    by_task: dict[str, list[TaskPast]] = {}
    for past in pasts:
        by_task.setdefault(past.task_id, []).append(past)
    found = [
        _Task(
            task_id,
            [past.took_s for past in some if past.took_s is not None and not past.has_failed],
            sum(past.has_failed for past in some),
            len(some),
            max(past.tries for past in some),
        )
        for task_id, some in by_task.items()
    ]
    return sorted(found, key=lambda task: -median(task.took))


def _task_heading(width: int) -> Line:
    titles = ("Task, longest first", "Usual", "Longest", "Failed", "Tries", "Newest")
    return [(" ", None), *((text, DIM) for text, _ in _columns([(title, None) for title in titles], width))]


def _columns(pieces: Sequence[Piece], width: int) -> Sequence[Piece]:
    """Of the six things that are said of a task; in little room five."""
    is_wide = width >= 76
    spark = SPARK if is_wide else SPARK // 2
    sizes = (max(min(width - (36 if is_wide else 27) - spark, 48), 10), 8, 8 if is_wide else 0, 7, 5, spark)
    return columns([(text, style, size) for (text, style), size in zip(pieces, sizes, strict=True) if size])


def _tasks(model: StatsModel, look: Palette, width: int) -> list[Line]:
    return [_task(task, look, width) for task in _gathered(model.tasks)]


def _task(task: _Task, look: Palette, width: int) -> Line:
    usual = spans.short_s(median(task.took)) if task.took else "-"
    longest = spans.short_s(max(task.took)) if task.took else "-"
    failed = f"{task.failed}/{task.runs}" if task.failed else "-"
    bars = look.line(scaled(task.took[-SPARK if width >= 76 else -SPARK // 2 :]))
    said: list[Piece] = [
        (plain(task.task_id), None),
        (usual, BOLD),
        (longest, None),
        (failed, BAD if task.failed else DIM),
        (str(task.tries), None if task.tries > 1 else DIM),
        (bars, GOOD),
    ]
    return [(" ", None), *_columns(said, width)]

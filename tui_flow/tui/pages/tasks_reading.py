"""What the Tasks tab of a run reads: its tasks, of the mapped ones those instances that say most, and what is known of
the line under the cursor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_flow.actions.reasons import reasons
from tui_flow.logs import LogLine
from tui_flow.records import DagRun, TaskAttempt, TaskInstance, TaskInstanceKey
from tui_flow.settings import Home, load_settings
from tui_flow.spec import DagSpec
from tui_flow.state import FINISHED_TASK, RunState, TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui.logtail import log_tail
from tui_flow.tui.pages.grid_reading import Outlines
from tui_flow.tui.places import Place
from tui_flow.tui.uses import Meter
from tui_flow.tui.views.run_course import course_of
from tui_flow.tui.views.run_names import about_run
from tui_flow.tui.views.tasks import RunModel, TaskLine, TaskUse, task_lines

MOST_ATTEMPTS = 1000
"""So many of a run are looked at for what they took."""
MOST_REASONS = 40
"""Waiting tasks for which it is worked out why they wait: those near the cursor."""
MOST_INSTANCES = 2000
"""A run with more is not read whole."""
MOST_USUAL = 500
"""Tasks of which it is read how long they usually take."""
MOST_OF_A_TASK = 200
"""Of a task of such a run so many instances are read: those that failed first, then those that have not ended."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one read is to bring."""

    place: Place
    folded: frozenset[str] | None
    """None: as the DAG is folded at first."""
    opened: frozenset[str] = frozenset()
    """Mapped tasks whose instances are listed."""
    cursor: object = None


@dataclass(frozen=True, slots=True)
class AtCursor:
    """What is known of the line under the cursor."""

    attempt: TaskAttempt | None = None
    log: Sequence[LogLine] = ()
    usual_s: Sequence[float] = ()


def load_run(
    reader: Reader, home: Home, wanted: Wanted, at: datetime, meter: Meter, outlines: Outlines
) -> tuple[RunModel, Sequence[TaskInstance]] | None:
    """None for a run that is gone."""
    run = reader.run(wanted.place.dag_id, wanted.place.run_id)
    if run is None:
        return None
    spec = reader.spec(run.dag_id, run.spec_version)
    counts = reader.task_counts([run.id])[run.id]
    is_small = counts.total() <= MOST_INSTANCES
    tis = reader.task_instances(run.id) if is_small else reader.telling_instances(run.id, MOST_OF_A_TASK)
    totals = {} if is_small else _totals(reader, run.id, [task.task_id for task in spec.tasks])
    lines = task_lines(outlines.rows(spec, (), wanted.folded), tis, wanted.opened, totals)
    line = next((line for line in lines if line.key == wanted.cursor), lines[0] if lines else None)
    here = load_line(reader, home, run, line)
    usual_s = _usual(reader, run, spec) if run.state is RunState.RUNNING else {}
    model = RunModel(
        run,
        spec,
        lines,
        counts,
        _reasons(reader, home, run, lines, line, at),
        course_of(run, spec, tis, usual_s, at),
        here.attempt,
        here.log,
        here.usual_s,
        _uses(reader, run, meter),
    )
    return model, tis


def _usual(reader: Reader, run: DagRun, spec: DagSpec) -> dict[str, list[float]]:
    return reader.usual_durations(run.dag_id, [task.task_id for task in spec.tasks[:MOST_USUAL]])


def _totals(reader: Reader, run: int, task_ids: Sequence[str]) -> dict[str, Counter[TaskState]]:
    return {task_id: found for (_, task_id), found in reader.grid_cells([run], task_ids).items()}


def load_line(reader: Reader, home: Home, run: DagRun, line: TaskLine | None) -> AtCursor:
    if line is None or line.ti is None:
        return AtCursor()
    task_id = line.ti.task_id
    usual_s = reader.usual_durations(run.dag_id, [task_id])[task_id]
    return AtCursor(reader.last_attempt(line.ti), log_tail(home, run, line.ti, 40), usual_s)


def _uses(reader: Reader, run: DagRun, meter: Meter) -> dict[TaskInstanceKey, TaskUse]:
    """Of the newest attempts of a run."""
    found: dict[TaskInstanceKey, TaskUse] = {}
    for attempt in reader.newest_attempts(run.id, MOST_ATTEMPTS):
        found.setdefault(attempt.key, TaskUse(attempt.cpu_s, None, attempt.max_rss_bytes))
    pids = {attempt.key: attempt.pid for attempt in reader.active_attempts(run.id) if attempt.pid}
    now = meter.look(pids.values())
    return found | {
        key: TaskUse(None, now[pid].cpu_percent, now[pid].memory_bytes) for key, pid in pids.items() if pid in now
    }


def _reasons(
    reader: Reader, home: Home, run: DagRun, lines: Sequence[TaskLine], cursor: TaskLine | None, at: datetime
) -> dict[TaskInstanceKey, str]:
    """Why the waiting tasks near the cursor wait."""
    if run.ended_at is not None:
        return {}
    waiting = [line for line in lines if line.ti and line.state not in FINISHED_TASK and not _runs(line)]
    middle = next((index for index, line in enumerate(waiting) if line is cursor), 0)
    near = waiting[max(middle - MOST_REASONS // 2, 0) :][:MOST_REASONS]
    parallelism = load_settings(home).core.parallelism
    found = {line.ti.key: reasons(reader, run, line.ti, at, parallelism) for line in near if line.ti}
    return {key: about_run(run.run_id, "; ".join(why)) for key, why in found.items()}


def _runs(line: TaskLine) -> bool:
    return line.ti is not None and line.ti.started_at is not None and line.ti.ended_at is None and not line.ti.due_at

"""Why a task instance stands as it does: every condition that is not met, in words, or what happened in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tui_flow.mapping import related_indexes
from tui_flow.planner.board import Board
from tui_flow.planner.cells import Cell
from tui_flow.planner.runs import runs_allowed
from tui_flow.planner.settle import is_outside_dates, verdict
from tui_flow.planner.slots import Limit
from tui_flow.records import Backfill, DagRun, TaskAttempt, TaskInstance, TaskInstanceKey
from tui_flow.spec import DagSpec
from tui_flow.state import FAILED_TASK, FINISHED_RUN, FINISHED_TASK, OCCUPIED_TASK, RunState, RunType, TaskState

T = TaskState
LONG_S = 120
"""From here on a wait is told in hours and minutes."""
NAMED = 5
"""Of many task instances or runs so many are named."""
NOTHING_STOPS_IT = "nothing stops it: a scheduler starts it at once; `tuiflow status` says whether one is up"


def explain(
    board: Board,
    spec: DagSpec,
    run: DagRun,
    ti: TaskInstance,
    now: datetime,
    *,
    is_paused: bool = False,
    active_runs: Sequence[str] = (),
    backfill: Backfill | None = None,
    last_attempt: TaskAttempt | None = None,
) -> tuple[str, ...]:
    """One line each. The board holds all running runs; `active_runs` are ids of the DAG's running ones that share the
    limit of this run; `backfill` is the run's; `last_attempt` is the newest attempt of the task instance."""
    if ti.state in FINISHED_TASK:
        return (_what_happened(board, ti, last_attempt),)
    if ti.state in OCCUPIED_TASK:
        return tuple(_alive(ti, last_attempt))
    lines = [*_of_run(spec, run, is_paused, active_runs, backfill), *_of_wait(spec.dag_id, ti, now)]
    cell = board.cell(ti.key)
    if cell is not None and cell.state is T.NONE and run.state is RunState.RUNNING:
        lines += _of_dependencies(cell)
    elif cell is not None and cell.state is T.SCHEDULED:
        lines += _of_limits(board, cell)
    return tuple(lines) or (NOTHING_STOPS_IT,)


def _of_run(
    spec: DagSpec, run: DagRun, is_paused: bool, active_runs: Sequence[str], backfill: Backfill | None
) -> list[str]:
    lines = []
    if is_paused and run.run_type is not RunType.MANUAL:
        lines.append(f"DAG {spec.dag_id!r} is paused; `tuiflow unpause {spec.dag_id}` lets it go on")
    if run.state is RunState.QUEUED:
        lines.append(f"run {run.run_id} is queued{_why_queued(spec, run, active_runs, backfill)}")
    if run.state in FINISHED_RUN:
        lines.append(f"run {run.run_id} has ended as {run.state}; `tuiflow clear` lets tasks of it run again")
    return lines


def _why_queued(spec: DagSpec, run: DagRun, active_runs: Sequence[str], backfill: Backfill | None) -> str:
    if backfill is not None and backfill.is_paused:
        return f": backfill {backfill.id} is paused; `tuiflow backfills resume {backfill.id}` lets it go on"
    limit = runs_allowed(spec, run, False, backfill)
    if len(active_runs) < limit:
        return ""
    whose = f"of backfill {backfill.id} " if backfill is not None else ""
    return f": {len(active_runs)} of {limit} runs {whose}are active (max_active_runs): {_some(active_runs)}"


def _of_wait(dag_id: str, ti: TaskInstance, now: datetime) -> list[str]:
    match ti.state:
        case T.UP_FOR_RETRY:
            words = f"try {ti.try_number} of {ti.max_tries + 1} failed{_because(ti.reason)}; the next one starts"
        case T.UP_FOR_RESCHEDULE:
            pokes = _count(ti.poke_count, "poke")
            words = f"the sensor's condition does not hold yet after {pokes}; the next one is"
        case T.DEFERRED:
            words = f"it waits for {_trigger(ti)}" + (", whose time is up" if ti.due_at else "")
        case T.AWAITING_INPUT:
            words = "it waits for a person's answer" + (", whose time is up" if ti.due_at else "")
        case _:
            return []
    how = f"; `tuiflow answer {dag_id} {ti.task_id}` gives it" if ti.state is T.AWAITING_INPUT else ""
    return [words + (f" {_when(ti.due_at, now)}" if ti.due_at else "") + how]


def _trigger(ti: TaskInstance) -> str:
    """What a deferred task instance waits for, by the name of its class."""
    path = ti.resume.get("trigger") if isinstance(ti.resume, Mapping) else None
    return f"its trigger {str(path).rpartition('.')[2]}" if path else "a trigger"


def _of_dependencies(cell: Cell) -> list[str]:
    task, run = cell.task.spec, cell.run
    if is_outside_dates(task, run.run):
        return [f"the run's logical date is outside the task's dates: {task.start_date} to {task.end_date}"]
    lines = []
    if waiting := _unfinished(cell, task.upstream):
        lines.append(f"trigger rule {task.trigger_rule}: waits for {_some(waiting)}")
    setups = [other for other in run.cells if cell.key.task_id in _watchers(cell, other) and other not in task.upstream]
    if waiting := _unfinished(cell, setups):
        lines.append(f"waits for its setups: {_some(waiting)}")
    if unmet := run.unmet_past(cell):
        lines.append(unmet)
    return lines if verdict(cell)[0] is T.NONE else []


def _watchers(cell: Cell, task_id: str) -> tuple[str, ...]:
    shape = cell.run.shape.tasks.get(task_id)
    return shape.setup_watchers if shape else ()


def _unfinished(cell: Cell, task_ids: tuple[str, ...] | list[str]) -> list[str]:
    return _named(cell, task_ids, frozenset(T) - FINISHED_TASK)


def _named(cell: Cell, task_ids: Iterable[str], states: Collection[TaskState]) -> list[str]:
    """The task instances that it waits for which are in these states; many of a mapped task are counted."""
    found = []
    for task_id in task_ids:
        others = [other for other in _own_upstream(cell, task_id) if other.state in states]
        if len(others) > NAMED:
            counts = Counter(other.state for other in others)
            found.append(f"{task_id} ({', '.join(f'{count:,} {state}' for state, count in counts.items())})")
        else:
            found += [f"{task_name(other.key)} ({other.state})" for other in others]
    return found


def _own_upstream(cell: Cell, task_id: str) -> list[Cell]:
    """Of a task in the same mapped group only what belongs to its index."""
    others = cell.run.cells.get(task_id, [])
    if len(others) < 2:
        return others
    part = related_indexes(cell.key.map_index, cell.task.levels, others[0].task.levels, cell.run.lengths)
    return others if part is None else [other for other in others if other.key.map_index in part]


def task_name(key: TaskInstanceKey) -> str:
    return key.task_id if key.map_index < 0 else f"{key.task_id}[{key.map_index}]"


def _of_limits(board: Board, cell: Cell) -> list[str]:
    lines = []
    gate = cell.run.gate
    for limit, need in ((board.slots.total, 1), *cell.queue.needs):
        if limit is gate or limit.has_room(need):
            continue
        if limit.size == 0:
            pool = cell.task.spec.pool
            is_missing = limit is board.limits.pool(pool) and pool not in board.limits.known_pools
            missing = f"does not exist; `tuiflow pools set {pool} SLOTS` makes it"
            lines.append(f"{limit.name} {missing if is_missing else 'has no slots'}")
        elif need > limit.size:
            lines.append(f"{limit.name} has {_count(limit.size, 'slot')} in all, and the task needs {need}")
        else:
            full = f"{limit.name} is full: {limit.occupied} of {_count(limit.size, 'slot')} used, {need} needed"
            lines.append(f"{full}; by {_some(_holders(board, limit, cell))}")
    return lines


def _holders(board: Board, limit: Limit[Cell], asked: Cell) -> list[str]:
    """Who occupies a limit: task and run, and the DAG where it is another."""
    holding = OCCUPIED_TASK | {T.DEFERRED} if limit.include_deferred else OCCUPIED_TASK
    found = []
    for other in (cell for each in board.runs.values() for cell in each.by_key.values()):
        if other.state in holding and (
            limit is board.slots.total or any(limit is each for each, _ in other.queue.needs)
        ):
            run = other.run.run
            dag = f"{run.dag_id}." if run.dag_id != asked.run.run.dag_id else ""
            index = f"[{other.key.map_index}]" if other.key.map_index >= 0 else ""
            found.append(f"{dag}{other.key.task_id}{index} in {run.run_id}")
    return found


def _some(words: Sequence[str]) -> str:
    """All of a few; of many the first ones, and how many more."""
    if len(words) <= NAMED + 1:
        return ", ".join(words)
    return f"{', '.join(words[:NAMED])} and {len(words) - NAMED} others"


def _alive(ti: TaskInstance, attempt: TaskAttempt | None) -> list[str]:
    tried = f"try {ti.try_number} of {ti.max_tries + 1}"
    since = ti.started_at if ti.state is not T.QUEUED else ti.queued_at
    lines = [f"{ti.state}: {tried}" + (f" since {since.isoformat(timespec='seconds')}" if since else "")]
    if ti.after_kill is not None:
        why = attempt.kill_reason if attempt and attempt.kill_reason else "killed"
        lines.append(f"its attempt is being ended ({why}); it becomes {ti.after_kill} then")
    return lines


def _what_happened(board: Board, ti: TaskInstance, attempt: TaskAttempt | None) -> str:
    if ti.state is T.UPSTREAM_FAILED and (cell := board.cell(ti.key)):
        failed = _named(cell, cell.task.spec.upstream, FAILED_TASK)
        if failed:
            return f"{ti.state}: {_some(failed)} did not succeed"
    if ti.state in (T.SUCCESS, T.FAILED) and ti.try_number:
        tries = f"after {ti.try_number} tries" if ti.try_number > 1 else "at the first try"
        how = _how_it_ended(attempt) if ti.state is T.FAILED else ""
        return f"{ti.state}{how or _because(ti.reason)} {tries}"
    return f"{ti.state}{_because(ti.reason)}"


def _how_it_ended(attempt: TaskAttempt | None) -> str:
    if attempt is None:
        return ""
    if attempt.reason:
        return _because(attempt.reason)
    if attempt.signal:
        return f": signal {attempt.signal}"
    return f": exit code {attempt.exit_code}" if attempt.exit_code else ""


def _because(reason: str | None) -> str:
    return f": {reason}" if reason else ""


def _count(number: int, thing: str) -> str:
    return f"1 {thing}" if number == 1 else f"{number:,} {thing}s"


def _when(due_at: datetime, now: datetime) -> str:
    left = int((due_at - now).total_seconds())
    at = f"at {due_at.isoformat(timespec='seconds')}"
    if left <= 0:
        return f"{at} (due)"
    return f"{at} (in {left} s)" if left < LONG_S else f"{at} (in {timedelta(seconds=left)})"

"""Verbs on task instances: clear, mark, kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_flow.actions.plan import Plan, changes_of, chosen_runs, find_dag, find_run, view_of
from tui_flow.errors import BadInput, NotFound, NotPossible, TaskNotFound
from tui_flow.planner.clear import plan_clear, plan_new_tasks
from tui_flow.planner.decisions import Decision, KillAttempt, MoveRun, MoveTask
from tui_flow.planner.instances import narrowed, split_name, split_names
from tui_flow.planner.kill import ENDED_AT_ONCE, plan_kill
from tui_flow.planner.mark import MARKS, plan_mark_task
from tui_flow.planner.selection import RunTasks, named_tasks, with_relatives
from tui_flow.records import Dag, TaskInstanceKey
from tui_flow.spec import DagSpec, Json
from tui_flow.state import OCCUPIED_TASK, TaskState
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer


def clear(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    run_id: str | None = None,
    tasks: list[str] | None = None,
    pattern: str | None = None,
    since: str | None = None,
    until: str | None = None,
    past: bool = False,
    future: bool = False,
    upstream: bool = False,
    downstream: bool = True,
    only_failed: bool = False,
    only_running: bool = False,
    only_new: bool = False,
    prevent_running: bool = False,
    keep_run_state: bool = False,
    same_version: bool = False,
    run_ids: list[str] | None = None,
    note: str | None = None,
) -> Plan:
    """Let tasks run again (all where none is named), in the newest run, one run, several (`run_ids`), or those with a
    logical date in [since, until].

    The runs continue with the newest version unless `same_version`. `only_new`: queue the tasks that the newest version
    has and a run has not, and clear nothing. `prevent_running`: refuse where one of the tasks is running. The note goes
    to the tasks where some are named, else to the runs. Answer: changed tasks and runs, tasks that the runs get or
    lose, and the version.
    """
    dag = find_dag(reads, dag_id)
    wanted = _Wanted(tasks, pattern, upstream, downstream, only_failed, only_running, keep_run_state)
    views = [view_of(reads, run) for run in chosen_runs(reads, dag_id, run_id, run_ids, since, until, past, future)]
    if only_new:
        decisions = _queue_new_tasks(reads, dag, views, wanted, same_version)
    else:
        decisions = _clear(reads, dag, views, wanted, same_version)
    if prevent_running:
        _check_none_is_running(decisions)
    answer = changes_of(decisions, views) | {"version": _version(dag, views, same_version)}
    if not same_version:
        answer["structure"] = _structure(reads.spec(dag_id, dag.spec_version), views, decisions)
    write = _noting(views, decisions, note, bool(tasks or pattern))
    return Plan(answer, decisions, write=write, subject=_subject(dag_id, views, tasks))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which tasks of a run are to be cleared, and how."""

    tasks: Sequence[str] | None
    pattern: str | None
    upstream: bool
    downstream: bool
    only_failed: bool
    only_running: bool
    keep_run_state: bool


def _clear(reads: Reads, dag: Dag, views: Sequence[RunTasks], wanted: _Wanted, same_version: bool) -> list[Decision]:
    versions = (None, None) if same_version else (dag.spec_version, dag.source_version)
    whole, single = split_names(wanted.tasks)

    def plan(spec: DagSpec, some: Sequence[RunTasks]) -> list[Decision]:
        chosen = _reached(spec, whole, wanted)
        if single:
            some = [narrowed(spec, view, chosen, single) for view in some]
            chosen = _reached(spec, [*(whole or ()), *(task_id for task_id, _ in single)], wanted)
        return plan_clear(
            spec,
            some,
            chosen,
            only_failed=wanted.only_failed,
            only_running=wanted.only_running,
            keep_run_state=wanted.keep_run_state,
            spec_version=versions[0],
            source_version=versions[1],
        )

    return _with_own_spec(reads, views, plan) if same_version else plan(reads.spec(dag.dag_id, dag.spec_version), views)


def _reached(spec: DagSpec, names: list[str] | None, wanted: _Wanted) -> tuple[str, ...]:
    """The named tasks, those of the pattern, and what goes with them; none where only task instances are named."""
    if names == [] and wanted.pattern is None:
        return ()
    named = named_tasks(spec, names, wanted.pattern)
    if not named:
        raise NotFound(
            f"DAG {spec.dag_id!r} has no task that {wanted.pattern!r} matches; "
            f"`tuiflow tasks list {spec.dag_id}` shows its tasks"
        )
    return with_relatives(spec, named, upstream=wanted.upstream, downstream=wanted.downstream)


def _queue_new_tasks(
    reads: Reads, dag: Dag, views: Sequence[RunTasks], wanted: _Wanted, same_version: bool
) -> list[Decision]:
    if wanted.tasks or wanted.pattern or wanted.only_failed or wanted.only_running or same_version:
        raise BadInput("queueing new tasks goes with whole runs and the newest version; name no tasks")
    newest = reads.spec(dag.dag_id, dag.spec_version)
    found = (plan_new_tasks(newest, view, dag.spec_version, dag.source_version) for view in views)
    return [decision for some in found for decision in some]


def mark_task(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    tasks: list[str],
    state: str,
    run_id: str | None = None,
    past: bool = False,
    future: bool = False,
    upstream: bool = False,
    downstream: bool = False,
    run_ids: list[str] | None = None,
    note: str | None = None,
) -> Plan:
    """Give tasks a state by hand, and a note; a running one is killed first. Answer: the changed tasks and runs."""
    if state not in MARKS:
        raise BadInput(f"tasks can be marked {', '.join(sorted(MARKS))}, not {state!r}")
    views = [view_of(reads, run) for run in chosen_runs(reads, dag_id, run_id, run_ids, None, None, past, future)]

    whole, single = split_names(tasks)

    def plan(spec: DagSpec, some: Sequence[RunTasks]) -> list[Decision]:
        chosen = named_tasks(spec, [*(whole or ()), *(task_id for task_id, _ in single)])
        only = None
        if single:
            only = {ti.key for view in some for ti in narrowed(spec, view, whole or (), single).tis}
        return plan_mark_task(spec, some, chosen, TaskState(state), upstream=upstream, downstream=downstream, only=only)

    decisions = _with_own_spec(reads, views, plan)
    return Plan(
        changes_of(decisions, views),
        decisions,
        write=_noting(views, decisions, note, on_tasks=True),
        subject=_subject(dag_id, views, tasks),
    )


def kill(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    run_id: str | None = None,
    task_id: str | None = None,
    map_index: int | None = None,
) -> Plan:
    """End running tasks of a run, all where none is named; they fail without a retry. Answer: the changed tasks."""
    run = find_run(reads, dag_id, run_id)
    view = view_of(reads, run)
    if task_id is not None and map_index is None:
        task_id, map_index = split_name(task_id)
    named = [ti for ti in view.tis if task_id in (None, ti.task_id) and map_index in (None, ti.map_index)]
    if task_id is not None and not named:
        raise TaskNotFound(dag_id, task_id, {ti.task_id for ti in view.tis})
    alive = [ti for ti in named if ti.state in OCCUPIED_TASK | ENDED_AT_ONCE]
    if not alive and task_id is None:
        raise NotPossible(f"nothing of run {run.run_id!r} of DAG {dag_id!r} is running; the run is {run.state}")
    spec = reads.spec(dag_id, run.spec_version)
    decisions = [decision for ti in alive or named[:1] for decision in plan_kill(spec, view, ti)]
    return Plan(
        changes_of(decisions, [view]), decisions, subject=_subject(dag_id, [view], [task_id] if task_id else None)
    )


def note_task(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    task_id: str,
    note: str,
    run_id: str | None = None,
    map_index: int = -1,
) -> Plan:
    """Give a task instance a note in place of the one that it has; an empty one takes it away."""
    run = find_run(reads, dag_id, run_id)
    key = TaskInstanceKey(run.id, task_id, map_index)
    ti = reads.task_instance(key)
    if ti is None:
        raise TaskNotFound(dag_id, task_id, {each.task_id for each in reads.task_instances(run.id)})

    def write(writer: Writer) -> None:
        writer.set_task_note(key, note or None)

    answer = {"dag_id": dag_id, "run_id": run.run_id, "task_id": task_id, "note": note or None}
    return Plan(
        answer, write=write, subject={"dag_id": dag_id, "run_id": run.run_id, "task_id": task_id}, before=ti.note
    )


def delete_xcom(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    task_id: str,
    key: str | None = None,
    run_id: str | None = None,
    map_index: int = -1,
) -> Plan:
    """Remove one XCom of a task instance, or all. Answer: the keys."""
    run = find_run(reads, dag_id, run_id)
    found = [xcom.key for xcom in reads.xcoms(run.id, [task_id]) if xcom.map_index == map_index]
    keys = [each for each in found if key in (None, each)]
    if not keys:
        has = f"it has {', '.join(found)}" if found else "it has none"
        raise NotFound(f"task {task_id!r} has no such XCom in run {run.run_id!r}; {has}")
    ti = TaskInstanceKey(run.id, task_id, map_index)

    def write(writer: Writer) -> None:
        writer.delete_xcom(ti, key)

    answer: dict[str, Json] = {"dag_id": dag_id, "run_id": run.run_id, "task_id": task_id, "keys": [*keys]}
    return Plan(answer, write=write, subject={"dag_id": dag_id, "run_id": run.run_id, "task_id": task_id})


def _with_own_spec(
    reads: Reads, views: Sequence[RunTasks], plan: Callable[[DagSpec, Sequence[RunTasks]], list[Decision]]
) -> list[Decision]:
    """Each run by the version that it has."""
    return [decision for view in views for decision in plan(reads.spec(view.run.dag_id, view.run.spec_version), [view])]


def _check_none_is_running(decisions: Sequence[Decision]) -> None:
    alive = [decision.key.task_id for decision in decisions if isinstance(decision, KillAttempt)]
    if alive:
        raise NotPossible(
            f"{', '.join(sorted(set(alive)))} {'is' if len(alive) == 1 else 'are'} running; nothing is cleared"
        )


def _structure(spec: DagSpec, views: Sequence[RunTasks], decisions: Sequence[Decision]) -> list[Json]:
    """Tasks that runs get or lose with this version."""
    moved = {decision.run for decision in decisions if isinstance(decision, MoveRun)}
    found: list[Json] = []
    for view in views:
        if view.run.id not in moved:
            continue
        there = {ti.task_id for ti in view.tis if ti.state is not TaskState.REMOVED}
        changes = [(task_id, "added") for task_id in spec.by_id if task_id not in there]
        changes += [(task_id, "removed") for task_id in sorted(there) if task_id not in spec.by_id]
        found += [{"run_id": view.run.run_id, "task_id": task_id, "change": change} for task_id, change in changes]
    return found


def _noting(
    views: Sequence[RunTasks], decisions: Sequence[Decision], note: str | None, on_tasks: bool
) -> Callable[[Writer], None] | None:
    """Writes the note on what the decisions change."""
    if note is None:
        return None
    keys = [decision.key for decision in decisions if isinstance(decision, MoveTask | KillAttempt)]
    runs = {key.run for key in keys} | {decision.run for decision in decisions if isinstance(decision, MoveRun)}

    def write(writer: Writer) -> None:
        if on_tasks:
            for key in keys:
                writer.set_task_note(key, note)
        else:
            for run in sorted(runs):
                writer.set_note(run, note)

    return write


def _version(dag: Dag, views: Sequence[RunTasks], same_version: bool) -> Json:
    newest = (dag.spec_version, dag.source_version)
    is_newest = all((view.run.spec_version, view.run.source_version) == newest for view in views)
    return {"number": dag.version_number, "source": dag.source_version, "kept": same_version, "is_newest": is_newest}


def _subject(dag_id: str, views: Sequence[RunTasks], tasks: Sequence[str] | None) -> dict[str, str | None]:
    one_run = views[0].run.run_id if len(views) == 1 else None
    return {"dag_id": dag_id, "run_id": one_run, "task_id": ", ".join(tasks) if tasks else None}

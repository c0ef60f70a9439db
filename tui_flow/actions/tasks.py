"""Verbs on task instances: clear, mark, kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tui_flow.actions.plan import Plan, changes_of, find_dag, find_run, read_date, view_of
from tui_flow.errors import BadInput, NotPossible, TaskNotFound
from tui_flow.planner.clear import plan_clear
from tui_flow.planner.decisions import Decision
from tui_flow.planner.kill import plan_kill
from tui_flow.planner.mark import MARKS, plan_mark_task
from tui_flow.planner.selection import RunTasks, named_tasks, runs_in_reach, with_relatives
from tui_flow.records import Dag, DagRun
from tui_flow.spec import DagSpec, Json
from tui_flow.state import OCCUPIED_TASK, TaskState
from tui_flow.store.reader import Reads


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
    keep_run_state: bool = False,
    same_version: bool = False,
) -> Plan:
    """Let tasks run again (all where none is named), in one run or in those with a logical date in [since, until].

    The runs continue with the newest version unless `same_version`. Answer: changed tasks and runs, and the version.
    """
    dag = find_dag(reads, dag_id)
    runs = _runs(reads, dag_id, run_id, since, until, past, future)
    views = [view_of(reads, run) for run in runs]

    versions = (None, None) if same_version else (dag.spec_version, dag.source_version)

    def plan(spec: DagSpec, some: Sequence[RunTasks]) -> list[Decision]:
        chosen = with_relatives(spec, named_tasks(spec, tasks, pattern), upstream=upstream, downstream=downstream)
        return plan_clear(
            spec,
            some,
            chosen,
            only_failed=only_failed,
            only_running=only_running,
            keep_run_state=keep_run_state,
            spec_version=versions[0],
            source_version=versions[1],
        )

    newest = reads.spec(dag_id, dag.spec_version)
    decisions = _with_own_spec(reads, views, plan) if same_version else plan(newest, views)
    answer = changes_of(decisions, views) | {"version": _version(dag, runs, same_version)}
    return Plan(answer, decisions, subject=_subject(dag_id, runs, tasks))


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
) -> Plan:
    """Give tasks a state by hand; a running one is killed first. Answer: the changed tasks and runs."""
    if state not in MARKS:
        raise BadInput(f"tasks can be marked {', '.join(sorted(MARKS))}, not {state!r}")
    runs = _runs(reads, dag_id, run_id, None, None, past, future)
    views = [view_of(reads, run) for run in runs]

    def plan(spec: DagSpec, some: Sequence[RunTasks]) -> list[Decision]:
        chosen = named_tasks(spec, tasks)
        return plan_mark_task(spec, some, chosen, TaskState(state), upstream=upstream, downstream=downstream)

    decisions = _with_own_spec(reads, views, plan)
    return Plan(changes_of(decisions, views), decisions, subject=_subject(dag_id, runs, tasks))


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
    named = [ti for ti in view.tis if task_id in (None, ti.task_id) and map_index in (None, ti.map_index)]
    if task_id is not None and not named:
        raise TaskNotFound(dag_id, task_id, {ti.task_id for ti in view.tis})
    alive = [ti for ti in named if ti.state in OCCUPIED_TASK]
    if not alive and task_id is None:
        raise NotPossible(f"nothing of run {run.run_id!r} of DAG {dag_id!r} is running; the run is {run.state}")
    decisions = [decision for ti in alive or named[:1] for decision in plan_kill(view, ti)]
    return Plan(
        changes_of(decisions, [view]), decisions, subject=_subject(dag_id, [run], [task_id] if task_id else None)
    )


def _with_own_spec(
    reads: Reads, views: Sequence[RunTasks], plan: Callable[[DagSpec, Sequence[RunTasks]], list[Decision]]
) -> list[Decision]:
    """Each run by the version that it has."""
    return [decision for view in views for decision in plan(reads.spec(view.run.dag_id, view.run.spec_version), [view])]


def _runs(
    reads: Reads, dag_id: str, run_id: str | None, since: str | None, until: str | None, past: bool, future: bool
) -> list[DagRun]:
    start, end = read_date(since, "start"), read_date(until, "end")
    if start is not None or end is not None:
        if run_id is not None:
            raise BadInput("name either a run or a span of dates, not both")
        runs = reads.runs_between(dag_id, start, end)
        if not runs:
            raise NotPossible(
                f"DAG {dag_id!r} has no runs with a logical date in that span; `tuiflow runs list {dag_id}`"
            )
        return runs
    run = find_run(reads, dag_id, run_id)
    others = reads.runs_between(dag_id, None, None) if past or future else []
    return runs_in_reach(run, others, past=past, future=future)


def _version(dag: Dag, runs: Sequence[DagRun], same_version: bool) -> Json:
    is_newest = all((run.spec_version, run.source_version) == (dag.spec_version, dag.source_version) for run in runs)
    return {"number": dag.version_number, "source": dag.source_version, "kept": same_version, "is_newest": is_newest}


def _subject(dag_id: str, runs: Sequence[DagRun], tasks: Sequence[str] | None) -> dict[str, str | None]:
    one_run = runs[0].run_id if len(runs) == 1 else None
    return {"dag_id": dag_id, "run_id": one_run, "task_id": ", ".join(tasks) if tasks else None}

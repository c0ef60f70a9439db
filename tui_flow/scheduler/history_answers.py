"""What tasks ask about runs and task instances: their own run's, earlier ones', another DAG's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tui_flow.records import DagRun, TaskInstance
from tui_flow.scheduler.workloads import facts_of
from tui_flow.spec import DagSpec, Json
from tui_flow.state import TaskState
from tui_flow.store.reader import Reads

MOST_RUNS = 1000
Args = Mapping[str, Any]


def find_runs(reads: Reads, args: Args) -> Json:
    """Runs of `dag_id`, the newest first: those of `run_ids` and `logical_dates` (None: any) in one of `states`."""
    return [asdict(facts_of(run)) for run in _runs(reads, args) if _fits(run.state, args["states"])]


def find_previous_run(reads: Reads, args: Args) -> Json:
    """The newest run before `run_id` that ended in `state` (None: any)."""
    run = reads.run(args["dag_id"], args["run_id"])
    while run is not None and (run := reads.previous_run(run)) is not None:
        if args["state"] in (None, run.state):
            return asdict(facts_of(run))
    return None


def find_tis(reads: Reads, args: Args) -> Json:
    """Task instances of the runs that `args` name: of `task_ids` and a `task_group_id`, with `map_index`, in one of
    `states`; None stands for any."""
    rows: list[Json] = []
    for run in _runs(reads, args):
        wanted = _task_ids(reads.spec(run.dag_id, run.spec_version), args)
        for ti in reads.task_instances(run.id, wanted):
            has_index = args["map_index"] in (None, ti.map_index)
            if has_index and _fits(ti.state, args["states"]):
                rows.append({"run_id": run.run_id, "logical_date": _iso(run.logical_date), **_facts(ti)})
    return rows


def _runs(reads: Reads, args: Args) -> list[DagRun]:
    dag_id, run_ids, dates = args["dag_id"], args["run_ids"], args["logical_dates"]
    if run_ids is None and dates is None:
        return reads.runs(dag_id, limit=MOST_RUNS)
    if run_ids is None:
        found = [reads.run_at(dag_id, datetime.fromisoformat(date)) for date in dates]
    else:
        found = [reads.run(dag_id, run_id) for run_id in run_ids]
    runs = {run.id: run for run in found if run is not None and (dates is None or _iso(run.logical_date) in dates)}
    return sorted(runs.values(), key=lambda run: (run.run_after, run.id), reverse=True)


def _task_ids(spec: DagSpec, args: Args) -> list[str] | None:
    if args["task_group_id"] is None:
        return args["task_ids"] or None
    inside, parents = [], {group.group_id: group.parent for group in spec.groups}
    for task in spec.tasks:
        group = task.group
        while group is not None and group != args["task_group_id"]:
            group = parents.get(group)
        if group is not None:
            inside.append(task.task_id)
    return [*(args["task_ids"] or ()), *inside] or [""]


def _facts(ti: TaskInstance) -> dict[str, Json]:
    return {
        "task_id": ti.task_id,
        "map_index": ti.map_index,
        "state": None if ti.state is TaskState.NONE else str(ti.state),
        "try_number": ti.try_number,
        "max_tries": ti.max_tries,
        "start_date": _iso(ti.started_at),
        "end_date": _iso(ti.ended_at),
        "note": ti.note,
    }


def _fits(state: str, wanted: list[str | None] | None) -> bool:
    return wanted is None or (None if state == TaskState.NONE else state) in wanted


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

"""The verb that answers what a task asks of a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from tui_flow.actions.conf import check_params
from tui_flow.actions.plan import Plan, find_dag, find_run
from tui_flow.errors import BadInput, NotPossible, TaskNotFound, did_you_mean
from tui_flow.planner.decisions import ResumeTask
from tui_flow.records import InputRequest, TaskInstance, TaskInstanceKey
from tui_flow.spec import Json
from tui_flow.state import TaskState
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer


def answer(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    task_id: str,
    run_id: str | None = None,
    map_index: int = -1,
    chosen_options: list[str] | None = None,
    params_input: Mapping[str, Json] | None = None,
    note: str | None = None,
    user: str = "",
) -> Plan:
    """Answer a task that waits for a person; without a run the one that waits. Answer: what was chosen and entered."""
    request = find_request(reads, dag_id, task_id, run_id, map_index)
    chosen = check_options(request, chosen_options or [])
    entered = check_entries(request, params_input or {})
    ti = reads.task_instance(request.key)
    assert ti is not None, "it waits"
    response = {
        "chosen_options": chosen,
        "params_input": entered,
        "responded_at": now.isoformat(),
        "responded_by_user": {"id": user, "name": user} if user else None,
    }
    over = {"value": json.dumps(json.dumps(response))}
    decision = ResumeTask(
        request.key, TaskState.AWAITING_INPUT, TaskState.SCHEDULED, ti.try_number, request.id, over, "answered"
    )

    def write(writer: Writer) -> None:
        writer.answer_input(request.id, chosen, entered, note, user, now)

    names = {"dag_id": dag_id, "run_id": request.run_id, "task_id": task_id}
    return Plan({**names, "map_index": map_index, **response}, [decision], write, subject=names)


def find_request(reads: Reads, dag_id: str, task_id: str, run_id: str | None, map_index: int) -> InputRequest:
    """Raises NotFound for unknown names, BadInput where several runs wait, NotPossible where none does."""
    find_dag(reads, dag_id)
    waiting = [r for r in reads.waiting_input(dag_id) if (r.key.task_id, r.key.map_index) == (task_id, map_index)]
    if run_id is None and len(waiting) > 1:
        runs = ", ".join(request.run_id for request in waiting)
        raise BadInput(f"task {task_id!r} of DAG {dag_id!r} waits in several runs: {runs}; name one with --run")
    run = find_run(reads, dag_id, run_id) if run_id is not None or not waiting else None
    for request in waiting:
        if run is None or request.run_id == run.run_id:
            return request
    assert run is not None, "some run was looked at"
    ti = reads.task_instance(TaskInstanceKey(run.id, task_id, map_index))
    if ti is None:
        raise _not_there(reads.task_instances(run.id), dag_id, task_id, map_index)
    raise NotPossible(
        f"task {task_id!r} of run {run.run_id!r} waits for no answer, it is {ti.state}; "
        "`tuiflow answer` lists what waits for one"
    )


def _not_there(tis: Sequence[TaskInstance], dag_id: str, task_id: str, map_index: int) -> BadInput | TaskNotFound:
    """Why the run has no such task instance."""
    indexes = sorted(ti.map_index for ti in tis if ti.task_id == task_id)
    if not indexes:
        return TaskNotFound(dag_id, task_id, {ti.task_id for ti in tis})
    if indexes == [-1]:
        return BadInput(f"task {task_id!r} is not mapped; leave --map-index out")
    known = f"{indexes[0]} to {indexes[-1]}" if len(indexes) > 1 else str(indexes[0])
    if map_index < 0:
        return BadInput(f"task {task_id!r} is mapped; name one of its instances with --map-index: {known}")
    return BadInput(f"task {task_id!r} has no instance {map_index}; it has {known}")


def check_options(request: InputRequest, chosen: Sequence[str]) -> list[str]:
    """In the order of the options. Raises BadInput, with the choices."""
    choices = "; ".join(request.options)
    for option in chosen:
        if option not in request.options:
            raise BadInput(
                f"there is no option {option!r}{did_you_mean(option, request.options)}; choose of: {choices}"
            )
    if not chosen and len(request.options) > 1:
        raise BadInput(f"nothing is chosen; choose of: {choices}")
    if len(set(chosen)) > 1 and not request.multiple:
        raise BadInput(f"only one option can be chosen; choose of: {choices}")
    return [option for option in request.options if option in (chosen or request.options)]


def check_entries(request: InputRequest, entered: Mapping[str, Json]) -> dict[str, Json]:
    """Over the params' defaults. Raises BadInput for an unknown param, ParamsInvalid for a value that does not fit."""
    for name in entered:
        if name not in request.params:
            known = ", ".join(request.params) or "none"
            raise BadInput(f"the request has no param {name!r}{did_you_mean(name, request.params)}; it has: {known}")
    return check_params(f"task {request.key.task_id!r}", request.params, entered)

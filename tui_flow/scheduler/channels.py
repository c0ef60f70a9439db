"""What running attempts ask for over their channel: variables, connections, XComs, states of runs and tasks, new
runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tui_flow.errors import BadInput, TuiflowError
from tui_flow.messages import Message
from tui_flow.records import DagRun, TaskAttempt, TaskInstanceKey, XCom
from tui_flow.scheduler.asset_answers import asset_events, find_asset, triggering_asset_events
from tui_flow.scheduler.callbacks import find_callback, key_of
from tui_flow.scheduler.history_answers import find_previous_run, find_runs, find_tis
from tui_flow.scheduler.requests import Requests
from tui_flow.scheduler.server import Peer
from tui_flow.scheduler.state_store import answer_state_store
from tui_flow.spec import Json
from tui_flow.state import AttemptState, RunState, RunType
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

Args = Mapping[str, Any]
_RETURNED = "return_value"


def answer_attempt(writer: Writer, requests: Requests, peer: Peer, message: Message) -> None:
    """Answer one request of an attempt; what it may not have is refused with a clear error."""
    request_id, verb, args = message["request_id"], message["verb"], message["args"]
    value: Json
    try:
        attempt = _asker(writer.reads, int(peer.facts["attempt_id"]))
        if verb == "effect":
            value = _record_effect(writer, attempt, args)
        elif verb == "state_store":
            value = answer_state_store(writer, attempt, args)
        elif verb == "trigger_run":
            value = _trigger(requests, args, _name_of(writer.reads, attempt), request_id)
        elif verb in _READS_OF_FILES:
            value = _READS_OF_FILES[verb](writer.reads, args)
        elif verb in _READS_OF_STATES:
            value = _READS_OF_STATES[verb](writer.reads, args)
        elif verb in _READS:
            value = _READS[verb](writer.reads, attempt, args)
        else:
            raise BadInput(f"an attempt cannot ask for {verb!r}")
        peer.answer(request_id, value)
    except TuiflowError as err:
        peer.refuse(request_id, err)


def answer_file(writer: Writer, peer: Peer, message: Message) -> None:
    """Answer a DAG file that is being imported: it may read variables and connections."""
    request_id, verb = message["request_id"], message["verb"]
    try:
        if verb not in _READS_OF_FILES:
            raise BadInput(f"a DAG file cannot ask for {verb!r} while it is imported; do that in a task")
        peer.answer(request_id, _READS_OF_FILES[verb](writer.reads, message["args"]))
    except TuiflowError as err:
        peer.refuse(request_id, err)


def answer_trigger(writer: Writer, peer: Peer, message: Message) -> None:
    """Answer a trigger: it may read what belongs to no attempt."""
    request_id, verb, args = message["request_id"], message["verb"], message["args"]
    try:
        if verb in _READS_OF_FILES:
            peer.answer(request_id, _READS_OF_FILES[verb](writer.reads, args))
        elif verb in _READS_OF_STATES:
            peer.answer(request_id, _READS_OF_STATES[verb](writer.reads, args))
        else:
            raise BadInput(f"a trigger cannot ask for {verb!r}; do that in the task's own method")
    except TuiflowError as err:
        peer.refuse(request_id, err)


def _asker(reads: Reads, attempt_id: int) -> TaskAttempt:
    """The attempt that asks; for a callback in a process of its own (a negative id) one like it."""
    attempt = reads.attempt(attempt_id) if attempt_id > 0 else None
    callback = find_callback(reads, -attempt_id) if attempt_id < 0 else None
    if callback is not None:
        state, at = AttemptState.RUNNING, callback.created_at
        attempt = TaskAttempt(attempt_id, *key_of(callback), callback.try_number, state, at, boot_id="")
    if attempt is None:
        raise BadInput("this attempt is not known to this home")
    return attempt


def _record_effect(writer: Writer, attempt: TaskAttempt, args: Args) -> Json:
    now = datetime.now(UTC)
    if attempt.id > 0:
        return writer.record_effect(attempt.id, args["seq"], args["effect"], now)
    writer.record_callback_effect(-attempt.id, attempt.key, args["seq"], args["effect"], now)
    return True


def _trigger(requests: Requests, args: Args, triggered_by: str, request_id: str) -> Json:
    """The run id."""
    asked = {**args, "triggered_by": triggered_by, "run_type": RunType.OPERATOR_TRIGGERED}
    return requests.perform("trigger", asked, request_id)["run_id"]


def _name_of(reads: Reads, attempt: TaskAttempt) -> str:
    run = reads.run_by_id(attempt.run)
    return f"{run.dag_id}.{attempt.task_id} run {run.run_id}" if run else "a task"


# Reads


def _get_variable(reads: Reads, args: Args) -> Json:
    row = reads.variable(args["key"])
    return row.value if row else None


def _variable_keys(reads: Reads, args: Args) -> Json:
    return [key for key in reads.variable_keys() if key.startswith(args["prefix"])]


def _get_connection(reads: Reads, args: Args) -> Json:
    row = reads.connection(args["conn_id"])
    if row is None:
        return None
    return {
        "conn_type": row.conn_type,
        "host": row.host,
        "login": row.login,
        "password": row.password,
        "schema": row.schema,
        "port": row.port,
        "extra": row.extra,
        "description": row.description,
    }


def _xcoms(reads: Reads, attempt: TaskAttempt, args: Args) -> Json:
    own = reads.run_by_id(attempt.run)
    assert own is not None, "attempts go with their run"
    run = reads.run(args["dag_id"], args["run_id"]) if args["run_id"] else own
    if args["run_id"] is None and args["dag_id"] != own.dag_id:
        run = reads.run_at(args["dag_id"], own.logical_date) if own.logical_date else None
    rows: list[list[Json]] = []
    missing = list(args["task_ids"])
    while run is not None and missing:
        found = list(_with_key(reads.xcoms(run.id, missing), args["key"]))
        rows += [[row.task_id, row.map_index, row.value] for row in found]
        if not args["include_prior_dates"]:
            break
        missing = [task_id for task_id in missing if task_id not in {row.task_id for row in found}]
        run = reads.previous_run(run)
    return rows


def _with_key(xcoms: Iterable[XCom], key: str | None) -> Iterable[XCom]:
    """Without a key, one of each task instance: what it returned, else what has the last key."""
    if key is not None:
        return [row for row in xcoms if row.key == key]
    last = sorted(xcoms, key=lambda row: (row.key == _RETURNED, row.key))
    return {(row.task_id, row.map_index): row for row in last}.values()


def _mapped_xcoms(reads: Reads, attempt: TaskAttempt, args: Args) -> Json:
    wanted = (attempt.run, args["task_id"], args["key"], range(args["first"], args["stop"]))
    match args["what"]:
        case "count":
            return reads.count_instance_xcoms(*wanted)
        case "page":
            return [[row.map_index, row.value] for row in reads.instance_xcoms(*wanted, limit=args["limit"])]
        case place:
            return reads.instance_xcom_at(*wanted, int(place))


def _run_states(reads: Reads, args: Args) -> Json:
    dag_id = args["dag_id"]
    runs = [reads.run(dag_id, run_id) for run_id in args["run_ids"]]
    runs += [reads.run_at(dag_id, datetime.fromisoformat(date)) for date in args["logical_dates"]]
    return [[run.run_id, _iso(run.logical_date), run.state] for run in runs if run is not None]


def _task_states(reads: Reads, args: Args) -> Json:
    rows: list[Json] = []
    for date in args["logical_dates"]:
        run = reads.run_at(args["dag_id"], datetime.fromisoformat(date))
        if run is not None:
            tis = reads.task_instances(run.id, args["task_ids"] or None)
            rows += [[run.run_id, _iso(run.logical_date), ti.task_id, ti.map_index, ti.state] for ti in tis]
    return rows


def _dag_info(reads: Reads, args: Args) -> Json:
    dag = reads.dag(args["dag_id"])
    if dag is None:
        return None
    spec = reads.spec(dag.dag_id, dag.spec_version)
    parents = {group.group_id: group.parent for group in spec.groups}
    groups: dict[str, list[str]] = {group.group_id: [] for group in spec.groups}
    for task in spec.tasks:
        group = task.group
        while group is not None:
            groups.setdefault(group, []).append(task.task_id)
            group = parents.get(group)
    return {"is_paused": dag.is_paused, "task_ids": [task.task_id for task in spec.tasks], "group_tasks": groups}


def _previous_success(reads: Reads, attempt: TaskAttempt, args: Args) -> Json:
    run = reads.run_by_id(attempt.run)
    while run is not None:
        run = reads.previous_run(run)
        if run is not None and run.state is RunState.SUCCESS:
            return _iso(_DATES[args["what"]](run))
    return None


_DATES: dict[str, Callable[[DagRun], datetime | None]] = {
    "data_interval_start": lambda run: run.data_interval_start,
    "data_interval_end": lambda run: run.data_interval_end,
    "start_date": lambda run: run.started_at,
    "end_date": lambda run: run.ended_at,
    "logical_date": lambda run: run.logical_date,
}


def _previous_ti(reads: Reads, attempt: TaskAttempt, args: Args) -> Json:
    """The same task instance of the newest earlier run that has it in the state that is asked for (None: any)."""
    run = reads.run_by_id(attempt.run)
    while run is not None and (run := reads.previous_run(run)) is not None:
        ti = reads.task_instance(TaskInstanceKey(run.id, attempt.task_id, attempt.map_index))
        if ti is not None and args["state"] in (None, ti.state):
            return {
                "run_id": run.run_id,
                "logical_date": _iso(run.logical_date),
                "state": ti.state,
                "try_number": ti.try_number,
                "start_date": _iso(ti.started_at),
                "end_date": _iso(ti.ended_at),
            }
    return None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


_READS_OF_FILES: dict[str, Callable[[Reads, Args], Json]] = {
    "get_variable": _get_variable,
    "variable_keys": _variable_keys,
    "get_connection": _get_connection,
}
_READS_OF_STATES: dict[str, Callable[[Reads, Args], Json]] = {
    "run_states": _run_states,
    "task_states": _task_states,
    "dag_info": _dag_info,
    "find_runs": find_runs,
    "find_previous_run": find_previous_run,
    "find_tis": find_tis,
}
_READS: dict[str, Callable[[Reads, TaskAttempt, Args], Json]] = {
    "xcoms": _xcoms,
    "mapped_xcoms": _mapped_xcoms,
    "previous_success": _previous_success,
    "previous_ti": _previous_ti,
    "asset_events": asset_events,
    "triggering_asset_events": triggering_asset_events,
    "find_asset": find_asset,
}

"""A callback in a process of its own: of a DAG run, or of a task whose attempt could not call it (signal, time-out,
lost).

Supervised like an attempt (claim, lock, result), but it changes no state: its result only says that it was called.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tui_flow import masking
from tui_flow.journal import Journal
from tui_flow.messages import Message, Workload
from tui_flow.runtime import mapped
from tui_flow.runtime.alerts import run_callbacks, task_callbacks
from tui_flow.runtime.attempt import call_all
from tui_flow.runtime.channel import Channel
from tui_flow.runtime.contexts import context_of
from tui_flow.runtime.output import AttemptOutput
from tui_flow.runtime.served import ServedFile
from tui_flow.runtime.task_instance import AttemptTaskInstance
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.sdk import backend
from tui_flow.sdk.context import Context, current_context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.moments import moment
from tui_flow.state import AttemptState, CallbackKind

_log = logging.getLogger("tui_flow.task")


def run_callback(
    config: Message, served: ServedFile, workload: Workload, journal: Journal, output: AttemptOutput
) -> int:
    """Call what `workload.callback` names; 0 when every callback returned."""
    masking.on_new_secret(output.pump_here)
    kind = workload.callback["kind"]
    output.note(f"{kind} of {workload.dag_id} {workload.task_id} run {workload.run.run_id} pid {os.getpid()}")
    all_well = False
    try:
        all_well = _call(config, served, workload, journal)
    except BaseException:  # the attempt's edge: whatever user code raises
        _log.exception("%s cannot be called", kind)
    state = AttemptState.SUCCESS if all_well else AttemptState.FAILED
    journal.write_result(
        {"state": state, "at": datetime.now(UTC).isoformat(), "reason": None if all_well else "see its log"}
    )
    return 0 if all_well else 1


def _as_it_was(task: Any, context: Context) -> Any:
    """The operator as the attempt had it: of a mapped task that of the task instance, with its fields rendered. The
    callback is told of what it is about even where that cannot be made again."""
    with current_context(context):
        try:
            task = mapped.instance_of(task, context)
            task.render_template_fields(context)
        except Exception as err:  # user code, and results that are gone
            _log.warning("the callback sees task %r as its file has it: %s", task.task_id, err)
    return task


def _call(config: Message, served: ServedFile, workload: Workload, journal: Journal) -> bool:
    started = datetime.now(UTC)
    channel = Channel(Path(config["socket"]), workload.attempt_id, journal)
    backend.use_backend(channel)
    dag = served.dags[workload.dag_id]
    is_of_run = workload.callback["kind"].startswith("dag_")
    is_of_nobody = is_of_run and workload.task_id not in dag.task_dict
    task: Any = next(iter(dag.tasks), None) if is_of_nobody else served.task(workload.dag_id, workload.task_id)
    if not is_of_run:
        task = task.for_execution()
    files = XComFiles(Path(config["spill"]), config["xcom_inline_bytes"], config["xcom_max_bytes"])
    ti = AttemptTaskInstance(task, workload, started, channel, channel, files)
    context = context_of(served, workload, task, ti)
    context["reason"] = workload.callback["reason"]
    if (told := workload.callback["ti"]) is not None:
        ti.state = told["state"]
        ti.start_date, ti.end_date = moment(told["started_at"]) or started, moment(told["ended_at"])
    error = workload.callback["error"]
    context["exception"] = AirflowException(error) if error else None
    if (deadline := workload.callback.get("deadline")) is not None:
        context["deadline"] = {**deadline, "deadline_time": moment(deadline["deadline_time"])}
    if not is_of_run:
        task = _as_it_was(task, context)
    kind = CallbackKind(workload.callback["kind"])
    callbacks = run_callbacks(dag, kind, workload.try_number) if is_of_run else task_callbacks(task, kind)
    with current_context(context):
        return call_all(callbacks, context, kind.removeprefix("dag_"))

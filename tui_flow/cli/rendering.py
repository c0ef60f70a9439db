"""Render a task's templates for a run that is there, or for one that would be made now, in a child process."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from typing import Any

from tui_flow.errors import TuiflowError
from tui_flow.messages import Workload
from tui_flow.planner.instances import lengths_of
from tui_flow.planner.runs import manual_run
from tui_flow.records import ConnectionRow, Dag, DagRun
from tui_flow.runtime.processes import python_module
from tui_flow.scheduler.asset_answers import events_of_run
from tui_flow.scheduler.workloads import facts_of
from tui_flow.settings import dags_folder, home_from_environment, load_settings
from tui_flow.spec import Json
from tui_flow.state import RunState
from tui_flow.store.reader import Reader


def rendered(
    reader: Reader, dag: Dag, run: DagRun | None, task_id: str, map_index: int, at: datetime
) -> dict[str, Json]:
    """Template fields by name. Raises TuiflowError with what the template raised."""
    order = _order(reader, dag, run, task_id, map_index, at)
    timeout_s = load_settings(home_from_environment()).scheduler.parse_timeout_s
    try:
        done = subprocess.run(
            python_module("tui_flow.cli.renderer"),
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired as err:
        raise TuiflowError(
            f"rendering {task_id!r} took longer than {timeout_s:g} s ([scheduler] parse_timeout_s)"
        ) from err
    if not done.stdout:
        last = done.stderr.strip().splitlines()[-1:]
        raise TuiflowError(f"rendering {task_id!r} ended with exit code {done.returncode}: {''.join(last)}")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "error" in answer:
        raise TuiflowError(f"{task_id!r} cannot be rendered: {answer['error']}")
    fields: dict[str, Json] = answer["fields"]
    return fields


def _order(reader: Reader, dag: Dag, run: DagRun | None, task_id: str, map_index: int, at: datetime) -> dict[str, Json]:
    home = home_from_environment()
    settings = load_settings(home)
    source = run.source_version if run else dag.source_version
    xcoms = reader.xcoms(run.id) if run else []
    spec = reader.spec(dag.dag_id, run.spec_version if run else dag.spec_version)
    workload = Workload(
        attempt_id=0,
        dag_id=dag.dag_id,
        task_id=task_id,
        map_index=map_index,
        try_number=1,
        max_tries=0,
        run=facts_of(run or _run_now(reader, dag, at)),
        file=dag.file,
        source_version=source,
        journal="",
        log="",
        map_lengths=lengths_of(spec, reader.task_instances(run.id) if run else ()),
    )
    return {
        "load": {
            "dags_folder": str(dags_folder(home, settings)),
            "file": dag.file,
            "sources": str(home.sources),
            "source_version": source,
            "max_tasks": settings.scheduler.max_tasks_per_dag,
        },
        "workload": workload.to_dict(),
        "xcoms": [(xcom.task_id, xcom.map_index, xcom.key, xcom.value) for xcom in xcoms],
        "triggering": events_of_run(reader, run.id) if run else [],
        "variables": {variable.key: variable.value for variable in reader.variables()},
        "connections": {row.conn_id: _connection(row) for row in reader.connections()},
        "spill": str(home.spill),
    }


def _run_now(reader: Reader, dag: Dag, at: datetime) -> DagRun:
    """The run that `tuiflow trigger` would make."""
    made = manual_run(dag, reader.spec(dag.dag_id, dag.spec_version), at)
    return DagRun(
        id=0,
        dag_id=dag.dag_id,
        run_id=made.run_id,
        run_type=made.run_type,
        state=RunState.QUEUED,
        logical_date=made.logical_date,
        data_interval_start=made.data_interval_start,
        data_interval_end=made.data_interval_end,
        run_after=made.run_after,
        queued_at=at,
        started_at=None,
        ended_at=None,
        spec_version=made.spec_version,
        source_version=made.source_version,
    )


def _connection(row: ConnectionRow) -> dict[str, Json]:
    names = ("conn_type", "host", "login", "password", "schema", "port", "extra", "description")
    return {name: getattr(row, name) for name in names}

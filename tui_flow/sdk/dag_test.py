"""`dag.test()` and `dag.cli()`: the DAG of this file run for real, from the file itself (`python file.py`)."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_flow.errors import TuiflowError
from tui_flow.sdk.dag_run import DagRunView
from tui_flow.sdk.file_formats import format_of, read_connections, read_variables
from tui_flow.sdk.moments import moment
from tui_flow.state import RunState

_ONE_WORD = frozenset({"run", "trigger", "clear", "mark", "logs", "why", "pause", "unpause", "kill", "backfill"})
"""Verbs that a DAG id follows at once; of others it follows the second word."""


@dataclass(frozen=True)
class TestedRun(DagRunView):
    """The run that `dag.test()` made, as it ended."""

    __test__ = False
    task_states: Mapping[str, str] | None = None
    """By task id; of a mapped task's instances by `task_id[index]`."""


def run_test(
    dag: Any,
    *,
    logical_date: datetime | None,
    conf: Mapping[str, Any] | None,
    conn_file_path: str | None,
    variable_file_path: str | None,
    mark_success_pattern: str | None,
) -> TestedRun:
    """Raises TuiflowError where the run could not be made; why is on stderr."""
    trigger: dict[str, Any] = {"dag_id": dag.dag_id, "conf": dict(conf or {})}
    if logical_date is not None:
        trigger |= {"logical_date": logical_date.isoformat(), "reset": True}
    order = {"trigger": trigger, "file": dag.fileloc, "logs": True, "succeeded": mark_success_pattern}
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "order", Path(folder) / "result"
        asked.write_text(json.dumps(order))
        command = [sys.executable, "-m", "tui_flow.cli.tested", str(asked), str(told)]
        sys.stdout.flush()
        subprocess.run(command, env=os.environ | _given(conn_file_path, variable_file_path), check=False)
        if not told.exists():
            raise TuiflowError(f"DAG {dag.dag_id!r} was not run; see above")
        run = _tested(json.loads(told.read_text()))
    if run.state != RunState.SUCCESS and _is_program(dag.fileloc):
        atexit.register(_exit_as_failed)
    return run


def _tested(told: dict[str, Any]) -> TestedRun:
    run = told["run"]
    names = ("logical_date", "data_interval_start", "data_interval_end", "run_after", "queued_at")
    return TestedRun(
        dag_id=run["dag_id"],
        run_id=run["run_id"],
        run_type=run["run_type"],
        **{name: moment(run[name]) for name in names},
        start_date=moment(run["started_at"]),
        end_date=moment(run["ended_at"]),
        conf=run["conf"],
        state=RunState(run["state"]),
        task_states={
            ti["task_id"] + (f"[{ti['map_index']}]" if ti["map_index"] >= 0 else ""): ti["state"]
            for ti in told["tasks"]
        },
    )


def _given(conn_file_path: str | None, variable_file_path: str | None) -> dict[str, str]:
    """Variables and connections of files, as an environment."""
    found = {}
    if variable_file_path:
        values, _ = read_variables(Path(variable_file_path).read_text(), format_of(variable_file_path))
        for key, value in values.items():
            found[f"TUIFLOW_VAR_{key.upper()}"] = value if isinstance(value, str) else json.dumps(value)
    if conn_file_path:
        connections = read_connections(Path(conn_file_path).read_text(), format_of(conn_file_path))
        for conn_id, fields in connections.items():
            found[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps(fields)
    return found


def _is_program(file: str) -> bool:
    """Whether the DAG's file is what Python was started with."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    return main is not None and os.path.realpath(main) == os.path.realpath(file)


def _exit_as_failed() -> None:
    """The file itself goes on to its end, which then says that a run has failed."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def run_cli(dag: Any, words: list[str]) -> None:
    """`python file.py runs show` is `tuiflow runs show DAG`; without words it runs the DAG. Does not return."""
    words = words or ["run"]
    place = 1 if words[0] in _ONE_WORD else 2
    file = ["--file", dag.fileloc] if words[0] == "run" else []
    command = [sys.executable, "-m", "tui_flow", *words[:place], dag.dag_id, *file, *words[place:]]
    sys.exit(subprocess.run(command, check=False).returncode)

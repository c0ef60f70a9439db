"""`dag.test()` and `dag.cli()`: the DAG of this file run for real, from the file itself (`python file.py`)."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_flow.errors import TuiflowError
from tui_flow.sdk import xcom
from tui_flow.sdk.dag_run import DagRunView
from tui_flow.sdk.file_formats import format_of, read_connections, read_variables
from tui_flow.sdk.history import TaskInstanceView
from tui_flow.sdk.moments import moment
from tui_flow.state import RunState

_ONE_WORD = frozenset({"run", "trigger", "clear", "mark", "logs", "why", "pause", "unpause", "kill", "backfill"})
"""Verbs that a DAG id follows at once; of others it follows the second word."""


XComKey = tuple[str, int, str]
"""Task id, map index, key."""


@dataclass(frozen=True, slots=True)
class TestedTaskInstance(TaskInstanceView):
    """A task instance as it ended."""

    __test__ = False
    xcoms: Mapping[XComKey, str] = field(default_factory=dict, repr=False)
    """Those of its run, encoded."""

    def xcom_pull(self, task_ids: str | Iterable[str] | None = None, key: str = "return_value") -> Any:
        """What it pushed, or another task of the run: of a mapped task a list, of several tasks the list of theirs."""
        if task_ids is None:
            return self._decoded(self.task_id, self.map_index, key)
        if not isinstance(task_ids, str):
            return [self.xcom_pull(task_id, key) for task_id in task_ids]
        places = sorted(index for task_id, index, name in self.xcoms if (task_id, name) == (task_ids, key))
        if not places or places == [-1]:
            return self._decoded(task_ids, -1, key)
        return [self._decoded(task_ids, index, key) for index in places]

    def _decoded(self, *key: Any) -> Any:
        text = self.xcoms.get(key)
        return None if text is None else xcom.decode(text)


@dataclass(frozen=True)
class TestedRun(DagRunView):
    """The run that `dag.test()` made, as it ended."""

    __test__ = False
    task_states: Mapping[str, str] | None = None
    """By task id; of a mapped task's instances by `task_id[index]`."""
    tis: tuple[TestedTaskInstance, ...] = field(default=(), repr=False)

    def get_state(self) -> str:
        return self.state

    def get_task_instances(self, state: str | Iterable[str | None] | None = None) -> list[TaskInstanceView]:
        """Those that ended in one of the states, or all."""
        states = [state] if isinstance(state, str) else state
        return [ti for ti in self.tis if states is None or ti.state in states]

    def get_task_instance(self, task_id: str, *, map_index: int = -1) -> TestedTaskInstance | None:
        return next((ti for ti in self.tis if (ti.task_id, ti.map_index) == (task_id, map_index)), None)


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
        tis=tuple(_tis(run, told)),
    )


def _tis(run: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[TestedTaskInstance]:
    xcoms = {(task_id, index, key): text for task_id, index, key, text in told["xcoms"]}
    for ti in told["tasks"]:
        yield TestedTaskInstance(
            dag_id=run["dag_id"],
            run_id=run["run_id"],
            logical_date=moment(run["logical_date"]),
            **{name: ti[name] for name in ("task_id", "map_index", "state", "try_number", "max_tries", "note")},
            start_date=moment(ti["started_at"]),
            end_date=moment(ti["ended_at"]),
            xcoms=xcoms,
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

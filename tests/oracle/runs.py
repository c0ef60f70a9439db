"""The `dag_run` cases, run for real: one home, one scheduler, each task in a process of its own.

Theory of operation. All DAGs append their events to one file that they name when they are imported, so a line does not
say whose run it is of. Runs that shall write none go together; if one did write, they are run again one by one, as are
those that shall write some.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integration.engine_kit import PATIENCE_S, Engine
from tests.oracle.cases import Case
from tui_flow.errors import TuiflowError
from tui_flow.records import DagFile, DagRun
from tui_flow.sdk import xcom
from tui_flow.state import FINISHED_RUN, TaskState
from tui_flow.store.reader import Reader

SECRETS = {
    "AIRFLOW_VAR_O_VAR": "vv",
    "AIRFLOW_VAR_O_JSON": '{"k": [1, 2]}',
    "AIRFLOW_CONN_O_CONN": "postgres://u:p@h.example:5433/db",
}
"""What the DAGs of the cases read."""


@dataclass
class Outcome:
    """What became of one case, in the words of its `expected`."""

    dag_run_state: str = ""
    task_instances: list[dict[str, Any]] = field(default_factory=list)
    xcoms: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    error: str | None = None


class OracleRuns:
    """Runs cases in an engine; `outcome` answers afterwards."""

    def __init__(self, engine: Engine, dags_files: Sequence[Path]) -> None:
        self._engine = engine
        self._events = engine.folder / "events"
        self._outcomes: dict[str, Outcome] = {}
        engine.environ.update(SECRETS, ORACLE_EVENTS=str(self._events))
        self._files = [file.name for file in dags_files]
        for file in dags_files:
            shutil.copy(file, engine.dags / file.name)

    def run(self, cases: Sequence[Case]) -> None:
        self._engine.start()
        self._wait_parsed()
        quiet = [case for case in cases if not case["expected"]["events"]]
        self._run_together(quiet)
        loud = [case for case in cases if case["expected"]["events"]]
        for case in [*quiet, *loud] if self._take_events() else loud:
            outcome = self._outcomes.get(case["id"])
            self._run_together([case], again=outcome is not None)
            (outcome or self._outcomes[case["id"]]).events = self._take_events()

    def outcome(self, case: Case) -> Outcome:
        return self._outcomes[case["id"]]

    def _wait_parsed(self) -> None:
        engine = self._engine
        engine.until(lambda: all(engine.reads(self._parsed) or (None,)), f"{self._files} are parsed")
        errors = [row.message for row in engine.reads(lambda reader: reader.import_errors()) or ()]
        assert not errors, errors

    def _parsed(self, reader: Reader) -> list[DagFile | None]:
        return [reader.file(name) for name in self._files]

    def _run_together(self, cases: Sequence[Case], *, again: bool = False) -> None:
        """`again`: only for the events that the runs write."""
        runs = {case["id"]: self._trigger(case, again) for case in cases}
        started = [(case["input"]["dag_id"], run_id) for case in cases if (run_id := runs[case["id"]]) is not None]
        deadline = time.monotonic() + PATIENCE_S
        while not all(self._is_over(*run) for run in started) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._engine.until(lambda: not self._engine.reads(lambda reader: reader.open_callbacks()), "callbacks end")
        for case in cases:
            if (run_id := runs[case["id"]]) is not None and not again:
                self._outcomes[case["id"]] = self._read(self._engine.run(case["input"]["dag_id"], run_id))

    def _trigger(self, case: Case, again: bool) -> str | None:
        """The run's id; None when it cannot be made."""
        given = case["input"]
        facts: dict[str, Any] = {"conf": given.get("conf") or {}}
        if given.get("logical_date") and not again:
            facts["logical_date"] = given["logical_date"]
        try:
            return str(self._engine.ask("trigger", dag_id=given["dag_id"], **facts)["run_id"])
        except TuiflowError as err:
            self._outcomes[case["id"]] = Outcome(error=str(err))
            return None

    def _is_over(self, dag_id: str, run_id: str) -> bool:
        return self._engine.run(dag_id, run_id).state in FINISHED_RUN

    def _read(self, run: DagRun) -> Outcome:
        """As it is: a run that does not end is told as running."""
        tis = self._engine.reads(lambda reader: reader.task_instances(run.id)) or []
        xcoms = self._engine.reads(lambda reader: reader.xcoms(run.id)) or []
        return Outcome(
            dag_run_state=str(run.state),
            task_instances=[
                {
                    "task_id": ti.task_id,
                    "map_index": ti.map_index,
                    "state": None if ti.state is TaskState.NONE else str(ti.state),
                    "try_number": ti.try_number,
                    "rendered_map_index": ti.rendered_map_index or (str(ti.map_index) if ti.map_index >= 0 else None),
                }
                for ti in tis
            ],
            xcoms=[
                {
                    "task_id": row.task_id,
                    "map_index": row.map_index,
                    "key": row.key,
                    "value": as_airflow_writes(xcom.decode(row.value)),
                }
                for row in xcoms
            ],
        )

    def _take_events(self) -> list[str]:
        lines = self._events.read_text().splitlines() if self._events.exists() else []
        self._events.unlink(missing_ok=True)
        return lines


def as_airflow_writes(value: Any) -> Any:
    """A value as Airflow's XCom table holds it, for the types that the cases' DAGs return."""
    match value:
        case dict():
            return {str(key): as_airflow_writes(part) for key, part in value.items()}
        case list():
            return [as_airflow_writes(part) for part in value]
        case tuple() | set() | frozenset():
            return _tagged(f"builtins.{type(value).__name__}", 1, [as_airflow_writes(part) for part in value])
        case datetime():
            zone = {
                "__classname__": "builtins.tuple",
                "__version__": 1,
                "__data__": ["UTC", "pendulum.tz.timezone.Timezone", 1, True],
            }
            return _tagged("datetime.datetime", 2, {"timestamp": value.timestamp(), "tz": zone})
        case date():
            return _tagged("datetime.date", 2, value.isoformat())
        case timedelta():
            return _tagged("datetime.timedelta", 2, value.total_seconds())
        case _:
            return value


def _tagged(classname: str, version: int, data: Any) -> dict[str, Any]:
    return {"__classname__": classname, "__version__": version, "__data__": data}


def by_task(events: Iterable[str], task_ids: Iterable[str]) -> Mapping[str, list[str]]:
    """Events in their order within each task: tasks that do not wait for each other run at the same time here.

    A line that names no task goes with the only one, or apart."""
    known = set(task_ids)
    alone = next(iter(known)) if len(known) == 1 else ""
    found: dict[str, list[str]] = {}
    for event in events:
        owner = next((word for word in event.split(":")[1:] if word in known), alone)
        found.setdefault(owner, []).append(event)
    return found

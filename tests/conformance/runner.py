"""Runs every DAG of a folder once, in a home of its own."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.engine_kit import Engine
from tui_flow.errors import TuiflowError
from tui_flow.loader.discover import DagsFolder
from tui_flow.records import DagRun
from tui_flow.state import FINISHED_RUN

LOGICAL_DATE = "2024-06-15T10:30:00+00:00"
"""A Saturday, as in the recorded answers."""


@dataclass(slots=True)
class Ran:
    """What became of one DAG, or of a file without one."""

    file: str
    dag_id: str = ""
    problem: str = ""
    """Why it could not be imported or started."""
    state: str = ""
    tasks: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(self.tasks.values())


def run_folder(folder: Path, *, wait_s: float, only: str = "") -> Iterator[Ran]:
    """Import all files, then run all DAGs at once; those not over after `wait_s` are told as they are."""
    environ = {
        "TUIFLOW_CORE_DAGS_FOLDER": str(folder),
        "TUIFLOW_CORE_PARALLELISM": "8",
        "TUIFLOW_SCHEDULER_POLL_FILES_S": "3600",
        "TUIFLOW_CORE_DAGS_ARE_PAUSED_AT_CREATION": "true",
    }
    with (
        tempfile.TemporaryDirectory(prefix="tuiflow-conformance-") as scratch,
        Engine(Path(scratch), **environ) as engine,
    ):
        engine.start()
        files = {file.path for file in DagsFolder(folder).scan().files}
        engine.until(lambda: len(_known_files(engine) & files) == len(files), "all files are parsed", within_s=300)
        for error in engine.reads(lambda reader: reader.import_errors()) or ():
            yield Ran(error.file, problem=error.message)
        dags = [dag for dag in engine.reads(lambda reader: reader.dags()) or () if only in dag.dag_id]
        started = {dag.dag_id: _trigger(engine, dag.dag_id, dag.file) for dag in dags}
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline and not all(r.problem or _is_over(engine, r) for r in started.values()):
            time.sleep(0.2)
        for dag_id, ran in started.items():
            yield ran if ran.problem else _result(engine, engine.run(dag_id, ran.state), ran.file)


def _known_files(engine: Engine) -> set[str]:
    reads: Any = engine.reads(lambda reader: [row.path for row in reader.files()]) or ()
    errors: Any = engine.reads(lambda reader: [row.file for row in reader.import_errors()]) or ()
    return {*reads, *errors}


def _trigger(engine: Engine, dag_id: str, file: str) -> Ran:
    """`state` holds the run's id until it has ended."""
    try:
        run_id = engine.ask("trigger", dag_id=dag_id, logical_date=LOGICAL_DATE)["run_id"]
    except TuiflowError as err:
        return Ran(file, dag_id, problem=str(err))
    return Ran(file, dag_id, state=str(run_id))


def _is_over(engine: Engine, ran: Ran) -> bool:
    return engine.run(ran.dag_id, ran.state).state in FINISHED_RUN


def _result(engine: Engine, run: DagRun, file: str) -> Ran:
    tis = engine.reads(lambda reader: reader.task_instances(run.id)) or []
    return Ran(file, run.dag_id, state=str(run.state), tasks={(t.task_id, t.map_index): str(t.state) for t in tis})

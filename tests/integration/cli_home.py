"""A home with a small history in it, for tests of the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tui_flow.cli.app import run
from tui_flow.logs.capped import log_path
from tui_flow.logs.lines import Level, NoSecrets, Source, stamp_record
from tui_flow.messages import Report
from tui_flow.planner.decisions import CreateRun, FinishAttempt, LaunchAttempt, MoveRun, MoveTask, StartAttempt
from tui_flow.records import Dag, TaskInstanceKey
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import AttemptState, RunState, RunType, TaskState
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer
from tui_flow.timetables import timetable_of

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
T = TaskState

ETL = DagSpec(
    "etl",
    "etl.py",
    description="Load [red]everything[/red]\x1b[2J",
    tags=("daily", "core"),
    timetable=timetable_of("@daily", timezone="UTC", dialect="tui_flow").to_dict(),
    start_date=NOW - 30 * DAY,
    params={"day": {"type": "string", "default": "today"}},
    tasks=(
        TaskSpec("extract", "@task", retries=1),
        TaskSpec("load", "BashOperator", upstream=("extract",)),
        TaskSpec("report", "EmptyOperator", upstream=("load",), is_empty=True),
    ),
)
REPORT = DagSpec(
    "report",
    "report.py",
    display_name="The report",
    owner_links={"eve": "mailto:eve"},
    tasks=(TaskSpec("only", owner="eve"),),
)


def as_json(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What the command answers with `--json`."""
    capsys.readouterr()
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def fill(home: Home) -> None:
    """Two DAGs; `etl` has a run that failed at `load` and one that is queued; one file is broken; some settings."""
    with Writer(home.database) as writer:
        for spec in (ETL, REPORT):
            writer.store_parsed(spec.file, [spec], f"source-{spec.dag_id}", {spec.file: "0" * 16}, NOW - DAY, _place)
        writer.store_import_error("broken.py", "broken.py:3: NameError: name 'x' is not defined", 3, NOW)
        _failed_run(writer, home)
        writer.apply([_run("manual__queued", NOW)], NOW)
        writer.set_variable("region", "eu-west", "where", NOW)


def _place(spec: DagSpec, known: Dag | None) -> Placement:
    has_schedule = spec.dag_id == "etl"
    return Placement(NOW + DAY if has_schedule else None, "@daily" if has_schedule else "", is_paused=not has_schedule)


def _run(run_id: str, date: datetime) -> CreateRun:
    return CreateRun(
        "etl", run_id, RunType.MANUAL, date, date - DAY, date, date, ETL.version, "source-etl", conf={"day": "x"}
    )


def _failed_run(writer: Writer, home: Home) -> None:
    date = NOW - timedelta(hours=2)
    (run,) = [number for _, number in writer.apply([_run("manual__failed", date)], date).created]
    writer.apply([MoveRun(run, RunState.QUEUED, RunState.RUNNING)], date)
    for task_id, state in (("extract", T.SUCCESS), ("load", T.FAILED)):
        _attempt(writer, home, TaskInstanceKey(run, task_id), state, date)
    writer.apply(
        [
            MoveTask(TaskInstanceKey(run, "report"), T.NONE, T.UPSTREAM_FAILED, 0, "load failed"),
            MoveRun(run, RunState.RUNNING, RunState.FAILED, "task_failure"),
        ],
        date + timedelta(minutes=5),
    )


def _attempt(writer: Writer, home: Home, key: TaskInstanceKey, state: TaskState, at: datetime) -> None:
    writer.apply([MoveTask(key, T.NONE, T.SCHEDULED, 0)], at)
    ((_, attempt),) = writer.apply([LaunchAttempt(key, 0, 1, "source-etl")], at).launched
    writer.apply([StartAttempt(attempt, key, at, pid=1)], at)
    ended = AttemptState.SUCCESS if state is T.SUCCESS else AttemptState.FAILED
    report = Report(attempt, ended, at.isoformat(), exit_code=int(state is T.FAILED), max_rss_bytes=20 << 20, cpu_s=0.1)
    if state is T.FAILED:
        report = replace(report, reason="exit code 7")
    writer.apply([FinishAttempt(attempt, key, 1, ended, T.RUNNING, state, report)], at + timedelta(seconds=3))
    path = log_path(home.logs, "etl", "manual__failed", key.task_id, -1, 1)
    path.parent.mkdir(parents=True)
    text = f"hello from {key.task_id}\x1b]0;PWN\x07\x1b[31mred\x1b[0m"
    path.write_bytes(stamp_record(text, Source.STDOUT, Level.INFO, NoSecrets()))


ENVIRON = {"PYTHONPATH": str(Path(__file__).parents[2]), "TZ": "Europe/Berlin"}


def tuiflow(*words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the real program in the test's home."""
    return subprocess.run(
        [sys.executable, "-m", "tui_flow", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        env=os.environ | ENVIRON | environ,
    )

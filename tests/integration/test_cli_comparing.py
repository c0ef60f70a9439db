"""What is to come, what differs between runs and versions, and what attempts used."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.cli_home import NOW, REPORT, as_json, fill
from tui_flow.cli.app import run
from tui_flow.loader.sources import store_sources
from tui_flow.planner.decisions import MoveRun, PauseDag
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import RunState
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer
from tui_flow.timetables import timetable_of

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Home:
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    fill(found)
    return found


def store(home: Home, spec: DagSpec, source: bytes, minutes: int | None = None) -> str:
    """A parse of `spec` with this source; when its next run is due."""
    version = store_sources(home.sources, {spec.file: source})
    manifest = json.loads((home.sources / "versions" / version).read_text())
    due = None if minutes is None else datetime.now(UTC) + timedelta(minutes=minutes)
    with Writer(home.database) as writer:
        writer.store_parsed(
            spec.file, [spec], version, manifest, NOW, lambda *_: Placement(due, "cron", is_paused=False)
        )
    return version


def cron(text: str, dag_id: str) -> DagSpec:
    timetable = timetable_of(text, timezone="UTC", dialect="tui_flow").to_dict()
    return DagSpec(
        dag_id, f"{dag_id}.py", timetable=timetable, start_date=NOW - timedelta(days=2), tasks=(TaskSpec("a"),)
    )


def test_the_schedule_lists_all_dags_by_time_and_counts_what_runs_often(home: Home, capsys: Output) -> None:
    store(home, cron("* * * * *", "often"), b"1", 1)
    store(home, cron("0 0 1 1 *", "yearly"), b"2", 60 * 24 * 300)
    rows = as_json(capsys, "schedule", "--until", "+2h")
    assert [(row["dag_id"], row["runs"]) for row in rows if row["dag_id"] != "etl"] == [("often", 120)]
    rows = as_json(capsys, "schedule", "--until", "+2d")
    etl = [row["run_after"] for row in rows if row["dag_id"] == "etl"]
    assert len(etl) == 2 and etl == sorted(etl)
    assert [row["run_after"] for row in rows] == sorted(row["run_after"] for row in rows)
    assert run(["schedule", "--utc"]) == 0
    shown = capsys.readouterr()
    assert "+00:00" in shown.out and "1440" in shown.out and "yearly" not in shown.out


def test_paused_dags_are_told_of_and_overdue_ones_come_first(home: Home, capsys: Output) -> None:
    store(home, cron("0 * * * *", "late"), b"1", -5)
    with Writer(home.database) as writer:
        writer.apply([PauseDag("etl", True)], NOW)
    assert run(["schedule", "--until", "in 1 minute"]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1].split()[2:4] == ["now", "late"]
    assert "1 DAG with a schedule is paused" in shown.err
    assert run(["schedule", "--until", "soon"]) == 2


def test_the_last_two_versions_are_compared(home: Home, capsys: Output) -> None:
    assert run(["dags", "diff", "etl"]) == 2
    old = store(home, replace(REPORT, tasks=(TaskSpec("only", retries=1),)), b"x = 1\nsame\n")
    with Writer(home.database) as writer:
        spec = writer.reads.dag("report")
        assert spec is not None and spec.source_version == old
    assert run(["trigger", "report", "--run-id", "r1"]) == 0
    store(home, replace(REPORT, tasks=(TaskSpec("only", retries=2), TaskSpec("more"))), b"x = 2\nsame\n")
    found = as_json(capsys, "dags", "diff", "report", "--source")
    assert [(each["change"], each["name"], each["field"]) for each in found["changes"]] == [
        ("changed", "only", "retries"),
        ("added", "more", ""),
    ]
    assert [line for line in found["source"] if line[:1] in "+-"][2:] == ["-x = 1", "+x = 2"]
    assert as_json(capsys, "dags", "diff", "report", "r1", "3", "--source")["source"] == [
        line.replace("version 2", "run r1 (version 2)") for line in found["source"]
    ]
    assert run(["dags", "diff", "report", "3", "3", "--source"]) == 0
    assert "the structure is the same" in (told := capsys.readouterr().err) and "the source is the same" in told
    assert run(["dags", "diff", "report", "9"]) == 2
    assert "its versions are 1 to 3" in capsys.readouterr().err
    assert run(["dags", "diff", "report", "1", "3", "--source"]) == 2
    assert "not kept" in capsys.readouterr().err


def test_two_runs_are_compared(home: Home, capsys: Output) -> None:
    with Writer(home.database) as writer:
        found = writer.reads.run("etl", "manual__queued")
        assert found is not None
        writer.apply([MoveRun(found.id, RunState.QUEUED, RunState.RUNNING)], NOW)
    answer = as_json(capsys, "runs", "compare", "etl")
    assert (answer["a"]["run_id"], answer["b"]["run_id"]) == ("manual__failed", "manual__queued")
    assert {task["task_id"]: task["what"] for task in answer["tasks"]} == {
        "extract": "success -> none",
        "load": "failed -> none",
        "report": "upstream_failed -> none",
    }
    assert as_json(capsys, "runs", "compare", "etl", "manual__failed", "manual__failed")["tasks"] == []
    assert len(as_json(capsys, "runs", "compare", "etl", "manual__failed", "manual__failed", "--all")["tasks"]) == 3
    assert run(["runs", "compare", "etl"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("A  manual__failed: failed in 5m 00s, version 1") and "failed -> none" in out
    assert run(["runs", "compare", "etl", "manual__queued", "manual__failed"]) == 0
    assert run(["runs", "compare", "report"]) == 2
    assert run(["runs", "compare", "etl", "nope"]) == 2


def test_what_attempts_used_is_shown_everywhere(capsys: Output) -> None:
    [attempt] = as_json(capsys, "tasks", "show", "etl", "load", "--run", "manual__failed")["attempts"]
    assert (attempt["exit_code"], attempt["cpu"], attempt["memory"]) == (1, "0.10s", "20.0 MiB")
    tasks = {task["task_id"]: task for task in as_json(capsys, "runs", "show", "etl", "manual__failed")["tasks"]}
    assert (tasks["load"]["exit_code"], tasks["load"]["memory"], tasks["report"]["memory"]) == (1, "20.0 MiB", None)
    assert run(["logs", "etl", "load", "--run", "manual__failed"]) == 0
    shown = capsys.readouterr()
    assert "manual__failed: load, try 1: failed after 0.00s, exit code 1, 0.10s CPU, 20.0 MiB memory" in shown.err
    assert "hello from load" in shown.out and "20.0 MiB" not in shown.out

"""Commands that change something while no scheduler runs: under the home lock, with previews that keep their word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration.cli_home import as_json, fill, tuiflow
from tui_flow.cli.app import run
from tui_flow.settings import Home
from tui_flow.store.lock import held
from tui_flow.store.reader import Reader

FAILED = ("--run", "manual__failed")
Output = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    fill(found)
    return found


def states(home: Home, run_id: str) -> dict[str, str]:
    with Reader(home.database) as reader:
        found = reader.run("etl", run_id)
        assert found is not None
        return {"run": found.state} | {ti.task_id: ti.state for ti in reader.task_instances(found.id)}


def test_trigger_queues_and_says_how_to_start_a_scheduler(home: Home, capsys: Output) -> None:
    assert run(["trigger", "etl", "--run-id", "mine", "-p", "day=monday", "--note", "why"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "mine\n"
    assert "`tuiflow up` starts one" in captured.err
    with Reader(home.database) as reader:
        found = reader.run("etl", "mine")
    assert found is not None
    assert (found.state, found.conf, found.note) == ("queued", {"day": "monday"}, "why")


def test_a_run_id_is_used_once(home: Home, capsys: Output) -> None:
    assert run(["trigger", "etl", "--run-id", "mine"]) == 0
    assert run(["trigger", "etl", "--run-id", "mine"]) == 2
    assert "already has a run 'mine'" in capsys.readouterr().err


def test_params_that_fail_their_schema_create_nothing(home: Home, capsys: Output) -> None:
    assert run(["trigger", "etl", "-p", "day=7", "--run-id", "mine"]) == 2
    assert "param 'day'" in capsys.readouterr().err
    assert run(["runs", "show", "etl", "mine"]) == 2


def test_waiting_needs_a_scheduler(home: Home, capsys: Output) -> None:
    assert run(["trigger", "etl", "--wait", "--run-id", "mine"]) == 2
    assert "`tuiflow run etl`" in capsys.readouterr().err
    assert run(["runs", "show", "etl", "mine"]) == 2


def test_clear_does_what_its_preview_says(home: Home, capsys: Output) -> None:
    preview = as_json(capsys, "clear", "etl", "load", *FAILED, "--dry-run")
    assert states(home, "manual__failed")["load"] == "failed"
    assert as_json(capsys, "clear", "etl", "load", *FAILED, "-y") == preview
    after = states(home, "manual__failed")
    assert {task["task_id"]: task["new"] for task in preview["tasks"]} == {"load": "none", "report": "none"}
    assert after == {"run": "queued", "extract": "success", "load": "none", "report": "none"}


def test_clear_names_the_code_that_will_run(home: Home, capsys: Output) -> None:
    assert run(["clear", "etl", "load", *FAILED, "--dry-run"]) == 0
    assert "the tasks run the newest code, version 1" in capsys.readouterr().err
    assert run(["clear", "etl", "load", *FAILED, "--dry-run", "--same-version"]) == 0
    assert "the code that their runs had before" in capsys.readouterr().err


def test_clearing_one_thing_asks_nothing_and_more_needs_an_answer(home: Home, capsys: Output) -> None:
    refused = tuiflow("clear", "etl", "load", *FAILED)
    assert refused.returncode == 2
    assert "add -y to go ahead" in refused.stderr
    assert states(home, "manual__failed")["load"] == "failed"
    assert tuiflow("clear", "etl", "load", *FAILED, "--only").returncode == 0
    assert states(home, "manual__failed")["load"] == "none"


def test_clear_by_pattern(home: Home, capsys: Output) -> None:
    found = as_json(capsys, "clear", "etl", "-t", "^ext", "-t", "port$", "--only", *FAILED, "--dry-run")
    assert [task["task_id"] for task in found["tasks"]] == ["extract", "report"]
    for words, told in ((["["], "'[' is not a regular"), (["nothing"], "no task that 'nothing' matches")):
        assert run(["clear", "etl", "-t", *words, *FAILED]) == 2
        assert told in capsys.readouterr().err


def test_mark_task_and_run(home: Home, capsys: Output) -> None:
    assert run(["mark", "etl", "load", "success", *FAILED, "-y"]) == 0
    assert states(home, "manual__failed") == {
        "run": "queued",
        "extract": "success",
        "load": "success",
        "report": "none",
    }
    assert run(["mark", "etl", "success", "--run", "manual__queued", "-y"]) == 0
    assert states(home, "manual__queued")["run"] == "success"
    assert run(["mark", "etl", "success", "--past"]) == 2


def test_nothing_to_kill(home: Home, capsys: Output) -> None:
    assert run(["kill", "etl"]) == 2
    assert "nothing of run 'manual__queued' of DAG 'etl' is running" in capsys.readouterr().err


def test_pausing_is_all_or_nothing(home: Home, capsys: Output) -> None:
    assert run(["pause", "etl", "nope"]) == 2
    assert [row["dag_id"] for row in as_json(capsys, "dags", "list", "--paused")] == ["report"]
    assert run(["pause", "etl"]) == 0
    assert run(["unpause", "report"]) == 0
    assert [row["dag_id"] for row in as_json(capsys, "dags", "list", "--paused")] == ["etl"]
    capsys.readouterr()
    assert run(["unpause", "etl", "report"]) == 0
    assert (
        capsys.readouterr().err == "DAG 'etl' is active; 1 slot that passed becomes a run now\nDAG 'report' is active\n"
    )


def test_backfill_shows_dates(home: Home, capsys: Output) -> None:
    words = ("backfill", "etl", "--start", "-3d", "--end", "now")
    found = as_json(capsys, *words, "--dry-run")
    assert {slot["outcome"] for slot in found["slots"]} == {"created"}
    assert as_json(capsys, "backfills", "list") == []
    number = as_json(capsys, *words, "-y")["backfill_id"]
    assert as_json(capsys, "backfills", "list")[0]["total"] == found["total"] == 3
    assert run(["backfills", "pause", str(number)]) == 0
    assert as_json(capsys, "backfills", "list", "etl")[0]["status"] == "paused"
    assert run(["backfills", "cancel", str(number), "-y"]) == 0
    assert run(["backfills", "unpause", str(number)]) == 2


def test_runs_are_cancelled_and_deleted(home: Home, capsys: Output) -> None:
    assert run(["runs", "delete", "etl", "manual__queued", "-y"]) == 2
    assert run(["runs", "cancel", "etl", "manual__queued", "-y"]) == 0
    assert run(["runs", "cancel", "etl", "manual__queued", "-y"]) == 2
    assert run(["runs", "delete", "etl", "manual__queued", "-y"]) == 0
    assert [row["run_id"] for row in as_json(capsys, "runs", "list")] == ["manual__failed"]
    assert (home.logs / "etl" / "manual__failed").exists()
    assert run(["runs", "delete", "etl", "manual__failed", "-y"]) == 0
    assert not (home.logs / "etl" / "manual__failed").exists()
    assert run(["dags", "delete", "etl", "-y"]) == 0
    assert as_json(capsys, "runs", "list") == []


def test_pools(home: Home, capsys: Output) -> None:
    assert run(["pools", "set", "database", "4", "--description", "few"]) == 0
    assert as_json(capsys, "pools", "list")[0]["slots"] == 4
    assert run(["pools", "set", "database", "-5"]) == 2
    assert run(["pools", "delete", "database", "-y"]) == 0
    assert run(["pools", "delete", "default_pool", "-y"]) == 2


def test_secrets_come_from_a_pipe_never_from_arguments(home: Home, capsys: Output) -> None:
    assert tuiflow("variables", "set", "token", stdin="s3cret\n").returncode == 0
    assert run(["variables", "get", "token"]) == 0
    assert capsys.readouterr().out == "s3cret\n"
    words = ("connections", "set", "db", "postgres", "--host", "h", "--port", "5432", "--password")
    assert tuiflow(*words, stdin="pa55\n").returncode == 0
    assert as_json(capsys, "connections", "get", "db")["password"] == "***"
    assert as_json(capsys, "connections", "get", "db", "--reveal")["password"] == "pa55"
    assert run(["connections", "delete", "db", "-y"]) == 0
    assert run(["variables", "delete", "token", "-y"]) == 0
    assert [row["key"] for row in as_json(capsys, "variables", "list")] == ["region"]


def test_a_home_that_is_held_is_named_with_exit_code_75(home: Home, capsys: Output) -> None:
    with held(home, "scheduler"):
        found = tuiflow("db", "takeover", "-y")
    assert found.returncode == 75
    assert "is held by a scheduler (pid" in found.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written(home: Home, capsys: Output) -> None:
    home.root.chmod(0o500)
    try:
        assert run(["trigger", "etl"]) == 1
        assert "cannot write" in capsys.readouterr().err
    finally:
        home.root.chmod(0o700)

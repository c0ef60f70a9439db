"""The options of clear, mark and backfill that Airflow's dialogs have, and notes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.cli_home import ETL, NOW, as_json, fill, tuiflow
from tui_flow.cli.app import run
from tui_flow.messages import Report
from tui_flow.planner.decisions import FinishAttempt, LaunchAttempt, MoveRun, MoveTask, StartAttempt
from tui_flow.records import TaskInstanceKey
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import AttemptState, RunState, TaskState
from tui_flow.store.reader import Reader
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer

Output = pytest.CaptureFixture[str]
FAILED, QUEUED = ("--run", "manual__failed"), ("--run", "manual__queued")


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Home:
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    fill(found)
    return found


def row(home: Home, run_id: str) -> dict[str, str]:
    with Reader(home.database) as reader:
        found = reader.run("etl", run_id)
        assert found is not None
        return {"run": found.state} | {ti.task_id: ti.state for ti in reader.task_instances(found.id)}


def notes(home: Home, run_id: str) -> dict[str, str | None]:
    with Reader(home.database) as reader:
        found = reader.run("etl", run_id)
        assert found is not None
        return {"run": found.note} | {ti.task_id: ti.note for ti in reader.task_instances(found.id)}


def new_version(home: Home) -> DagSpec:
    """`report` is gone, `audit` is new."""
    spec = replace(ETL, tasks=(*ETL.tasks[:2], TaskSpec("audit", upstream=("load",))))
    with Writer(home.database) as writer:
        writer.store_parsed("etl.py", [spec], "source-new", {"etl.py": "1" * 16}, NOW, _place)
    return spec


def _place(_spec: DagSpec, _known: object) -> Placement:
    return Placement(None, "@daily", is_paused=False)


def start_load(home: Home) -> int:
    """In the queued run: `load` is running; its attempt."""
    with Writer(home.database) as writer:
        found = writer.reads.run("etl", "manual__queued")
        assert found is not None
        key = TaskInstanceKey(found.id, "load")
        writer.apply([MoveRun(found.id, RunState.QUEUED, RunState.RUNNING)], NOW)
        writer.apply([MoveTask(key, TaskState.NONE, TaskState.SCHEDULED, 0)], NOW)
        ((_, attempt),) = writer.apply([LaunchAttempt(key, 0, 1, "source-etl")], NOW).launched
        writer.apply([StartAttempt(attempt, key, NOW, pid=2**22 + 1)], NOW)
        return attempt


def test_several_runs_are_cleared_at_once(home: Home, capsys: Output) -> None:
    shown = as_json(capsys, "clear", "etl", "load", "--only", *FAILED, *QUEUED, "--dry-run")
    assert [task["run_id"] for task in shown["tasks"]] == ["manual__failed"]
    assert run(["mark", "etl", "load", "success", *FAILED, *QUEUED]) == 2, "two tasks need an answer"
    assert run(["mark", "etl", "load", "success", *FAILED, *QUEUED, "-y"]) == 0
    assert [row(home, run_id)["load"] for run_id in ("manual__failed", "manual__queued")] == ["success", "success"]
    assert run(["mark", "etl", "failed", *FAILED, *QUEUED, "-y"]) == 0
    assert [row(home, run_id)["run"] for run_id in ("manual__failed", "manual__queued")] == ["failed", "failed"]
    assert run(["clear", "etl", "--run", "nope"]) == 2


def test_new_tasks_are_queued_and_nothing_else_runs_again(home: Home, capsys: Output) -> None:
    new_version(home)
    shown = as_json(capsys, "clear", "etl", "--new-tasks", *FAILED, "--dry-run")
    assert shown["tasks"] == [] and [each["new"] for each in shown["runs"]] == ["queued"]
    assert {(task["task_id"], task["change"]) for task in shown["structure"]} == {
        ("audit", "added"),
        ("report", "removed"),
    }
    assert run(["clear", "etl", "--new-tasks", *FAILED]) == 2, "two things change: it asks"
    assert run(["clear", "etl", "--new-tasks", *FAILED, "-y"]) == 0
    assert row(home, "manual__failed") == {
        "run": "queued",
        "extract": "success",
        "load": "failed",
        "report": "upstream_failed",
        "audit": "none",
    }
    capsys.readouterr()
    assert run(["clear", "etl", "--new-tasks", *FAILED]) == 0
    assert "no task instance would change" in capsys.readouterr().err
    for option in (["load"], ["--same-version"], ["-t", "x"], ["--only-failed"]):
        assert run(["clear", "etl", *option, "--new-tasks", "--dry-run"]) == 2


def test_tasks_are_listed_as_a_run_has_them(home: Home, capsys: Output) -> None:
    new_version(home)
    newest = [task["task_id"] for task in as_json(capsys, "tasks", "list", "etl")]
    of_run = [task["task_id"] for task in as_json(capsys, "tasks", "list", "etl", *FAILED)]
    assert (newest, of_run) == (["extract", "load", "audit"], ["extract", "load", "report"])


def test_a_dag_is_drawn_as_its_file_says_now_unless_a_run_is_named(home: Home, capsys: Output) -> None:
    new_version(home)
    newest = tuiflow("dags", "show", "etl", "--outline")
    assert "audit" in newest.stdout and "report" not in newest.stdout
    assert "has an older version: `--run" in newest.stderr
    of_run = tuiflow("dags", "show", "etl", "--outline", *FAILED)
    assert "report" in of_run.stdout and "audit" not in of_run.stdout and not of_run.stderr


def test_a_clear_tells_what_the_newest_version_changes_in_the_run(home: Home, capsys: Output) -> None:
    new_version(home)
    assert run(["clear", "etl", "load", *FAILED, "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert "task audit is added" in shown.out and "task report is removed" in shown.out
    assert as_json(capsys, "clear", "etl", "load", "--same-version", *FAILED, "--dry-run").get("structure") is None


def test_a_clear_can_refuse_to_stop_what_runs(home: Home, capsys: Output) -> None:
    start_load(home)
    assert run(["clear", "etl", "load", *QUEUED, "--prevent-running"]) == 2
    assert "load is running; nothing is cleared" in capsys.readouterr().err
    shown = as_json(capsys, "clear", "etl", "load", "--only", *QUEUED, "--dry-run")
    assert [task["kills"] for task in shown["tasks"]] == [True]
    assert run(["clear", "etl", "extract", "--only", *FAILED, "--prevent-running"]) == 0


def test_clearing_a_running_task_ends_it_first(home: Home) -> None:
    attempt_id = start_load(home)
    assert run(["clear", "etl", "load", "--only", *QUEUED]) == 0
    with Reader(home.database) as reader:
        attempt = reader.attempt(attempt_id)
        assert attempt is not None and attempt.kill_reason == "cleared"
        ti = reader.task_instance(attempt.key)
    assert ti is not None and (ti.state, ti.after_kill) == ("restarting", "none"), "not free while it is alive"


def test_a_note_goes_to_what_is_changed(home: Home) -> None:
    assert run(["clear", "etl", "load", "--only", *FAILED, "--note", "the disk was full"]) == 0
    assert notes(home, "manual__failed") == {"run": None, "extract": None, "load": "the disk was full", "report": None}
    assert run(["mark", "etl", "extract", "failed", *FAILED, "--note", "wrong data"]) == 0
    assert notes(home, "manual__failed")["extract"] == "wrong data"
    assert run(["mark", "etl", "success", *QUEUED, "--note", "done by hand", "-y"]) == 0
    assert notes(home, "manual__queued")["run"] == "done by hand"
    assert run(["clear", "etl", *QUEUED, "--note", "again", "-y"]) == 0
    assert notes(home, "manual__queued") == {"run": "again", "extract": None, "load": None, "report": None}


def test_notes_are_written_shown_and_taken_away(home: Home, capsys: Output) -> None:
    assert run(["runs", "note", "etl", "manual__failed", "see [red]ticket[/red]\x1b[2J"]) == 0
    assert run(["tasks", "note", "etl", "load", "mine", *FAILED]) == 0
    capsys.readouterr()
    assert run(["runs", "show", "etl", "manual__failed"]) == 0
    out = capsys.readouterr().out
    assert "see [red]ticket" in out and "\x1b" not in out and "mine" in out
    assert run(["runs", "note", "etl", "manual__failed", ""]) == 0
    assert run(["tasks", "note", "etl", "load", "", *FAILED]) == 0
    assert set(notes(home, "manual__failed").values()) == {None}
    assert run(["tasks", "note", "etl", "lod", "x"]) == 2
    assert run(["runs", "note", "etl", "nope", "x"]) == 2


def test_a_backfill_shows_its_dates_goes_on_and_tells_how_far_it_is(home: Home, capsys: Output) -> None:
    many = ("backfill", "etl", "--start", "-60d", "--end", "now")
    assert run([*many, "--dry-run"]) == 0 and capsys.readouterr().out.count(" created") == 60
    assert run([*many]) == 2 and (asked := capsys.readouterr()).out.count(" created") == 40
    assert "the first 40 are shown; --dry-run shows more" in asked.err
    words = ("backfill", "etl", "--start", "-5d", "--end", "now", "--backwards", "--max-active-runs", "2")
    shown = as_json(capsys, *words, "--dry-run")
    dates = [slot["logical_date"] for slot in shown["slots"]]
    assert len(dates) == 5 and dates == sorted(dates, reverse=True)
    assert run([*words, "--dry-run"]) == 0
    assert dates[0][:10] in capsys.readouterr().out
    assert run(["pause", "etl"]) == run([*words, "-y"]) == 0
    assert "is paused, so its runs wait: `tuiflow unpause etl`" in capsys.readouterr().err
    [made] = as_json(capsys, "backfills", "list")
    number = str(made["id"])
    for what in ("-y", "--dry-run"):
        assert run(["backfill", "etl", "--start", "-9d", "--end", "now", what]) == 2
        assert f"backfills cancel {number}" in capsys.readouterr().err
    with Writer(home.database) as writer:
        for each in writer.reads.runs(backfill_id=int(number))[:2]:
            writer.apply([MoveRun(each.id, RunState.QUEUED, RunState.RUNNING)], NOW)
            writer.apply([MoveRun(each.id, RunState.RUNNING, RunState.FAILED, "task_failure")], NOW)
    found = as_json(capsys, "backfills", "show", number)
    assert (found["total"], found["done"], found["runs"]) == (5, 2, {"failed": 2, "queued": 3})
    assert len(found["failed"]) == 2 and found["ends_at"] is not None
    assert run(["backfills", "pause", number]) == 0
    assert as_json(capsys, "backfills", "show", number)["ends_at"] is None
    assert run(["backfills", "resume", number]) == 0
    assert run(["backfills", "show", number]) == 0
    assert "2 of 5 dates (40 %), ends in" in capsys.readouterr().out
    assert run(["backfills", "show", "99"]) == 2


def test_airflows_backfill_verbs_are_answered_with_ours(capsys: Output) -> None:
    assert run(["backfill", "create", "--start", "-3d", "--end", "now"]) == 2
    assert "`tuiflow backfill DAG --start DATE --end DATE`" in capsys.readouterr().err


def test_why_tells_what_a_backfills_run_waits_for(home: Home, capsys: Output) -> None:
    number = as_json(capsys, "backfill", "etl", "--start", "-3d", "--end", "now", "--max-active-runs", "1", "-y")[
        "backfill_id"
    ]
    with Writer(home.database) as writer:
        newest, *_, oldest = writer.reads.runs(backfill_id=number)
        writer.apply([MoveRun(oldest.id, RunState.QUEUED, RunState.RUNNING)], NOW)
    found = as_json(capsys, "why", "etl", "extract", "--run", newest.run_id)["reasons"]
    assert found == [
        "no scheduler is running; `tuiflow up` starts one",
        f"run {newest.run_id} is queued: 1 of 1 runs of backfill {number} are active (max_active_runs): "
        f"{oldest.run_id}",
    ]


def test_files_are_parsed_again_by_a_scheduler_only(capsys: Output) -> None:
    assert run(["dags", "reparse"]) == 2
    assert "no scheduler is running" in capsys.readouterr().err


def test_dags_are_paused_by_a_pattern(capsys: Output) -> None:
    assert run(["pause", "e.*|rep.*", "--regex"]) == 0
    assert all(dag["is_paused"] for dag in as_json(capsys, "dags", "list"))
    assert run(["unpause", "e.*", "--regex"]) == 0
    assert [dag["dag_id"] for dag in as_json(capsys, "dags", "list", "--active")] == ["etl"]
    for words in (["x.*", "--regex"], ["(", "--regex"], ["e.*"]):
        assert run(["pause", *words]) == 2


def test_a_mark_does_not_change_how_long_a_task_took(home: Home, capsys: Output) -> None:
    before = as_json(capsys, "tasks", "show", "etl", "load", *FAILED)
    assert run(["mark", "etl", "load", "success", *FAILED, "-y"]) == 0
    after = as_json(capsys, "tasks", "show", "etl", "load", *FAILED)
    assert (after["state"], after["duration"], after["ended_at"]) == ("success", before["duration"], before["ended_at"])


def end_killed(home: Home, attempt_id: int, reason: str | None = None) -> None:
    """The attempt was killed, for a reason of its own or for that which is on record."""
    with Writer(home.database) as writer:
        attempt = writer.reads.attempt(attempt_id)
        assert attempt is not None
        killed = AttemptState.KILLED
        report = Report(attempt_id, killed, NOW.isoformat(), reason=reason or attempt.kill_reason)
        end = FinishAttempt(attempt_id, attempt.key, 1, killed, TaskState.RUNNING, TaskState.SUCCESS, report)
        assert writer.apply([end], NOW).is_complete


def test_a_task_that_was_ended_by_hand_says_so(home: Home, capsys: Output) -> None:
    attempt_id = start_load(home)
    assert run(["mark", "etl", "load", "success", *QUEUED]) == 0
    end_killed(home, attempt_id, "asked to end")
    found = as_json(capsys, "tasks", "show", "etl", "load", *QUEUED)
    assert found["reason"] == "marked by the user"
    assert found["attempts"][0]["reason"] == "asked to end (marked by the user)"


def test_the_reason_of_an_end_by_hand_is_said_once(home: Home, capsys: Output) -> None:
    attempt_id = start_load(home)
    assert run(["mark", "etl", "load", "success", *QUEUED]) == 0
    end_killed(home, attempt_id)
    found = as_json(capsys, "tasks", "show", "etl", "load", *QUEUED)
    assert found["attempts"][0]["reason"] == "marked by the user"


def test_a_home_is_reset_when_nothing_runs_in_it(home: Home, capsys: Output) -> None:
    home.settings_file.write_text("")
    assert run(["db", "reset"]) == 2 and home.database.exists(), "it asks"
    start_load(home)
    assert run(["db", "reset", "-y"]) == 2 and home.database.exists() and home.logs.exists()
    assert "1 task may still run" in capsys.readouterr().err
    with Writer(home.database) as writer:
        (alive,) = writer.reads.active_attempts()
        report = Report(alive.id, AttemptState.FAILED, NOW.isoformat())
        ended = FinishAttempt(alive.id, alive.key, 1, AttemptState.FAILED, TaskState.RUNNING, TaskState.FAILED, report)
        assert writer.apply([ended], NOW).is_complete
    assert run(["db", "reset", "-y"]) == 0
    assert home.settings_file.exists() and not home.database.exists() and not home.logs.exists()

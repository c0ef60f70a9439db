"""Commands that read: right rows, JSON that is JSON, inert text, one clear line for what is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.cli_home import ENVIRON, as_json, fill, tuiflow
from tui_flow.cli.app import run
from tui_flow.settings import Home

FAILED = ("--run", "manual__failed")
Output = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The home of the test (`conftest` names it in the environment), with a small history."""
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    fill(found)
    return found


def test_dags(home: Home, capsys: Output) -> None:
    rows = as_json(capsys, "dags", "list")
    assert [(row["dag_id"], row["status"], row["last_run"]) for row in rows] == [
        ("etl", "active", "queued"),
        ("report", "paused", None),
    ]
    assert [row["dag_id"] for row in as_json(capsys, "dags", "list", "--paused")] == ["report"]
    assert [row["dag_id"] for row in as_json(capsys, "dags", "list", "--tag", "core")] == ["etl"]
    shown = as_json(capsys, "dags", "show", "etl")
    assert [task["task_id"] for task in shown["tasks"]] == ["extract", "load", "report"]
    assert shown["params"] == {"day": "today"}
    report = as_json(capsys, "dags", "show", "report")
    assert (report["called"], report["owners"]) == ("The report", ["eve <mailto:eve>"])


def test_a_dag_is_drawn_with_the_states_of_a_run(home: Home, capsys: Output) -> None:
    capsys.readouterr()
    assert run(["dags", "show", "etl", "--graph", *FAILED]) == 0
    picture = capsys.readouterr().out
    assert "extract" in picture and "─▸" in picture and "✗" in picture
    assert run(["dags", "show", "etl", "--graph", "--ascii"]) == 0
    assert "->" in (plain := capsys.readouterr().out) and plain.isascii()
    assert run(["dags", "show", "etl", "--outline"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert run(["dags", "show", "etl", "--graph", "--fold", "nope"]) == 2
    assert "has no task group 'nope'" in capsys.readouterr().err


def test_next_runs_are_shown_with_the_data_they_cover(home: Home, capsys: Output) -> None:
    first, second = as_json(capsys, "dags", "next", "etl", "-n", "2")
    assert first["data_interval_end"] == first["run_after"] == second["data_interval_start"]
    assert run(["dags", "next", "report"]) == 0
    captured = capsys.readouterr()
    assert "'report' is paused" in captured.err
    assert "has no scheduled run to come" in captured.err


def test_import_errors(home: Home, capsys: Output) -> None:
    (error,) = as_json(capsys, "dags", "import-errors")
    assert (error["file"], error["line"]) == ("broken.py", 3)
    assert run(["dags", "import-errors"]) == 0
    assert "NameError: name 'x' is not defined" in capsys.readouterr().out


def test_runs_and_tasks(home: Home, capsys: Output) -> None:
    assert [row["run_id"] for row in as_json(capsys, "runs", "list", "etl")] == ["manual__queued", "manual__failed"]
    assert [row["state"] for row in as_json(capsys, "runs", "list", "--state", "failed", "--since", "-3h")] == [
        "failed"
    ]
    assert as_json(capsys, "runs", "list", "--until", "-3d") == []
    shown = as_json(capsys, "runs", "show", "etl", "manual__failed")
    assert {task["task_id"]: task["state"] for task in shown["tasks"]} == {
        "extract": "success",
        "load": "failed",
        "report": "upstream_failed",
    }
    task = as_json(capsys, "tasks", "show", "etl", "load", *FAILED)
    assert task["reason"] == task["attempts"][0]["reason"] == "exit code 7"
    assert [row["upstream"] for row in as_json(capsys, "tasks", "list", "etl")] == [[], ["extract"], ["load"]]


def test_why(home: Home, capsys: Output) -> None:
    assert as_json(capsys, "why", "etl", "load", *FAILED)["reasons"] == ["failed: exit code 7 at the first try"]
    waiting = as_json(capsys, "why", "etl", "load")["reasons"]
    assert waiting[0] == "no scheduler is running; `tuiflow up` starts one"


def test_a_log_is_shown_inert(home: Home, capsys: Output) -> None:
    assert run(["logs", "etl", "load", *FAILED]) == 0
    assert capsys.readouterr().out.endswith("hello from load␛]0;PWN␇red\n")
    assert run(["logs", "etl", "load", *FAILED, "--follow"]) == 0
    assert capsys.readouterr().out.endswith("red\n")
    raw = tuiflow("logs", "etl", "load", *FAILED, "--raw").stdout
    assert "\x1b]0;PWN\x07" in raw


def test_status(home: Home, capsys: Output) -> None:
    found = as_json(capsys, "status")
    assert found["scheduler"] == {"is_running": False}
    assert found["dags"] == {"active": 1, "paused": 1}
    assert found["runs"] == {"running": 0, "queued": 1}
    assert [row["run_id"] for row in found["failed_last_24_h"]] == ["manual__failed"]
    assert [row["dag_id"] for row in found["next_runs"]] == ["etl"]
    assert run(["status"]) == 0
    assert "not running; `tuiflow up` starts it" in capsys.readouterr().out


def test_variables_are_masked(home: Home, capsys: Output) -> None:
    assert as_json(capsys, "variables", "list") == [{"key": "region", "value": "***", "description": ""}]
    assert as_json(capsys, "variables", "list", "--reveal")[0]["value"] == "eu-west"
    assert run(["variables", "get", "region"]) == 0
    assert capsys.readouterr().out == "eu-west\n"


def test_no_text_output_can_steer_a_terminal(home: Home, capsys: Output) -> None:
    for words in ("dags list", "dags show etl", "runs list", "runs show etl manual__failed", "tasks show etl load"):
        assert run(words.split()) == 0
        captured = capsys.readouterr()
        assert "\x1b" not in captured.out + captured.err
    assert run(["dags", "show", "etl"]) == 0
    assert "Load [red]everything[/red]␛[2J" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("dags show elt", "DAG 'elt' not found; did you mean 'etl'?"),
        ("dags show elt", "a DAG file cannot be imported: `tuiflow dags import-errors`"),
        ("dags show elt", "; no scheduler is running, so new files are not seen: `tuiflow up` starts one"),
        ("logs etl report --run manual__failed", "has no log: it is upstream_failed without ever having had a process"),
        ("tasks show etl lod", "DAG 'etl' has no task 'lod'; did you mean 'load'?"),
        ("tasks show report nope", "DAG 'report' has no task 'nope'"),
        ("tasks show report only", "DAG 'report' has no runs yet; `tuiflow trigger report` makes one"),
        ("runs show etl manual__faild", "no run 'manual__faild'; did you mean 'manual__failed'?"),
        ("runs list --state faild", "state 'faild' is unknown; did you mean 'failed'?"),
        ("runs list --since soon", "'soon' is not a date"),
        ("runs list --limit x", "'x' is not a whole number"),
        ("logs etl load", "has not started (it is none); `tuiflow why etl load` says why"),
        ("logs etl load --run manual__failed --try 9", "has no try 9; its newest is 1"),
        ("trigger etl --conf {", "--conf is not JSON"),
        ("trigger etl --logical-date 31.5.", "'31.5.' is not a date"),
        ("variables get regoin", "no variable 'regoin'; did you mean 'region'?"),
        ("connections get x", "no connection 'x'"),
        ("xcom get etl load", "task 'load' has no XCom 'return_value'"),
        ("tasks show etl load --map-index 3", "task 'load' has no map index 3"),
        ("dags lst", "no command 'dags lst'; did you mean 'list'?"),
        ("dag list", "no command 'dag'; did you mean 'dags'?"),
        ("runs list --stat failed", "no such option: --stat"),
        ("mark etl load succes", "state 'succes' is unknown; did you mean 'success'?"),
        ("clear etl nope", "DAG 'etl' has no task 'nope'"),
        ("clear etl -t (", "is not a regular expression"),
        ("backfill report --start -3d --end now", "no schedule that recurs"),
        ("backfill etl --start -3d", "missing option '--end'"),
        ("db query DELETE", "the query cannot be run"),
        ("check /nonexistent/dags", "/nonexistent/dags does not exist"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(home: Home, capsys: Output, words: str, message: str) -> None:
    assert run(words.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("tuiflow: ")
    assert message in line


def test_db(home: Home, capsys: Output, tmp_path: Path) -> None:
    assert as_json(capsys, "db", "check")["state"] == "ok"
    copy = tmp_path / "copy.db"
    assert run(["db", "backup", str(copy)]) == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    assert run(["db", "backup", str(copy)]) == 2
    assert as_json(capsys, "db", "query", "SELECT count(*) AS runs FROM dag_run") == [{"runs": 2}]
    assert run(["db", "clean", "--before", "now", "-y"]) == 0
    assert as_json(capsys, "db", "query", "SELECT run_id FROM dag_run") == [{"run_id": "manual__queued"}]
    assert not (home.logs / "etl" / "manual__failed").exists()


@pytest.mark.parametrize("words", ["dags list", "status", "runs list", "trigger etl", "why etl load"])
def test_a_home_where_nothing_ran_yet_says_what_to_do(tmp_path: Path, capsys: Output, words: str) -> None:
    assert run(words.split()) == (0 if words == "status" else 1)
    assert "`tuiflow up` starts the scheduler" in "".join(capsys.readouterr())


def test_a_foreign_database_is_refused(tmp_path: Path, capsys: Output) -> None:
    path = Home(Path(os.environ["TUIFLOW_HOME"])).database
    path.parent.mkdir()
    path.write_text("this is no database, and long enough to be looked at" * 20)
    assert run(["dags", "list"]) == 1
    assert "is damaged or not a database of tuiflow" in capsys.readouterr().err
    assert path.read_text().startswith("this is no database")


def test_the_program_itself(home: Home) -> None:
    found = tuiflow("dags", "list")
    assert (found.returncode, found.stdout.split()[:2]) == (0, ["dag", "id"])
    assert "+01:00" in found.stdout or "+02:00" in found.stdout
    assert tuiflow("--version").stdout.startswith("tuiflow 0.")
    assert tuiflow("dags").returncode == 2


def test_ids_are_completed_from_the_database(home: Home) -> None:
    def complete(line: str) -> list[str]:
        environ = {
            "_TUIFLOW_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(re.split("[ \n]", line)) - 1),
        }
        return tuiflow(**environ).stdout.split()

    assert complete("tuiflow dags show e") == ["etl"]
    assert complete("tuiflow logs etl l") == ["load"]
    assert complete("tuiflow runs show etl manual__f") == ["manual__failed"]
    assert complete("tuiflow tri") == ["trigger"]
    assert tuiflow("trigger", "etl", "--run-id", "at:12:30").returncode == 0
    assert complete("tuiflow runs show etl at") == ["at:12:30"]
    assert complete("\n".join(["tuiflow", "runs", "show", "etl", "at", ":", "1"])) == ["12:30"], "bash breaks at colons"
    assert complete("\n".join(["tuiflow", "why", "etl", "--run", "=", "at", ":", "12", ":"])) == ["30"]


def test_completion_is_silent_where_there_is_no_database(tmp_path: Path) -> None:
    environ = {"_TUIFLOW_COMPLETE": "complete_bash", "COMP_WORDS": "tuiflow dags show ", "COMP_CWORD": "3"}
    found = tuiflow(**environ)
    assert (found.stdout.strip(), found.stderr) == ("", "")


@pytest.mark.parametrize("words", [["--version"], ["dags", "list"]])
def test_quick_commands_import_nothing_slow(home: Home, words: list[str]) -> None:

    slow = ("pydantic", "pendulum", "jinja2", "textual", "sqlite_utils", "rich", "croniter", "cryptography", "asyncio")
    code = (
        "import sys\nfrom tui_flow.cli.main import main\n"
        f"try: main({words!r})\nexcept SystemExit as end: assert end.code == 0\n"
        f"found = {{name.split('.')[0] for name in sys.modules}} & set({slow!r})\nassert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("words", ["dags list", "dags show etl", "runs show etl manual__failed", "status"])
def test_on_a_terminal_the_only_escape_codes_are_colours(home: Home, words: str) -> None:
    shown = on_terminal(words.split())
    assert "\x1b[" in shown
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown).count("\x1b") == 0
    assert "\x1b" not in on_terminal(words.split(), NO_COLOR="1")


def test_states_are_signs_on_a_terminal_and_ascii_where_it_must_be(home: Home) -> None:
    assert "✗ failed" in on_terminal(["runs", "list"], LANG="C.UTF-8", LC_ALL="C.UTF-8")
    assert "X failed" in on_terminal(["runs", "list"], TERM="linux")


def on_terminal(words: list[str], **environ: str) -> str:
    """What a command writes to a pseudo-terminal."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "tui_flow", *words]
    process = subprocess.Popen(
        command, stdout=theirs, stderr=theirs, env=os.environ | ENVIRON | {"TERM": "xterm-256color"} | environ
    )
    os.close(theirs)
    found = b""
    with suppress(OSError):  # the end of a terminal is an error
        while data := os.read(ours, 65536):
            found += data
    os.close(ours)
    assert process.wait() == 0
    return found.decode()

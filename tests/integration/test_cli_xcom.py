"""XComs on the command line: shown for people, exact when asked for, deleted."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli_home import fill
from tui_flow.cli.app import run
from tui_flow.records import TaskInstanceKey
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.settings import Home
from tui_flow.store.writer import Writer

Output = pytest.CaptureFixture[str]
RUN = ("--run", "manual__failed")
AT = datetime(2026, 5, 31, tzinfo=UTC)
VALUE = {"at": AT, "tags": {"a"}, "n": (1, 2)}


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Home:
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    fill(found)
    files = XComFiles(found.spill, 200, 10_000)
    with Writer(found.database) as writer:
        failed = writer.reads.run("etl", "manual__failed")
        assert failed is not None
        key = TaskInstanceKey(failed.id, "extract")
        for name, value in (("return_value", VALUE), ("large", "x" * 500), ("esc", "\x1b[2J")):
            writer.set_xcom(key, name, files.encode(value, name))
    return found


def out(capsys: Output, *words: str) -> str:
    capsys.readouterr()
    assert run([*words, *RUN]) == 0
    return capsys.readouterr().out


def test_values_are_shown_plainly_or_exactly(capsys: Output) -> None:
    assert json.loads(out(capsys, "xcom", "get", "etl", "extract")) == {
        "at": AT.isoformat(),
        "tags": ["a"],
        "n": [1, 2],
    }
    stored: Any = json.loads(out(capsys, "xcom", "get", "etl", "extract", "--raw"))
    assert stored["at"]["$t"] == "datetime" and stored["tags"]["$t"] == "set"


def test_large_values_come_back_from_their_files(capsys: Output, home: Home) -> None:
    assert json.loads(out(capsys, "xcom", "get", "etl", "extract", "large")) == "x" * 500
    listed = out(capsys, "xcom", "list", "etl", "extract")
    assert "large: `tuiflow xcom get`" in listed and "x" * 500 not in listed and "\x1b" not in listed
    (file,) = home.spill.iterdir()
    file.unlink()
    assert run(["xcom", "get", "etl", "extract", "large", *RUN]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_one_or_all_are_deleted(capsys: Output) -> None:
    assert run(["xcom", "delete", "etl", "extract", "esc", *RUN]) == 0
    assert run(["xcom", "delete", "etl", "extract", "esc", *RUN]) == 2
    assert "it has large, return_value" in capsys.readouterr().err
    assert run(["xcom", "delete", "etl", "extract", *RUN]) == 2, "two need an answer"
    assert run(["xcom", "delete", "etl", "extract", *RUN, "-y"]) == 0
    assert json.loads(out(capsys, "xcom", "list", "etl", "--json")) == []
    assert run(["xcom", "delete", "etl", "extract", *RUN, "-y"]) == 2


def test_lists_show_no_secrets_of_the_home(capsys: Output, home: Home) -> None:
    assert run(["connections", "add", "db", "--conn-uri", "postgres://me:hunter%2Ftwo@h/?api_key=key-of-db"]) == 0
    assert run(["variables", "set", "my_token", "token-of-mine"]) == 0
    assert run(["variables", "set", "settings", '{"password": "deep-one", "region": "eu-west"}']) == 0
    said = ["hunter/two", "key-of-db", "token-of-mine", "deep-one"]
    with Writer(home.database) as writer:
        failed = writer.reads.run("etl", "manual__failed")
        assert failed is not None
        key = TaskInstanceKey(failed.id, "load")
        for name, value in (("said", [*said, "eu-west"]), ("api_token", "by-name"), ("d", {"password": "by-key"})):
            writer.set_xcom(key, name, XComFiles(home.spill, 999, 9999).encode(value, name))
    listed = out(capsys, "xcom", "list", "etl", "load")
    assert "eu-west" in listed and listed.count("***") == 6
    assert not [secret for secret in (*said, "by-name", "by-key") if secret in listed]
    assert json.loads(out(capsys, "xcom", "get", "etl", "load", "said"))[0] == "hunter/two"


def test_a_runs_conf_is_shown_without_secrets(capsys: Output) -> None:
    assert run(["trigger", "etl", "--run-id", "secret", "--conf", '{"db_password": "hunter/two", "n": 1}']) == 0
    capsys.readouterr()
    assert run(["runs", "show", "etl", "secret", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conf"] == {"db_password": "***", "n": 1}
    assert run(["runs", "list", "etl", "--json"]) == 0
    assert "hunter" not in capsys.readouterr().out
    assert run(["runs", "list", "etl", "--type", "backfill"]) == 0
    assert "no runs of that kind" in capsys.readouterr().err

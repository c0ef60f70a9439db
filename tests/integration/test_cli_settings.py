"""Variables, connections and pools on the command line, with files as Airflow writes them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.integration.cli_home import fill, tuiflow
from tests.unit.sdk.test_file_formats import CONNECTIONS, POOLS, VARIABLES
from tui_flow.cli.app import run
from tui_flow.settings import Home
from tui_flow.store.reader import Reader

Output = pytest.CaptureFixture[str]
SECRET = "p@ss/word"


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Home:
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    fill(found)
    return found


def import_text(tmp_path: Path, thing: str, text: str, *options: str, ending: str = "json") -> int:
    file = tmp_path / f"in.{ending}"
    file.write_text(text)
    return run([thing, "import", str(file), *options])


def test_variables_are_imported_and_exported_as_airflows(tmp_path: Path, capsys: Output) -> None:
    assert run(["variables", "delete", "region", "-y"]) == 0
    assert import_text(tmp_path, "variables", VARIABLES) == 0
    capsys.readouterr()
    assert run(["variables", "export", "-"]) == 0
    assert capsys.readouterr().out.strip() == VARIABLES
    out = tmp_path / "out.json"
    assert run(["variables", "export", str(out)]) == 0
    assert (out.read_text(), out.stat().st_mode & 0o777) == (VARIABLES, 0o600)


@pytest.mark.parametrize(
    ("action", "code", "value"), [("overwrite", 0, "new"), ("skip", 0, "eu-west"), ("fail", 2, "eu-west")]
)
def test_existing_variables_are_met_as_asked(
    tmp_path: Path, capsys: Output, action: str, code: int, value: str
) -> None:
    assert import_text(tmp_path, "variables", '{"region": "new", "other": "1"}', "-a", action) == code
    capsys.readouterr()
    assert run(["variables", "get", "region"]) == 0
    assert capsys.readouterr().out == f"{value}\n"
    assert run(["variables", "get", "other"]) == (2 if action == "fail" else 0)


def test_a_variable_has_a_default_is_parsed_and_comes_from_the_environment_first(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["variables", "get", "nope", "-d", "5"]) == 0
    assert run(["variables", "set", "limits", '{"a": 1}', "-j"]) == 0
    assert run(["variables", "get", "limits", "-j"]) == 0
    monkeypatch.setenv("AIRFLOW_VAR_REGION", "from-env")
    assert run(["variables", "get", "region"]) == 0
    assert capsys.readouterr().out == '5\n{\n  "a": 1\n}\nfrom-env\n'
    assert run(["variables", "list"]) == 0
    captured = capsys.readouterr()
    assert "AIRFLOW_VAR_REGION" in captured.err and "from-env" not in captured.out + captured.err
    assert run(["variables", "get", "region", "-j"]) == 1
    assert run(["variables", "set", "limits", "{", "-j"]) == 2
    assert capsys.readouterr().err.count("is not JSON") == 2


def test_connections_are_imported_and_exported_as_airflows(tmp_path: Path, capsys: Output) -> None:
    assert import_text(tmp_path, "connections", CONNECTIONS) == 0
    for form in ("json", "yaml", "env"):
        capsys.readouterr()
        assert run(["connections", "export", "-", "--file-format", form]) == 0
        text = capsys.readouterr().out
        assert import_text(tmp_path, "connections", text, "--overwrite", ending=form) == 0
    capsys.readouterr()
    assert run(["connections", "export", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    wanted = json.loads(CONNECTIONS)
    wanted["warehouse"]["description"] = None  # which a URI has no place for
    assert found == wanted
    assert run(["connections", "list"]) == 0
    assert SECRET not in capsys.readouterr().out


def test_connections_that_are_there_stay_unless_told_otherwise(tmp_path: Path, capsys: Output, home: Home) -> None:
    assert run(["connections", "add", "warehouse", "--conn-uri", "http://mine/"]) == 0
    assert import_text(tmp_path, "connections", CONNECTIONS) == 0
    assert "left as they are: warehouse" in capsys.readouterr().err
    assert run(["connections", "add", "warehouse", "--conn-type", "x"]) == 2
    with Reader(home.database) as reader:
        found = reader.connection("warehouse")
    assert found is not None and (found.conn_type, found.host) == ("http", "mine")


def test_a_connection_is_added_from_its_parts_a_uri_or_json(home: Home) -> None:
    parts = ["--conn-type", "postgres", "--conn-host", "h", "--conn-login", "me", "--conn-password", SECRET]
    more = ["--conn-schema", "s", "--conn-port", "5", "--conn-extra", '{"a": "b"}', "--conn-description", "d"]
    assert run(["connections", "add", "parts", *parts, *more]) == 0
    uri = "postgres://me:p%40ss%2Fword@h:5/s?a=b"
    assert run(["connections", "add", "uri", "--conn-uri", uri, "--conn-description", "d"]) == 0
    fields = {"conn_type": "postgres", "host": "h", "login": "me", "password": SECRET, "schema": "s", "port": 5}
    text = json.dumps(fields | {"extra": {"a": "b"}, "description": "d"})
    assert run(["connections", "add", "json", "--conn-json", text]) == 0
    with Reader(home.database) as reader:
        found = [reader.connection(conn_id) for conn_id in ("parts", "uri", "json")]
    assert len({str(row).replace(row.conn_id, "", 1) for row in found if row}) == 1


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--conn-uri", "http://x/", "--conn-type", "http"],
        ["--conn-uri", "http://x/", "--conn-host", "h"],
        ["--conn-uri", "word"],
        ["--conn-json", "{"],
        ["--conn-json", '{"conn_type": "x", "bad": 1}'],
        ["--conn-type", "x", "--conn-port", "70000"],
        ["--conn-type", "x", "--conn-extra", "no"],
    ],
)
def test_a_connection_that_cannot_be_is_refused_in_a_line(capsys: Output, options: list[str]) -> None:
    assert run(["connections", "add", "c", *options]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert run(["connections", "get", "c"]) == 2


@pytest.mark.parametrize("conn_id", ["two words", "ü id", "a;b", "a" * 251])
def test_a_connection_has_an_id_that_airflow_takes(conn_id: str, capsys: Output) -> None:
    assert run(["connections", "add", conn_id, "--conn-type", "http"]) == 2
    assert "cannot name a connection" in capsys.readouterr().err
    assert run(["connections", "add", "team/a.b-c:d", "--conn-type", "http"]) == 0


def test_a_sqlite_file_in_no_folder_is_not_promised(tmp_path: Path) -> None:
    for name, there in (("new.db", "the first task that uses it makes it"), ("none/new.db", "no folder")):
        tuiflow("connections", "add", f"lite-{there[:2]}", "--conn-type", "sqlite", "--host", str(tmp_path / name))
        done = tuiflow("connections", "test", f"lite-{there[:2]}")
        assert done.returncode == 1 and there in done.stderr


def test_a_connection_of_the_environment_is_shown_masked(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MINE", "postgres://me:p%40ss%2Fword@h/db")
    assert run(["connections", "get", "mine"]) == 0
    assert "***" in (out := capsys.readouterr().out) and SECRET not in out
    assert run(["connections", "get", "mine", "--reveal"]) == 0
    assert "uri          postgres://me:p%40ss%2Fword@h/db" in capsys.readouterr().out


def test_a_connection_without_a_hook_cannot_be_tested() -> None:
    done = tuiflow("connections", "add", "c", "--conn-uri", "strange://me:p%40ss%2Fword@h/")
    assert done.returncode == 0
    done = tuiflow("connections", "test", "c")
    assert done.returncode == 1
    assert "connection 'c' (strange)" in done.stderr and "strange" in done.stderr and SECRET not in done.stderr
    assert tuiflow("connections", "test", "none").returncode == 2


def test_a_password_that_is_not_encoded_is_not_quoted_by_the_error(capsys: Output) -> None:
    assert run(["connections", "add", "c", "--conn-uri", "postgres://me:hunter/two@h/db"]) == 2
    told = capsys.readouterr().err
    assert "port" in told and "%2F" in told and "hunter" not in told


def test_a_uri_is_no_type_and_is_not_quoted(capsys: Output) -> None:
    assert run(["connections", "set", "c", "postgres://me:hunter2@h/db"]) == 2
    told = capsys.readouterr().err
    assert "--conn-uri" in told and "hunter2" not in told
    assert run(["connections", "get", "c"]) == 2


def test_a_connection_is_tried_with_the_hook_of_its_type(tmp_path: Path) -> None:
    assert tuiflow("connections", "add", "lite", "--conn-type", "sqlite", "--conn-host", ":memory:").returncode == 0
    done = tuiflow("connections", "test", "lite", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["conn_type"]) == (0, True, "sqlite")
    broken = tmp_path / "broken.db"
    broken.write_text("no database at all, but long enough to be read as one")
    assert tuiflow("connections", "set", "lite", "sqlite", "--host", str(broken)).returncode == 0
    done = tuiflow("connections", "test", "lite")
    assert done.returncode == 1 and "connection 'lite' (sqlite)" in done.stderr and "Traceback" not in done.stderr


def test_pools_are_imported_and_exported_as_airflows(tmp_path: Path, capsys: Output) -> None:
    assert import_text(tmp_path, "pools", POOLS) == 0
    capsys.readouterr()
    assert run(["pools", "export", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.pop("default_pool")["slots"] == 128
    assert found == json.loads(POOLS)
    assert run(["pools", "get", "db", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["slots"] == 4
    for bad in ('{"a": {}}', '{"a": 3}', '{"a": {"slots": 1, "size": 2}}', '{" ": {"slots": 1}}', "[]"):
        assert import_text(tmp_path, "pools", bad) == 2
    assert run(["pools", "get", "a"]) == 2


def test_a_pool_without_limit_is_set_by_its_negative_number(capsys: Output) -> None:
    assert run(["pools", "set", "wide", "-1"]) == 0
    assert "has no limit" in capsys.readouterr().err
    assert run(["pools", "set", "wide", "-2"]) == 2
    assert "-1 means unlimited" in capsys.readouterr().err
    assert run(["pools", "set", "wide", "-x"]) == 2


def test_secrets_stay_out_of_the_audit_trail(tmp_path: Path, home: Home) -> None:
    assert import_text(tmp_path, "connections", CONNECTIONS) == 0
    assert import_text(tmp_path, "variables", '{"token": "p@ss/word"}') == 0
    with Reader(home.database) as reader:
        assert SECRET not in str(reader.events())
    assert SECRET.encode() not in home.database.read_bytes()

"""`tuiflow connections test` for each type of connection, against servers on the loopback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli_home import tuiflow
from tests.integration.loopback import http_server, mail_server, ssh_server
from tui_flow.sdk.connection import Connection

ROOT = Path(__file__).parents[2]
PASSWORD = "not-that-pass-word"


def tried(conn_type: str, fields: dict[str, Any], **environ: str) -> tuple[bool, str]:
    """What the command says of a connection; its exit code says the same."""
    text = Connection("c", **{**fields, "conn_type": conn_type}).as_json()
    done = tuiflow("connections", "test", "c", "--json", TUIFLOW_CONN_C=text, **environ)
    assert "Traceback" not in done.stderr, done.stderr
    found = json.loads(done.stdout)
    assert done.returncode == (0 if found["ok"] else 1)
    return found["ok"], found["message"]


def test_http_servers() -> None:
    with http_server() as server:
        server.answers["/"] = lambda: (200, "")
        assert tried("http", server.connection) == (True, f"http://127.0.0.1:{server.port} answered 200 OK")
        server.answers["/"] = lambda: (403, "")
        assert tried("http", server.connection)[0] is False
    is_fine, message = tried("http", server.connection | {"login": "me", "password": PASSWORD})
    assert not is_fine and "Connection refused" in message


def test_mail_servers() -> None:
    with mail_server() as server:
        assert tried("smtp", server.connection) == (True, "127.0.0.1 answered 250 OK")
    assert tried("smtp", server.connection)[0] is False


def test_other_machines() -> None:
    with ssh_server() as server:
        assert tried("ssh", server.connection) == (True, "127.0.0.1 lets us in and answered 'tuiflow'")
        is_fine, message = tried("sftp", server.connection)
        assert is_fine and "in the folder /" in message
        is_fine, message = tried("ssh", server.connection | {"password": PASSWORD})
        assert not is_fine and "Authentication failed" in message and PASSWORD not in message


def test_databases(tmp_path: Path) -> None:
    url = {"extra": json.dumps({"sqlalchemy_url": "sqlite://"})}
    assert tried("sql", url) == (True, "c answered")
    is_fine, message = tried("oracle", {"host": "h", "password": PASSWORD})
    assert not is_fine and "needs a driver; install one of oracledb" in message
    (tmp_path / "a.db").touch()
    assert tried("sqlite", {"host": str(tmp_path / "a.db")}) == (True, f"{tmp_path}/a.db is a SQLite database")
    assert tried("sqlite", {"host": str(tmp_path / "b.db")})[0] is False


def test_folders(tmp_path: Path) -> None:
    assert tried("fs", {"extra": json.dumps({"path": str(tmp_path)})}) == (True, f"{tmp_path} is a folder")
    assert tried("fs", {"extra": json.dumps({"path": "/no/such"})}) == (False, "/no/such is no folder here")


@pytest.mark.parametrize("password", [PASSWORD, "fine"])
def test_types_of_installed_airflow_providers(tmp_path: Path, password: str) -> None:
    info = tmp_path / "fake_provider-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-provider\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[apache_airflow_provider]\nprovider_info=fake_provider:info\n")
    (tmp_path / "fake_provider.py").write_text(
        "from airflow.hooks.base import BaseHook\n"
        "class FakeHook(BaseHook):\n"
        "    conn_name_attr = 'fake_conn_id'\n"
        "    def __init__(self, fake_conn_id):\n"
        "        self.fake_conn_id = fake_conn_id\n"
        "    def test_connection(self):\n"
        "        password = self.get_connection(self.fake_conn_id).password\n"
        "        return password == 'fine', f'looked at {password}'\n"
        "def info():\n"
        "    hook = 'fake_provider.FakeHook'\n"
        "    return {'connection-types': [{'connection-type': 'fake', 'hook-class-name': hook}]}\n"
    )
    is_fine, message = tried("fake", {"password": password}, PYTHONPATH=f"{ROOT}:{tmp_path}")
    assert (is_fine, message) == (password == "fine", "looked at fine" if password == "fine" else "looked at ***")

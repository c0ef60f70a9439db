from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sdk.fakes import FakeBackend
from tui_flow import BaseHook, Connection, Variable, redact
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException

parts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@given(login=parts, password=parts, schema=parts, extra=st.dictionaries(parts, st.integers() | parts, max_size=3))
def test_a_uri_reads_back_what_was_written(login: str, password: str, schema: str, extra: dict[str, Any]) -> None:
    before = Connection(
        conn_type="http",
        host="example.org",
        login=login,
        password=password,
        schema=schema,
        port=80,
        extra=extra or None,
    )
    after = Connection(uri=before.get_uri())
    assert (after.login, after.password, after.schema, after.port) == (login, password, schema, 80)
    assert after.extra_dejson == extra


@pytest.mark.parametrize(
    ("uri", "host", "login"),
    [
        ("x://Host.Example:80", "host.example", None),
        ("x://%2FData%2Fx.db", "/Data/x.db", None),
        ("http://https%3A%2F%2FH.example", "https://H.example", None),
        ("my-db://:pw@h", "h", ""),
        ("x://U%20n@H%41", "hA", "U n"),
    ],
)
def test_hosts_and_logins_of_uris(uri: str, host: str, login: str | None) -> None:
    connection = Connection(uri=uri)
    assert (connection.host, connection.login) == (host, login)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("x://h:abc", ValueError, "port that is not a number"),
        ('["x"]', TypeError, "connection 'c': its JSON must be an object"),
        ('{"conn_type": "x", "port": "abc"}', ValueError, "port must be a number, not 'abc'"),
    ],
)
def test_texts_that_are_no_connection(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Connection.from_text(text, "c")


def test_the_environment_goes_before_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUIFLOW_CONN_MY_DB", "postgres://env")
    monkeypatch.setenv("AIRFLOW_VAR_KEY", "env")
    backend = FakeBackend(
        variables={"key": "home", "other": "home"},
        connections={"my_db": {"conn_type": "x"}, "other": {"conn_type": "ssh", "host": "h", "extra": {"a": 1}}},
    )
    with backend_in_use(backend):
        assert BaseHook.get_connection("my_db").host == "env"
        assert Connection.get("other").extra == '{"a": 1}'
        assert (Variable.get("key"), Variable.get("other")) == ("env", "home")
        with pytest.raises(AirflowNotFoundException, match="TUIFLOW_CONN_MISSING"):
            Connection.get("missing")


def test_outside_a_task_the_error_says_where_to_look() -> None:
    with pytest.raises(AirflowNotFoundException, match="running task"):
        Connection.get("c")
    with pytest.raises(KeyError, match="running task"):
        Variable.get("v", default="not used: nobody could tell whether it exists")


def test_passwords_and_sensitive_extras_are_masked() -> None:
    Connection(conn_type="x", password="open-sesame", extra=json.dumps({"api_key": "k-123456", "region": "eu-central"}))
    assert redact("open-sesame k-123456 eu-central") == "*** *** eu-central"


def test_a_uri_and_parts_exclude_each_other() -> None:
    with pytest.raises(AirflowException, match="not both"):
        Connection("c", host="h", uri="http://h")


def test_variables() -> None:
    backend = FakeBackend(variables={"j": '{"a": 1}', "bad": "{"})
    with backend_in_use(backend):
        assert Variable.get("j", deserialize_json=True) == {"a": 1}
        assert Variable.get("none", default_var=None) is None
        assert Variable.setdefault("new", [1], deserialize_json=True) == [1]
        assert Variable.get("new", deserialize_json=True) == [1]
        Variable.update("new", 2)
        Variable.delete("j")
        assert Variable.keys("n") == ["new"]
        with pytest.raises(KeyError, match="'j' does not exist"):
            Variable.get("j")
        with pytest.raises(ValueError, match="'bad' is not JSON"):
            Variable.get("bad", deserialize_json=True)
    assert backend.variables["new"] == "2"

"""A scheduler that is asked, given or told what it cannot use, goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tui_flow.client import Client
from tui_flow.errors import BadInput, ProtocolError, TuiflowError
from tui_flow.state import RunState

WORK = """
import os, signal
from tui_flow import DAG, task, Variable, BaseHook
import ledger

def told(context):
    ledger.note("C", f"{Variable.get('colour')}-{BaseHook.get_connection('db').host}")
    Variable.set("called", context["reason"])
    context["ti"].xcom_push("from_callback", Variable.get("colour"))

with DAG("work", schedule=None):
    @task(on_failure_callback=told)
    def dies():
        os.kill(os.getpid(), signal.SIGKILL)
    dies()

with DAG("waits", schedule=None):
    @task
    def waits():
        ledger.start("waits")
        ledger.gate("go")
        ledger.end("waits")
    waits()
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine_in(tmp_path_factory.mktemp("edges"), {"work.py": WORK}) as found:
        yield found.start()


def is_well(engine: Engine) -> bool:
    return not engine.has_died() and bool(engine.ask("status"))


REQUESTS: list[Any] = [
    {"kind": "request"},
    {"kind": "request", "request_id": "r", "verb": "trigger"},
    {"kind": "request", "request_id": "r", "verb": "trigger", "args": {}},
    {"kind": "request", "request_id": "r", "verb": "trigger", "args": {"dag_id": 7}},
    {"kind": "request", "request_id": "r", "verb": "trigger", "args": {"dag_id": "work", "run_id": "\ud800"}},
    {"kind": "request", "request_id": "r", "verb": "preview", "args": {}},
    {"kind": "request", "request_id": "r", "verb": "preview", "args": {"verb": [], "args": 1}},
    {"kind": "request", "request_id": "r", "verb": "down", "args": {"mode": "sideways"}},
    {"kind": "request", "request_id": "r", "verb": ["status"], "args": {}},
    {"kind": "request", "request_id": ["r"], "verb": "status", "args": []},
    {"kind": "request", "request_id": "r", "verb": "set_variable", "args": {"key": "\ud800", "value": "x"}},
    {"kind": "request", "request_id": "r", "verb": "get_variable", "args": {"key": 2**70}},
    {"kind": "request", "request_id": "r", "verb": "xcoms", "args": {"dag_id": "work"}},
    {"kind": "request", "request_id": "r", "verb": "run_states", "args": {"dag_id": 1, "run_ids": 1}},
    {"kind": "request", "request_id": "r", "verb": "effect", "args": {"seq": "x", "effect": []}},
    {"kind": "report"},
    {"kind": "report", "attempt_id": "x", "state": "odd"},
    {"kind": "void"},
    {"kind": "work", "workloads": "x"},
    {"kind": "parsed"},
    {"kind": "parsed", "host_id": [], "loaded": {}},
    {"kind": "hello", "protocol": 1, "role": "host"},
    {"kind": "hello", "protocol": 1, "role": 7},
]


@pytest.mark.parametrize("role", ["client", "attempt", "host", "parse", "file", "stranger"])
@pytest.mark.parametrize("message", REQUESTS, ids=str)
def test_whatever_it_is_told(engine: Engine, role: str, message: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"attempt_id": 99_999} if role == "attempt" else {}
    if role == "host":
        facts = {"host_id": "x", "file": "f.py", "source_version": "s", "dags_folder": "/", "attempts": []}
    client = Client(engine.home.socket, role, **facts)
    client.send(message)
    assert is_well(engine)
    client.close()


def test_what_it_cannot_deal_with_is_refused_and_the_connection_goes_on(engine: Engine) -> None:
    with Client(engine.home.socket) as client:
        with pytest.raises(BadInput, match="trigger needs dag_id"):
            client.request("trigger", {})
        with pytest.raises(ProtocolError, match="cannot deal with this request: KeyError"):
            client.request("preview", {})
        assert client.request("status", {})


def test_an_attempt_that_nobody_knows_gets_nothing(engine: Engine) -> None:
    with (
        Client(engine.home.socket, "attempt", attempt_id=99_999) as client,
        pytest.raises(TuiflowError, match="this attempt is not known to this home"),
    ):
        client.request("get_variable", {"key": "colour"})


ODD = """
from datetime import datetime
from tui_flow import DAG
dag = DAG("odd", schedule="@daily", start_date=datetime.max)
"""


def test_a_file_that_defines_what_cannot_be_stored_is_an_import_error(engine: Engine) -> None:
    engine.dag_file("odd.py", ODD)
    engine.until(lambda: engine.reads(lambda reader: reader.import_errors()), "an import error")
    (error,) = engine.reads(lambda reader: reader.import_errors()) or []
    assert error.message == "odd.py: what it defines cannot be stored: OverflowError: date value out of range"
    engine.dag_file("even.py", ODD.replace("odd", "even").replace(".max", "(2026, 1, 1)"))
    engine.until(lambda: engine.reads(lambda reader: reader.dag("even")), "other files are stored")
    assert is_well(engine)


def test_a_callback_in_its_own_process_may_ask_and_write(engine: Engine) -> None:
    engine.ask("set_variable", key="colour", value="red")
    engine.ask("set_connection", conn_id="db", conn_type="sqlite", host="here")
    engine.trigger("work")
    assert engine.wait_run("work") is RunState.FAILED
    ledger = engine.folder / "ledger"
    engine.until(lambda: ledger.exists() and "red-here" in ledger.read_text(), "the callback was called")
    engine.until(lambda: engine.reads(lambda reader: reader.variable("called")), "its variable is set")
    assert "SIGKILL" in str(engine.reads(lambda reader: reader.variable("called")))
    engine.until(lambda: engine.xcom("work", "dies", "from_callback") == "red", "its XCom is there")


def test_sigterm_ends_a_scheduler_that_waits_for_its_tasks(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start().trigger("waits")
        engine.wait_started("waits")
        engine.ask("down", mode="drain")
        assert is_well(engine)
        engine.stop()
        assert engine.scheduler is not None and engine.scheduler.returncode == 0
        engine.open_gate("go")
        engine.start()
        assert engine.wait_run("waits") is RunState.SUCCESS
        engine.check()

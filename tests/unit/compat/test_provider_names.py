"""What provider packages import of Airflow itself, and what stands behind the names that nobody else needs."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
import warnings
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.compat.airflow_imports import airflow_imports as airflow_imports
from tests.unit.compat.test_names import looked_up
from tui_flow.compat.airflow.async_reading import get_async_connection, get_async_extra_dejson
from tui_flow.compat.airflow.json_names import AirflowJsonEncoder
from tui_flow.compat.airflow.mail import build_mime_message
from tui_flow.compat.airflow.moved_names import add_deprecated_classes
from tui_flow.compat.airflow.python_script import SERIALIZER_MODULES, remove_task_decorator
from tui_flow.compat.airflow.resumable import ResumableJobMixin
from tui_flow.sdk.async_operator import BaseAsyncOperator
from tui_flow.sdk.callables import is_async_callable
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.context import Context
from tui_flow.sdk.operator import BaseOperator

NAMES: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[2] / "data" / "airflow_provider_names.json").read_text(encoding="utf-8")
)
"""By module, as 32 provider packages of 2022 to 2026 import them at their top."""


@pytest.mark.usefixtures("airflow_imports")
@pytest.mark.parametrize("module", NAMES)
def test_every_name_that_providers_import(module: str) -> None:
    missing = []
    for name in NAMES[module]:
        try:
            looked_up(module, name)
        except ImportError:
            missing.append(name)
    assert missing == []


async def coroutine(x: int = 1) -> int:
    return x


class AsyncCall:
    async def __call__(self) -> None: ...


@pytest.mark.parametrize(
    ("function", "is_async"),
    [(coroutine, True), (partial(partial(coroutine, 1)), True), (AsyncCall(), True), (len, False), (AsyncCall, False)],
)
def test_what_is_an_async_callable(function: Any, is_async: bool) -> None:
    assert is_async_callable(function) is is_async


def test_an_async_operator_is_awaited() -> None:
    class Fetch(BaseAsyncOperator):
        async def aexecute(self, context: Any) -> Any:
            return context["x"], await coroutine(2)

    task = Fetch(task_id="a")
    assert task.is_async and task.execute(Context({"x": 1})) == (1, 2)


def test_moved_names_lead_to_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("moved_probe")
    monkeypatch.setitem(sys.modules, "moved_probe", package)
    monkeypatch.delitem(sys.modules, "moved_probe.old", raising=False)
    add_deprecated_classes(
        {"old": {"Path": "pathlib.Path", "*": "os.path"}, "moved_probe": {"here": "os.sep"}},
        "moved_probe",
        {"old": {"Path": "pathlib.PurePath"}},
        "Soon gone",
    )
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        module = importlib.import_module("moved_probe.old")
        assert module.Path is Path and module.join and package.here == "/"
    assert str(told[0].message) == "`moved_probe.old.Path` is deprecated, use `pathlib.PurePath` Soon gone"
    with pytest.raises(AttributeError, match="moved_probe.*nonsense"):
        _ = package.nonsense


class Job(ResumableJobMixin, BaseOperator):
    status = "RUNNING"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told: list[str] = []

    def submit_job(self, context: Any) -> str:
        self.told.append("submit")
        return "job-2"

    def get_job_status(self, external_id: Any, context: Any) -> str:
        return self.status

    def is_job_active(self, status: str) -> bool:
        return status == "RUNNING"

    def is_job_succeeded(self, status: str) -> bool:
        return status == "DONE"

    def poll_until_complete(self, external_id: Any, context: Any) -> Any:
        self.told.append(f"poll {external_id}")

    def get_job_result(self, external_id: Any, context: Any) -> Any:
        self.told.append(f"result {external_id}")


class Store(dict[str, Any]):
    def set(self, key: str, value: Any) -> None:
        self[key] = value


@pytest.mark.parametrize(
    ("kept", "status", "told", "kept_then"),
    [
        ({}, "", ["submit", "poll job-2", "result job-2"], "job-2"),
        ({"remote_job_id": "job-1"}, "RUNNING", ["poll job-1"], "job-1"),
        ({"remote_job_id": "job-1"}, "DONE", ["result job-1"], "job-1"),
        ({"remote_job_id": "job-1"}, "FAILED", ["submit", "poll job-2", "result job-2"], "job-2"),
    ],
)
def test_a_resumable_job_is_found_again(kept: dict[str, str], status: str, told: list[str], kept_then: str) -> None:
    job, store = Job(task_id="a"), Store(kept)
    job.status = status
    job.execute_resumable(Context({"task_state_store": store}))
    assert job.told == told and store["remote_job_id"] == kept_then


def test_a_job_that_is_not_durable_is_started_anew() -> None:
    job, store = Job(task_id="a", durable=False), Store(remote_job_id="job-1")
    job.execute_resumable(Context({"task_state_store": store}))
    assert job.told[0] == "submit" and store["remote_job_id"] == "job-1"


def test_values_as_airflows_json() -> None:
    values = [dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.date(2024, 1, 2), Decimal(3), Decimal("1.5"), b"x", Path("/a")]
    text = json.dumps(values, cls=AirflowJsonEncoder)
    assert json.loads(text) == ["2024-01-01T00:00:00+00:00", "2024-01-02", 3, 1.5, "x", "/a"]


def test_a_mail_for_others_to_send() -> None:
    message, recipients = build_mime_message(
        "me@x", "a@x; b@x", "Über", "<b>hi</b>", cc=["c@x"], bcc="d@x", custom_headers={"X-Run": 1}
    )
    assert recipients == ["a@x", "b@x", "c@x", "d@x"]
    assert (message["To"], message["Cc"], message["Bcc"], message["X-Run"]) == ("a@x, b@x", "c@x", None, "1")
    assert message.get_content() == "<b>hi</b>\n"


def test_a_function_without_its_decorator() -> None:
    source = "@task.docker(\n    image='x',\n)\n@other\ndef f():\n    return 1\n"
    assert remove_task_decorator(source, "@task.docker") == "@other\ndef f():\n    return 1\n"
    assert set(SERIALIZER_MODULES) == {"pickle", "cloudpickle", "dill"} and "json" not in SERIALIZER_MODULES


def test_a_connection_where_an_event_loop_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setenv("AIRFLOW_CONN_WEB", "http://u:p@host:80/?a=1")

    async def both() -> tuple[Connection, dict[str, Any]]:
        found = await get_async_connection("web")
        return found, await get_async_extra_dejson(found)

    found, extra = asyncio.run(both())
    assert (found.host, extra) == ("host", {"a": "1"})


@pytest.mark.parametrize(
    ("fields", "uri"),
    [
        ({"conn_type": "x", "login": "me", "port": 1}, "x://me@:1"),
        ({"conn_type": "x", "port": 1}, "x://@:1"),
        ({"conn_type": "http", "host": "https://h"}, "http://https://h"),
        ({"conn_type": "http", "host": "http://h"}, "http://http%3A%2F%2Fh"),
    ],
)
def test_connections_as_uris(fields: dict[str, Any], uri: str) -> None:
    assert Connection("c", **fields).get_uri() == uri

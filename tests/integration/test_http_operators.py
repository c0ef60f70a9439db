"""HTTP operators against a server on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.loopback import HttpServer, http_server
from tests.unit.sdk.fakes import FakeBackend, context_for, run_task
from tui_flow import DAG
from tui_flow.masking import redact
from tui_flow.operators.http import HttpOperator, SimpleHttpOperator
from tui_flow.operators.http_hook import HttpErrorException, HttpHook
from tui_flow.operators.http_sensor import HttpSensor
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException
from tui_flow.sdk.sensor import PokeReturnValue


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """With the connections `http_default` and `api`, which has credentials and extras."""
    with http_server() as server:
        extra = {"X-Team": "data", "timeout": 20, "verify_ssl": False}
        api = server.connection | {"login": "me", "password": "api-pass-word", "extra": json.dumps(extra)}
        with backend_in_use(FakeBackend(connections={"http_default": server.connection, "api": api})):
            yield server


def call(endpoint: str = "echo", **kwargs: Any) -> Any:
    with DAG("d", params={"n": 3}):
        return run_task(HttpOperator(task_id="t", endpoint=endpoint, **kwargs)).result


def test_requests_are_rendered_and_sent(server: HttpServer) -> None:
    told = json.loads(call("say/{{ ds }}", data={"n": "{{ params.n }}"}, headers={"X-Run": "{{ ds_nodash }}"}))
    assert (told["method"], told["path"], told["body"]) == ("POST", "/say/2024-06-15", "n=3")
    assert told["headers"]["X-Run"] == "20240615"
    told = json.loads(call("/find", method="get", data={"q": "a b"}))
    assert (told["method"], told["path"]) == ("GET", "/find?q=a+b")
    told = json.loads(call("x", method="PUT", request_kwargs={"json": {"a": 1}}))
    assert (told["method"], json.loads(told["body"])) == ("PUT", {"a": 1})
    assert call("x", method="HEAD") == ""
    with DAG("d"):
        assert run_task(SimpleHttpOperator(task_id="t", endpoint="x", method="DELETE")).result


def test_the_connection_gives_credentials_headers_and_options(server: HttpServer) -> None:
    told = json.loads(call(http_conn_id="api", method="GET"))
    assert told["headers"]["X-Team"] == "data"
    assert told["headers"]["Authorization"].startswith("Basic ") and "timeout" not in told["headers"]
    options: dict[str, Any] = {}
    session = HttpHook(http_conn_id="api").get_conn(extra_options=options)
    assert options["timeout"] == 20 and session.verify is False
    assert redact("api-pass-word") == "***"


def test_checks_and_filters_see_the_response_and_the_context(server: HttpServer) -> None:
    assert call(response_filter=lambda response, ds: (response.json()["method"], ds)) == ("POST", "2024-06-15")
    assert call(response_check=lambda response: response.ok)
    with pytest.raises(AirflowException, match="Response check returned False"):
        call(response_check=lambda response, params: params["n"] != 3)


def test_error_statuses_fail_unless_they_are_wanted(server: HttpServer) -> None:
    server.answers["/broken"] = lambda: (503, "busy")
    with pytest.raises(HttpErrorException, match="503:Service Unavailable"):
        call("broken")
    assert call("broken", extra_options={"check_response": False}) == "busy"


def test_retries_of_tenacity_are_taken(server: HttpServer) -> None:
    import tenacity

    answers = iter([(500, "no"), (500, "no"), (200, "yes")])
    server.answers["/flaky"] = lambda: next(answers)
    assert call("flaky", retry_args={"stop": tenacity.stop_after_attempt(3)}) == "yes"


def test_pages_are_fetched_until_there_is_none(server: HttpServer) -> None:
    def next_page(response: Any) -> Any:
        page = int(response.json()["path"].rpartition("=")[2])
        return {"data": {"page": page + 1}} if page < 3 else None

    arguments: dict[str, Any] = {"method": "GET", "data": {"size": 5, "page": 1}, "pagination_function": next_page}
    pages = call("list", **arguments)
    assert [json.loads(text)["path"] for text in pages] == [f"/list?size=5&page={page}" for page in (1, 2, 3)]
    assert call("list", **arguments, response_filter=len) == 3


def test_whole_urls_need_no_connection(server: HttpServer) -> None:
    with backend_in_use(FakeBackend()):
        assert call(f"http://127.0.0.1:{server.port}/here")
        with pytest.raises(AirflowException, match="'http_default' does not exist and the endpoint 'here'"):
            call("here")
        with pytest.raises(AirflowNotFoundException, match="'other' does not exist"):
            call(f"http://127.0.0.1:{server.port}/here", http_conn_id="other")


def test_the_sensor_waits_for_the_status_and_the_check(server: HttpServer) -> None:
    def poke(endpoint: str, **kwargs: Any) -> Any:
        with DAG("d"):
            sensor = HttpSensor(task_id="t", endpoint=endpoint, **kwargs)
        return sensor.poke(context_for(sensor))

    server.answers |= {"/gone": lambda: (404, ""), "/busy": lambda: (503, "")}
    assert poke("ready") is True
    assert poke("gone") is False
    assert poke("busy", response_error_codes_allowlist=["503"]) is False
    with pytest.raises(HttpErrorException, match="503"):
        poke("busy")
    assert poke("x", response_check=lambda response, task: task.task_id == "other") is False
    found = poke("x", response_check=lambda response: PokeReturnValue(True, "value"))
    assert found.xcom_value == "value"


def test_connections_are_tested_with_a_get(server: HttpServer) -> None:
    server.answers["/"] = lambda: (200, "hello")
    found = HttpHook("POST").test_connection()
    assert found == (True, f"http://127.0.0.1:{server.port} answered 200 OK") and server.requests[-1]["method"] == "GET"
    server.answers["/"] = lambda: (401, "")
    assert HttpHook().test_connection()[0] is False


def test_connections_give_their_hook(server: HttpServer) -> None:
    hook = HttpHook.get_hook("api", hook_params={"method": "GET"})
    assert isinstance(hook, HttpHook) and (hook.method, hook.http_conn_id) == ("GET", "api")
    with pytest.raises(AirflowException, match="no hook is known for the type 'htp'; did you mean 'http'"):
        Connection("x", "htp").get_hook()

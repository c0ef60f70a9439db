"""`tuiflow web`: who is let in, and the dashboard in a real browser."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.importorskip("textual_serve", reason="the extra [web] is not installed")

import aiohttp

from tests.integration import chromium
from tests.integration.cli_home import tuiflow
from tests.tui.homes import fill
from tui_flow.cli.serving import COOKIE, GOING_AWAY
from tui_flow.settings import Home

DAG = """
from tui_flow import DAG
from tui_flow.operators.bash import BashOperator

with DAG("greet", schedule=None):
    BashOperator(task_id="say", bash_command="touch $TUIFLOW_HOME/said")
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "home"
    (root / "dags").mkdir(parents=True)
    (root / "dags" / "greet.py").write_text(DAG)
    monkeypatch.setenv("TUIFLOW_HOME", str(root))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return root


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """Of a server for the home."""
    with serving() as printed:
        yield printed


@contextmanager
def serving(*more: str) -> Iterator[str]:
    """The address that a server prints."""
    words = [sys.executable, "-m", "tui_flow", "web", "--port", "0", *more]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=os.environ)
    try:
        assert server.stderr is not None
        found = re.search(r"http://\S+", server.stderr.readline())
        assert found, "the address is the first line"
        wait_until_open(found[0])
        yield found[0]
    finally:
        server.terminate()
        assert server.wait(20) == 0


def wait_until_open(address: str) -> None:
    """The address is printed a moment before the server takes connections."""
    parts = urlsplit(address)
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((str(parts.hostname), parts.port or 80), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def status_of(address: str, path: str, **headers: str) -> int:
    return answer_of(address, path, **headers).status


def answer_of(address: str, path: str, **headers: str) -> http.client.HTTPResponse:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return connection.getresponse()


def test_only_those_with_the_token_and_only_our_own_pages_are_let_in(address: str) -> None:
    query = f"?{urlsplit(address).query}"
    cookie = f"tuiflow-token={query.removeprefix('?token=')}"

    assert status_of(address, f"/{query}") == 200
    assert status_of(address, "/", Cookie=cookie) == 200
    for path in ("/", "/ws", "/static/js/textual.js", "/?token=", f"/{query}x"):
        assert status_of(address, path) == 403, path
    assert status_of(address, f"/{query}", Origin="http://evil.example") == 403
    assert status_of(address, f"/{query}", Host="evil.example") == 403


def test_an_address_that_others_reach_needs_a_flag(home: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        done = tuiflow("web", "--host", host)
        assert done.returncode == 2
        assert "--allow-remote" in done.stderr


def test_a_server_on_every_address_answers_to_those_of_this_machine(home: Path) -> None:
    with serving("--host", "0.0.0.0", "--allow-remote") as printed:
        parts = urlsplit(printed)
        assert parts.hostname == socket.gethostname().lower()
        here = f"127.0.0.1:{parts.port}"

        page = answer_of(f"http://{here}", f"/?{parts.query}").read().decode()
        assert f'"ws://{here}/ws"' in page and "0.0.0.0" not in page
        assert status_of(printed, f"/?{parts.query}") == 200
        for host in ("evil.example", f"evil.example:{parts.port}", "127.0.0.1", "[", "0x7f.1"):
            assert status_of(f"http://{here}", f"/?{parts.query}", Host=host) == 403, host
        assert status_of(f"http://{here}", f"/?{parts.query}", Origin=f"http://evil.example:{parts.port}") == 403


async def drawn(shown: aiohttp.ClientWebSocketResponse, text: bytes) -> None:
    """Until it was drawn."""
    told = b""
    while text not in told:
        message = await shown.receive(timeout=60)
        assert message.type is not aiohttp.WSMsgType.CLOSED, told[-2000:]
        told += message.data if message.type is aiohttp.WSMsgType.BINARY else b""


def test_a_server_that_is_stopped_sends_its_visitors_away_and_they_come_back_to_the_place(home: Path) -> None:
    fill(Home(home), "greet")

    async def visit(key: str, shows: bytes) -> int | None:
        """The code with which the server closed the socket."""
        with ExitStack() as stack:
            parts = urlsplit(stack.enter_context(serving()))
            cookies = {COOKIE: parts.query.removeprefix("token=")}
            async with (
                aiohttp.ClientSession(cookies=cookies) as session,
                session.ws_connect(f"ws://{parts.netloc}/ws?width=80&height=24") as shown,
            ):
                if key:
                    await drawn(shown, b"greet")
                    await shown.send_json(["stdin", key])
                await drawn(shown, shows)
                ending = asyncio.create_task(asyncio.to_thread(stack.close))
                while not shown.closed:
                    await shown.receive(timeout=20)
                await ending
                code: int | None = shown.close_code
                return code

    assert asyncio.run(visit("2", b"[2 Activity]")) == GOING_AWAY
    assert asyncio.run(visit("", b"[2 Activity]")) == GOING_AWAY


@pytest.mark.skipif(not chromium.PROGRAM, reason="NOT TESTED: no Chromium here; install it (apt-get install chromium)")
def test_a_run_is_triggered_in_a_browser(home: Path, address: str, tmp_path: Path) -> None:
    async def use() -> list[str]:
        async with chromium.tab(address, tmp_path / "profile") as tab:
            await tab.until(lambda drawn: "greet" in drawn and "scheduler" in drawn)
            await tab.click(600, 420)  # where nothing is: gives the page the keyboard
            await tab.press("t")
            await tab.until(lambda drawn: "Trigger" in drawn)
            await tab.press("enter")
            await tab.until(lambda _drawn: (home / "said").exists())
            await tab.press("r")
            await tab.until(lambda drawn: "success" in drawn)
            return tab.requests

    up = tuiflow("up")
    assert up.returncode == 0, up.stderr
    try:
        requests = asyncio.run(use())
    finally:
        tuiflow("down", "--kill-tasks")
    ours = urlsplit(address).netloc
    assert any(url.startswith("ws://") for url in requests)
    assert not [url for url in requests if urlsplit(url).netloc != ours and not url.startswith("data:")]

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_flow.scheduler.service import ServiceManager

A_MINUTE = str(60 * 1_000_000)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The end of systemd."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        found.bind(os.fspath(tmp_path / "notify"))
        found.setblocking(False)
        yield found


def heard(manager: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(manager.recv(100).decode())
        except BlockingIOError:
            return found


def test_the_watchdog_hears_of_the_loop_twice_in_its_time(manager: socket.socket) -> None:
    at = 100.0
    environ = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": A_MINUTE}
    service = ServiceManager(environ, lambda: at)
    service.ready()
    service.goes_round()
    service.goes_round()
    assert heard(manager) == ["READY=1", "WATCHDOG=1"]
    assert service.next_wake() == 130.0
    at = 130.0
    service.goes_round()
    service.stopping()
    assert heard(manager) == ["WATCHDOG=1", "STOPPING=1"]


def test_the_watchdog_of_another_process_is_not_fed(manager: socket.socket) -> None:
    environ = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": A_MINUTE, "WATCHDOG_PID": "1"}
    service = ServiceManager(environ)
    service.goes_round()
    assert service.next_wake() is None and heard(manager) == []


def test_without_systemd_nothing_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    service = ServiceManager({"WATCHDOG_USEC": A_MINUTE})
    service.ready()
    service.goes_round()
    assert service.next_wake() is None and not caplog.records
    ServiceManager({"NOTIFY_SOCKET": os.fspath(tmp_path / "gone")}).ready()
    assert "systemd cannot be told READY=1" in caplog.text

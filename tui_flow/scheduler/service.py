"""Telling systemd, where it started this process, that the scheduler is ready and that its loop goes round.

The protocol is that of sd_notify(3): datagrams to the socket in NOTIFY_SOCKET. With `WatchdogSec=` in the unit systemd
ends and starts again a scheduler that has been silent for that long; its tasks run on (`KillMode=process`).
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping

_log = logging.getLogger("tui_flow.scheduler")


class ServiceManager:
    """Silent where there is none."""

    def __init__(self, environ: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._clock = clock
        is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._every_s = int(environ.get("WATCHDOG_USEC", 0)) / 2e6 if self._address and is_ours else 0.0
        self._due = clock()

    @property
    def is_there(self) -> bool:
        return bool(self._address)

    def ready(self) -> None:
        self._tell("READY=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def next_wake(self) -> float | None:
        """Monotonic time at which the loop must have gone round; None without a watchdog."""
        return self._due if self._every_s else None

    def goes_round(self) -> None:
        """To be called in each round."""
        if self._every_s and self._clock() >= self._due:
            self._due = self._clock() + self._every_s
            self._tell("WATCHDOG=1")

    def _tell(self, line: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
                to.sendto(line.encode(), self._address)
        except OSError as err:
            _log.warning("systemd cannot be told %s: %s", line, err)

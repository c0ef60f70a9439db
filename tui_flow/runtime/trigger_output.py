"""What triggers say, each into the log of the task that waits for it."""

from __future__ import annotations

import logging
import os
import sys
from contextvars import ContextVar

from tui_flow.logs import Masker, Source
from tui_flow.logs.streams import Lines, StampedStream, TaskLogHandler

current_log: ContextVar[Lines | None] = ContextVar("current_log", default=None)
"""Of the trigger that runs now; an asyncio task has its own."""


class _CurrentLog:
    def write(self, lines: bytes) -> None:
        log = current_log.get()
        if log is None:
            os.write(2, lines)
        else:
            log.write(lines)


def route_output(masker: Masker) -> None:
    """From here on prints and log records go to the log of the trigger that makes them."""
    log = _CurrentLog()
    handler = TaskLogHandler(log, masker, Source.TRIGGER)
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False
    sys.stdout = sys.__stdout__ = StampedStream(Source.TRIGGER, log, masker, fd=1)  # type: ignore[assignment,misc]
    sys.stderr = sys.__stderr__ = StampedStream(Source.TRIGGER, log, masker, fd=2)  # type: ignore[assignment,misc]

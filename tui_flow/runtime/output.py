"""Where an attempt's own output goes: prints and logging straight into its log, raw descriptors through pipes.

Raw descriptors 1 and 2 are pipes that the host pumps. From the first secret that is registered at run time the attempt
pumps them itself, through new pipes and a thread of its own, so that the mask is in force before `mask_secret` returns
and no secret ever leaves the process.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import sys
import threading
import warnings

from tui_flow.logs import Level, LineStamper, Masker, Source, stamp
from tui_flow.logs.streams import Lines, StampedStream, TaskLogHandler


class _Nowhere:
    """What a host itself says through `logging`: nothing that anybody reads."""

    def write(self, lines: bytes) -> None:
        pass


class AttemptOutput:
    """Made once in the host, so that a fork finds everything in place; `redirect` in the attempt, `finish` before it
    exits."""

    def __init__(self, masker: Masker) -> None:
        self._log: Lines = _Nowhere()
        self._masker = masker
        self._stdout = StampedStream(Source.STDOUT, self, masker, fd=1)
        self._stderr = StampedStream(Source.STDERR, self, masker, fd=2)
        self._pumps: list[threading.Thread] = []
        handler = TaskLogHandler(self, masker)
        handler.setFormatter(logging.Formatter("%(message)s"))
        root = logging.getLogger()
        root.handlers[:] = [handler]
        root.setLevel(logging.INFO)
        logging.raiseExceptions = False
        warnings.simplefilter("default")
        with contextlib.suppress(OSError, ValueError):
            faulthandler.enable(file=2)

    def redirect(self, log: Lines) -> None:
        """From here on everything that this process says goes to `log`."""
        self._log = log
        sys.stdout = sys.__stdout__ = self._stdout  # type: ignore[assignment,misc]
        sys.stderr = sys.__stderr__ = self._stderr  # type: ignore[assignment,misc]

    def write(self, lines: bytes) -> None:
        self._log.write(lines)

    def note(self, text: str, level: Level = Level.INFO) -> None:
        """Lines of our own, secrets masked."""
        for line in self._masker.redact(text).splitlines() or [""]:
            self._log.write(stamp(line, Source.TUIFLOW, level))

    def pump_here(self) -> None:
        """Take the raw output over from the host; does nothing the second time."""
        if self._pumps:
            return
        for fd, source in ((1, Source.STDOUT), (2, Source.STDERR)):
            read_end, write_end = os.pipe2(os.O_CLOEXEC)
            os.dup2(write_end, fd)
            os.close(write_end)
            stamper = LineStamper(source, masker=self._masker)
            thread = threading.Thread(target=self._pump, args=(read_end, stamper), daemon=True, name=f"pump-{source}")
            thread.start()
            self._pumps.append(thread)

    def finish(self) -> None:
        """Write what is unfinished; waits a moment for children that still hold the raw output."""
        self._stdout.end()
        self._stderr.end()
        if self._pumps:
            null = os.open(os.devnull, os.O_WRONLY)
            for fd in (1, 2):
                os.dup2(null, fd)
            for thread in self._pumps:
                thread.join(timeout=2)

    def _pump(self, fd: int, stamper: LineStamper) -> None:
        while data := os.read(fd, 1 << 16):
            if lines := stamper.feed(data):
                self._log.write(lines)
        if lines := stamper.flush():
            self._log.write(lines)
        os.close(fd)

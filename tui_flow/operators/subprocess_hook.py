"""`SubprocessHook`: runs a command in a process group of its own, logs each line of its output, keeps the last."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from tui_flow.sdk import backend
from tui_flow.sdk.hook import BaseHook

LEFTOVER_GRACE_S = 2.0
"""How long output is still read once the command has ended but a child of it keeps the pipe open."""
_MAX_LINE_BYTES = 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class SubprocessResult(NamedTuple):
    exit_code: int
    output: str
    """The last line of stdout."""


class SubprocessHook(BaseHook):
    """One command at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.sub_process: subprocess.Popen[bytes] | None = None

    def run_command(
        self,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        output_encoding: str = "utf-8",
        cwd: str | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> SubprocessResult:
        """Run to the end; stderr goes where this process's goes. An interruption ends the command's process group."""
        say = on_line or (lambda line: self.log.info("%s", line))
        self.sub_process = process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=None if env is None else dict(env),
            cwd=cwd,
            process_group=0,
            pass_fds=tuple(backend.runtime_fds),
        )
        last = ""
        try:
            for raw in _lines(process):
                last = raw.decode(output_encoding, errors="backslashreplace").rstrip()
                say(last)
            exit_code = process.wait()
        except BaseException:
            self.send_sigterm()
            raise
        finally:
            if process.stdout is not None:
                process.stdout.close()
        self.log.info("Command exited with return code %s", exit_code)
        return SubprocessResult(exit_code, last)

    def send_sigterm(self) -> None:
        """Ask the command and its children to end."""
        if self.sub_process is not None and self.sub_process.poll() is None:
            self.log.info("Sending SIGTERM signal to process group")
            with suppress(ProcessLookupError):
                os.killpg(self.sub_process.pid, signal.SIGTERM)


def _lines(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Lines of its stdout as they come; very long ones in pieces."""
    rest = b""
    for chunk in _chunks(process):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > _MAX_LINE_BYTES:
            yield rest
            rest = b""
    if rest:
        yield rest


def _chunks(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Until the end of stdout, or until the command has ended and its children had a moment to say the rest."""
    assert process.stdout is not None
    out = process.stdout.fileno()
    ended = os.pidfd_open(process.pid)
    with selectors.DefaultSelector() as selector:
        try:
            selector.register(out, selectors.EVENT_READ)
            selector.register(ended, selectors.EVENT_READ)
            deadline: float | None = None
            while deadline is None or time.monotonic() < deadline:
                ready = {
                    key.fd for key, _ in selector.select(None if deadline is None else deadline - time.monotonic())
                }
                if out in ready:
                    chunk = os.read(out, _CHUNK_BYTES)
                    if not chunk:
                        return
                    yield chunk
                elif ended in ready:
                    selector.unregister(ended)
                    deadline = time.monotonic() + LEFTOVER_GRACE_S
        finally:
            os.close(ended)

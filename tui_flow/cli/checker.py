"""`python -m tui_flow.cli.checker`: the child of `tuiflow check`, the only place here where user code runs.

Reads one JSON order from stdin and answers one JSON line a file on stdout. Each file is imported in a fork of its own,
under the limits of a parse by the scheduler.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import tempfile
from dataclasses import replace
from typing import IO, Any

from tui_flow.cli.home_backend import reading_the_home
from tui_flow.loader.failure import describe_exit
from tui_flow.loader.load import Loaded, LoadRequest, load_file, set_parse_limits
from tui_flow.loader.parse_log import ParseLog


def main() -> None:
    order = json.load(sys.stdin)
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        for item in order["requests"]:
            loaded = check_file(LoadRequest.from_dict(item), order["timeout_s"], order["memory_bytes"])
            answers.write(json.dumps(loaded.to_dict()) + "\n")
            answers.flush()


def check_file(request: LoadRequest, timeout_s: float, memory_bytes: int) -> Loaded:
    """What one file says, or how importing it ended."""
    log = ParseLog()
    with tempfile.TemporaryFile("w+") as answer:
        pid = os.fork()
        if pid == 0:
            _import(request, log, answer, memory_bytes)
        in_time = _wait(pid, timeout_s)
        exit_code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        answer.seek(0)
        if in_time and exit_code == 0 and (text := answer.read()):
            return Loaded.from_dict(json.loads(text))
    loaded = Loaded(request.file, output=log.text())
    late = None if in_time else timeout_s
    failure = describe_exit(
        request.file, exit_code, log.text(), dags_folder=request.dags_folder, timed_out_after_s=late
    )
    return replace(loaded, failure=failure)


def _import(request: LoadRequest, log: ParseLog, answer: IO[str], memory_bytes: int) -> Any:
    """In the fork; does not return."""
    exit_code = 1
    try:
        os.setsid()
        set_parse_limits(memory_bytes)
        with reading_the_home():
            loaded = load_file(request, log)
        json.dump(loaded.to_dict(), answer)
        answer.flush()
        exit_code = 0
    finally:
        os._exit(exit_code)


def _wait(pid: int, timeout_s: float) -> bool:
    """Whether the process ended in time; what it left behind, or all of it, is killed."""
    fd = os.pidfd_open(pid)
    try:
        in_time = bool(select.select([fd], [], [], timeout_s)[0])
    finally:
        os.close(fd)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    return in_time


if __name__ == "__main__":
    main()

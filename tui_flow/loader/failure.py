"""Why a DAG file gave no DAGs, in words for the person who wrote it."""

from __future__ import annotations

import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any

from tui_flow.compat.airflow.brought import extra_for
from tui_flow.errors import DagFileError

MAX_TRACEBACK_CHARS = 16 * 1024
_CRASH_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


class FailureKind(StrEnum):
    SYNTAX = "syntax"
    """May be a file that is only half written yet."""
    RAISED = "raised"
    EXITED = "exited"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    BAD_DAG = "bad_dag"
    """It ran, but what it defines cannot be scheduled."""
    REFUSED = "refused"
    """It was not run: permissions, size, a link that leads outside."""


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """An import error."""

    message: str
    """One line that begins with `file:line` where the line is known."""
    line: int | None = None
    """In the DAG file."""
    traceback_text: str = ""
    """From the first line of the user's code on."""
    kind: FailureKind = FailureKind.RAISED

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ImportFailure:
        return cls(**{**data, "kind": FailureKind(data["kind"])})


def describe_exception(err: BaseException, file: str, relative: Callable[[str], str | None]) -> ImportFailure:
    """What an import raised. `relative` gives a path relative to the DAGs folder, None for one outside."""
    places = [(found, line) for name, line in _places(err) if (found := relative(name)) is not None]
    line = next((line for name, line in reversed(places) if name == file), None)
    where = "{}:{}".format(*places[-1]) if places else file
    if places and places[-1][0] != file and line is not None:
        where = f"{where} (imported at {file}:{line})"
    return ImportFailure(f"{where}: {_words(err)}", line, _traceback_text(err, relative), _kind(err))


def _places(err: BaseException) -> list[tuple[str, int]]:
    """(file, line) of each frame, outermost first, and of the text that could not be compiled."""
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(err.__traceback__)]
    if isinstance(err, SyntaxError) and err.filename and err.lineno:
        places.append((err.filename, err.lineno))
    return places


def _kind(err: BaseException) -> FailureKind:
    if isinstance(err, SyntaxError):
        return FailureKind.SYNTAX
    if isinstance(err, SystemExit):
        return FailureKind.EXITED
    return FailureKind.BAD_DAG if isinstance(err, DagFileError) else FailureKind.RAISED


def _words(err: BaseException) -> str:
    if isinstance(err, SystemExit):
        return f"sys.exit({err.code!r}) was called: the process exited before registering DAGs"
    if isinstance(err, MemoryError):
        return "MemoryError: importing the file needs more memory than [scheduler] parse_memory_bytes allows"
    if isinstance(err, ModuleNotFoundError) and err.name:
        return f"{type(err).__name__}: {err}; {_where_from(err.name)}"
    text = _text_of(err)
    if isinstance(err, DagFileError):
        return text
    return f"{type(err).__name__}: {text}" if text else type(err).__name__


def _where_from(module: str) -> str:
    if extra := extra_for(module):
        return f"Airflow's own installation has it: {sys.executable} -m pip install '{extra}'"
    return f"install it for {sys.executable}, or put it into the DAGs folder"


def _text_of(err: BaseException) -> str:
    try:
        return " ".join(str(err.msg if isinstance(err, SyntaxError) else err).split())
    except Exception:  # a user's __str__
        return "its message cannot be shown"


def _traceback_text(err: BaseException, relative: Callable[[str], str | None]) -> str:
    start: TracebackType | None = err.__traceback__
    while start is not None and relative(start.tb_frame.f_code.co_filename) is None:
        start = start.tb_next
    lines = traceback.format_exception(type(err), err, start) if start else traceback.format_exception_only(err)
    text = "".join(lines)
    return text if len(text) <= MAX_TRACEBACK_CHARS else text[:MAX_TRACEBACK_CHARS] + "\n... cut ...\n"


def describe_exit(
    file: str, exit_code: int, output: str = "", *, dags_folder: str = "", timed_out_after_s: float | None = None
) -> ImportFailure:
    """Why a process that imported `file` ended without an answer.

    `exit_code` is negative for a signal, as of `os.waitstatus_to_exitcode`; `output` is what the parse log holds.
    """
    line = _crash_line(output, os.path.join(dags_folder, file))
    where = file if line is None else f"{file}:{line}"
    if timed_out_after_s is not None:
        words = f"still running after {timed_out_after_s:g} s; move slow work into a task or raise parse_timeout_s"
        return ImportFailure(f"{where}: {words}", line, output[-MAX_TRACEBACK_CHARS:], FailureKind.TIMED_OUT)
    if exit_code < 0:
        likely = " (out of memory?)" if -exit_code == signal.SIGKILL else ""
        words = f"the process was ended by {_signal_name(-exit_code)}{likely} while it imported the file"
        return ImportFailure(f"{where}: {words}", line, output[-MAX_TRACEBACK_CHARS:], FailureKind.CRASHED)
    words = f"the process exited {exit_code} before registering DAGs"
    return ImportFailure(f"{where}: {words}", line, output[-MAX_TRACEBACK_CHARS:], FailureKind.EXITED)


def _crash_line(output: str, path: str) -> int | None:
    """The innermost line of the DAG file in a dump of `faulthandler`."""
    dump = output.rpartition("Fatal Python error")[2] if "Fatal Python error" in output else ""
    return next((int(m["line"]) for m in _CRASH_FRAME.finditer(dump) if m["file"] == path), None)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

"""What the dashboard may do besides reading; the command line hands in how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tui_flow.errors import NotPossible, SchedulerUnreachable
from tui_flow.spec import Json
from tui_flow.tui.views.installed import Installed


class Verb(Protocol):
    def __call__(self, verb: str, **args: Json) -> Json:
        """Answers as the verb of that name in `actions` does; raises its errors."""


class Renderer(Protocol):
    def __call__(self, dag_id: str, run_id: str, task_id: str, map_index: int) -> Mapping[str, Json]:
        """The rendered template fields of a task instance, by name. Raises TuiflowError with what the template
        raised."""


def not_rendered(dag_id: str, run_id: str, task_id: str, map_index: int) -> Mapping[str, Json]:
    raise NotPossible(f"templates of {task_id!r} are not rendered here; `tuiflow tasks render` does it")


class Trial(Protocol):
    def __call__(self, conn_id: str) -> Mapping[str, Json]:
        """`{"ok": ..., "message": ...}`. Raises TuiflowError where there was no answer."""


def not_tried(conn_id: str) -> Mapping[str, Json]:
    raise NotPossible(f"connections are not tried here; `tuiflow connections test {conn_id}` does it")


def not_exported(kind: str, path: str) -> int:
    raise NotPossible(f"files are not written here; `tuiflow {kind}s export` does it")


def not_read(kind: str, path: str) -> Mapping[str, Json]:
    raise NotPossible(f"files are not read here; `tuiflow {kind}s import` does it")


def not_diagnosed() -> Path:
    raise NotPossible("diagnostics are not written here; `tuiflow diagnostics` does it")


def none_installed() -> Installed:
    return Installed((), "")


def no_scheduler() -> Json:
    raise SchedulerUnreachable("no scheduler is asked here")


def not_stopped(mode: str) -> None:
    raise NotPossible("the scheduler is not stopped here; `tuiflow down` does it")


@dataclass(frozen=True, slots=True)
class Deeds:
    """Every call may wait for the scheduler: make it in a thread."""

    act: Verb
    preview: Verb
    """What `act` would answer; changes nothing."""
    start_scheduler: Callable[[], None]
    """In the background. Raises HomeError with its last word where it does not come up."""
    user: str = ""
    """Who sits here."""
    render: Renderer = not_rendered
    installed: Callable[[], Installed] = none_installed
    try_connection: Trial = not_tried
    check_export: Callable[[str, str], object] = not_exported
    """Of a kind, to a path. Raises TuiflowError where that has no form to write."""
    export_settings: Callable[[str, str], int] = not_exported
    """Of a kind, to a path; how many. Raises TuiflowError."""
    read_settings: Callable[[str, str], Mapping[str, Json]] = not_read
    """Of a kind, from a path: the arguments of the verb that imports them."""
    diagnose: Callable[[], Path] = not_diagnosed
    """Writes what somebody who is to help needs to a file."""
    ask_scheduler: Callable[[], Json] = no_scheduler
    """What the running one says of itself, soon. Raises SchedulerUnreachable."""
    stop_scheduler: Callable[[str], None] = not_stopped
    """`"leave"`, `"drain"` or `"kill"`: what becomes of the tasks that run. Waits for its end where it leaves or kills
    them. Raises TuiflowError where none answers, or where it does not end."""
    modules: Sequence[str] = ()
    """What the others import when they are first called, and is better imported before."""

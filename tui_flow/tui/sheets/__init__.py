"""One file for each sheet: forms and previews that rise from the bottom, over the page that they are about."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from tui_flow.tui.sheet import Sheet

_WHERE = {
    "answer": "answer.AnswerSheet",
    "backfill": "backfill.BackfillSheet",
    "cancel_backfill": "delete.CancelBackfillSheet",
    "clear": "clear.ClearSheet",
    "command": "command.CommandSheet",
    "copy": "copy.CopySheet",
    "delete_dag": "delete.DeleteDagSheet",
    "delete_run": "delete.DeleteRunSheet",
    "help": "help.HelpSheet",
    "mark": "mark.MarkSheet",
    "note": "note.NoteSheet",
    "stop": "stop.StopSheet",
    "trigger": "trigger.TriggerSheet",
    "view": "view.ViewSheet",
}


def sheet_class(name: str) -> Callable[..., Sheet]:
    """The sheet of that name; its module is imported when it is first opened."""
    module, _, cls = _WHERE[name].partition(".")
    found: Callable[..., Sheet] = getattr(import_module(f"{__name__}.{module}"), cls)
    return found


def is_there(name: str) -> bool:
    return name in _WHERE

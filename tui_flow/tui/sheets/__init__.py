"""One file for each sheet: forms and previews that rise from the bottom, over the page that they are about."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from tui_flow.tui.sheet import Sheet

_WHERE = {
    "answer": "answer.AnswerSheet",
    "backfill": "backfill.BackfillSheet",
    "cancel_backfill": "delete.CancelBackfillSheet",
    "asset_event": "asset.AssetEventSheet",
    "clean_up": "clean_up.CleanUpSheet",
    "clear": "clear.ClearSheet",
    "clock": "clock.ClockSheet",
    "command": "command.CommandSheet",
    "compare": "compare.CompareSheet",
    "connection": "settings.ConnectionSheet",
    "copy": "copy.CopySheet",
    "delete_dag": "delete.DeleteDagSheet",
    "delete_run": "delete.DeleteRunSheet",
    "delete_setting": "settings.DeleteSettingSheet",
    "delete_xcom": "delete.DeleteXComSheet",
    "down": "down.DownSheet",
    "export": "setting_files.ExportSheet",
    "help": "help.HelpSheet",
    "import": "setting_files.ImportSheet",
    "let_go_on": "let_go_on.LetGoOnSheet",
    "mark": "mark.MarkSheet",
    "materialize": "asset.MaterializeSheet",
    "note": "note.NoteSheet",
    "pool": "settings.PoolSheet",
    "stop": "stop.StopSheet",
    "told": "told.ToldSheet",
    "trigger": "trigger.TriggerSheet",
    "variable": "settings.VariableSheet",
    "version": "compare.VersionSheet",
    "xcom": "xcom.XComSheet",
    "view": "view.ViewSheet",
}


def sheet_class(name: str) -> Callable[..., Sheet]:
    """The sheet of that name; its module is imported when it is first opened."""
    module, _, cls = _WHERE[name].partition(".")
    found: Callable[..., Sheet] = getattr(import_module(f"{__name__}.{module}"), cls)
    return found


def is_there(name: str) -> bool:
    return name in _WHERE


def modules() -> list[str]:
    """Where they are, in the order of the table."""
    return [f"{__name__}.{where.partition('.')[0]}" for where in _WHERE.values()]

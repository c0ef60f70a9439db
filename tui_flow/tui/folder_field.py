"""A field for a folder, which completes what is typed."""

from __future__ import annotations

import os
from pathlib import Path

from textual.widgets import Input

from tui_flow.tui.keys import bindings


class FolderField(Input):
    BINDINGS = bindings("complete")

    def action_complete(self) -> None:
        self.value = completed(self.value)
        self.cursor_position = len(self.value)


def completed(typed: str) -> str:
    """`typed` with what all folders that begin so have in common; with a slash behind where there is one only."""
    head, slash, begun = typed.rpartition("/")
    try:
        inside = Path(f"{head}{slash}" or ".").expanduser()
        names = sorted(entry.name for entry in os.scandir(inside) if entry.is_dir() and entry.name.startswith(begun))
    except (OSError, ValueError, RuntimeError):  # the last: a user whom nobody knows
        return typed
    names = [name for name in names if begun or not name.startswith(".")]
    if not names:
        return typed
    return f"{head}{slash}{os.path.commonprefix(names)}{'/' * (len(names) == 1)}"

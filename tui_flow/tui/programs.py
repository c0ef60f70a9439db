"""The user's own editor and pager, which get the terminal while they run."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from textual.app import SuspendNotSupported

from tui_flow.tui.desk import Desk


def open_in_editor(desk: Desk, path: Path, line: int = 1) -> bool:
    """`path` in $EDITOR, at a line. False, and a toast that says why, where it cannot be started."""
    return not _is_packed(desk, path) and _run(desk, os.environ.get("EDITOR") or "vi", f"+{line}", str(path))


def open_at_its_end(desk: Desk, path: Path) -> bool:
    """As `open_in_pager`, for what is written on and on: the newest is seen first."""
    return open_in_pager(desk, path, "less +G")


def open_in_pager(desk: Desk, path: Path, default: str = "less") -> bool:
    """`path` in $PAGER, else in `default`. False, and a toast that says why, where it cannot be started."""
    return not _is_packed(desk, path) and _run(desk, os.environ.get("PAGER") or default, str(path))


def edited(desk: Desk, text: str, name: str) -> str | None:
    """What the user makes of `text` in $EDITOR, as a file called `name`; None where it cannot be started."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return path.read_text(encoding="utf-8") if open_in_editor(desk, path) else None


def _is_packed(desk: Desk, path: Path) -> bool:
    """Whether `path` lies in a zip file, where no program can open it; a toast says so."""
    archive = next((folder for folder in path.parents if folder.is_file()), None)
    if archive is not None:
        desk.toast(f"{path.name} lies in {archive.name}: change it where that is made from")
    return archive is not None


def _run(desk: Desk, program: str, *arguments: str) -> bool:
    try:
        command = [*shlex.split(program), *arguments]
        with desk.set_aside():
            subprocess.run(command, check=False)
    except ValueError as err:
        desk.toast(f"{program} is no command: {err}")
    except OSError as err:
        desk.toast(f"cannot run {command[0]}: {err.strerror}")
    except SuspendNotSupported:
        desk.toast(f"{command[0]} needs a terminal, and a browser is none")
    else:
        return True
    return False

"""Removal of the logs of runs that are deleted: out of sight at once, from the disk by whoever has the time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from tui_flow.settings import Home


def delete_logs(home: Home, dag_id: str, run_id: str) -> None:
    """The logs of a run. Ids that are in the database are safe as names of folders."""
    shutil.rmtree(home.logs / dag_id / run_id, ignore_errors=True)


def set_logs_aside(home: Home, dag_id: str, run_id: str | None = None) -> None:
    """Take away the logs of a run, or of a whole DAG, however many they are, so that one of the same name has none."""
    folder = home.logs / dag_id
    with suppress(OSError):  # most often there are none
        source = folder / run_id if run_id else folder
        source.lstat()
        _aside(home).mkdir(mode=0o700, exist_ok=True)
        os.rename(source, _aside(home) / uuid4().hex)


def delete_set_aside(home: Home) -> Iterator[None]:
    """Delete what was set aside, a folder at each step."""
    with suppress(OSError):
        for each in sorted(_aside(home).iterdir()):
            for below in (*_folders(each), each):
                shutil.rmtree(below, ignore_errors=True)
                yield


def _aside(home: Home) -> Path:
    return home.logs / ".deleted"


def _folders(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    return []

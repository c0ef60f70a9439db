"""Empty working folders for commands that name none. One that is left empty serves the next command."""

from __future__ import annotations

import os
import shutil
import tempfile

_spare: list[str] = []


def take_folder() -> str:
    return _spare.pop() if _spare else tempfile.mkdtemp(prefix="tuiflow-")


def give_back(folder: str) -> None:
    """The command has ended; what it left there goes."""
    try:
        is_empty = not os.listdir(folder)
    except OSError:
        return
    if is_empty:
        _spare.append(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def remove_spares() -> None:
    while _spare:
        shutil.rmtree(_spare.pop(), ignore_errors=True)

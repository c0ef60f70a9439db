"""Empty working folders for commands that name none. One that is left empty serves the next command of its host."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

_spare: list[str] = []


def take_folder(root: str) -> str:
    """A folder below `root`; its name begins with this process's id."""
    return _spare.pop() if _spare else tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root)


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


def sweep(root: Path) -> None:
    """Remove the folders of hosts that are gone. Only while no attempt is alive, whose folder it might be."""
    with contextlib.suppress(OSError):
        for folder in list(root.iterdir()):
            owner = folder.name.partition("-")[0]
            if owner.isdigit() and not os.path.exists(f"/proc/{owner}"):
                shutil.rmtree(folder, ignore_errors=True)

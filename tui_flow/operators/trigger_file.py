"""Triggers that fire once a file is there; some of them take it away."""

from __future__ import annotations

import asyncio
import glob
import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from tui_flow.sdk.trigger import BaseTrigger, TriggerEvent


class FileTrigger(BaseTrigger):
    """Looks every `poke_interval` seconds; a folder counts once there is a file in it."""

    def __init__(self, filepath: str, recursive: bool = False, poke_interval: float = 5.0, **kwargs: Any) -> None:
        super().__init__()
        self.filepath, self.recursive, self.poke_interval = filepath, recursive, poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        kwargs = {"filepath": self.filepath, "recursive": self.recursive, "poke_interval": self.poke_interval}
        return "tui_flow.operators.trigger_file.FileTrigger", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (found := await asyncio.to_thread(find_file, self.filepath, self.recursive)) is None:
            await asyncio.sleep(self.poke_interval)
        self.log.info("Found File %s last modified: %s", *found)
        yield TriggerEvent(True)


class FileDeleteTrigger(BaseTrigger):
    """Fires once this one file is there, after it has been deleted. Looks every `poke_interval` seconds."""

    def __init__(self, filepath: str, poke_interval: float = 5.0, **kwargs: Any) -> None:
        super().__init__()
        self.filepath, self.poke_interval = filepath, poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        kwargs = {"filepath": self.filepath, "poke_interval": self.poke_interval}
        return "tui_flow.operators.trigger_file.FileDeleteTrigger", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while not await asyncio.to_thread(take_file, self.filepath):
            await asyncio.sleep(self.poke_interval)
        self.log.info("File %s has been deleted", self.filepath)
        yield TriggerEvent(True)


class DirectoryFileDeleteTrigger(BaseTrigger):
    """Like `FileDeleteTrigger` for `filename` in `directory`; its event tells the path."""

    def __init__(self, *, directory: str, filename: str, poke_interval: float = 5.0) -> None:
        super().__init__()
        self.directory, self.filename, self.poke_interval = directory, filename, poke_interval
        self.filepath = os.path.join(directory, filename)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        kwargs = {"directory": self.directory, "filename": self.filename, "poke_interval": self.poke_interval}
        return "tui_flow.operators.trigger_file.DirectoryFileDeleteTrigger", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while not await asyncio.to_thread(take_file, self.filepath):
            await asyncio.sleep(self.poke_interval)
        self.log.info("File %s has been deleted", self.filepath)
        yield TriggerEvent({"filepath": self.filepath})


def take_file(path: str) -> bool:
    """Delete a file; False when it is not there. Raises OSError where it must not be deleted."""
    if not os.path.isfile(path):
        return False
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def find_file(pattern: str, recursive: bool) -> tuple[str, str] | None:
    """A matching file, or a folder with a file somewhere in it, and when it was changed; None: there is none."""
    for path in glob.glob(pattern, recursive=recursive):
        if os.path.isfile(path) or any(files for _, _, files in os.walk(path)):
            return path, datetime.fromtimestamp(os.path.getmtime(path)).strftime("%Y%m%d%H%M%S")
    return None

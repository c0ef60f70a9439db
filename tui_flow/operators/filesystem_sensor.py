"""`FileSensor`: waits for a file, for a match of a pattern, or for a folder with a file in it."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection
from datetime import datetime
from typing import Any

from tui_flow.operators.filesystem_hook import FSHook
from tui_flow.sdk.context import Context
from tui_flow.sdk.sensor import BaseSensorOperator


class FileSensor(BaseSensorOperator):
    """`filepath` may be a glob pattern (with `**` when `recursive`); it is relative to the connection's path."""

    template_fields: Collection[str] = ("filepath",)
    ui_color = "#91818a"

    def __init__(
        self,
        *,
        filepath: Any,
        fs_conn_id: str = FSHook.default_conn_name,
        recursive: bool = False,
        deferrable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath if not isinstance(filepath, os.PathLike) else os.fspath(filepath)
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive
        self.deferrable = deferrable

    @property
    def path(self) -> str:
        return os.path.join(FSHook(self.fs_conn_id).get_path(), os.path.expanduser(self.filepath))

    def poke(self, context: Context) -> bool:
        self.log.info("Poking for file %s", self.path)
        for path in glob.glob(self.path, recursive=self.recursive):
            if os.path.isfile(path):
                changed = datetime.fromtimestamp(os.path.getmtime(path)).strftime("%Y%m%d%H%M%S")
                self.log.info("Found File %s last modified: %s", path, changed)
                return True
            if any(files for _, _, files in os.walk(path)):
                return True
        return False

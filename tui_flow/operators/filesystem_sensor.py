"""`FileSensor`: waits for a file, for a match of a pattern, or for a folder with a file in it."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from tui_flow.operators.filesystem_hook import FSHook
from tui_flow.operators.trigger_file import FileTrigger, find_file
from tui_flow.sdk.context import Context
from tui_flow.sdk.deferrable import is_deferrable
from tui_flow.sdk.exceptions import AirflowException
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
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath if not isinstance(filepath, os.PathLike) else os.fspath(filepath)
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive
        self.deferrable = is_deferrable(deferrable)

    @property
    def path(self) -> str:
        return os.path.join(FSHook(self.fs_conn_id).get_path(), os.path.expanduser(self.filepath))

    def poke(self, context: Context) -> bool:
        self.log.info("Poking for file %s", self.path)
        if (found := find_file(self.path, self.recursive)) is None:
            return False
        self.log.info("Found File %s last modified: %s", *found)
        return True

    def execute(self, context: Context) -> Any:
        if not self.deferrable:
            return super().execute(context)
        if not self.poke(context):
            trigger = FileTrigger(self.path, recursive=self.recursive, poke_interval=self.poke_interval)
            self.defer(trigger=trigger, method_name="execute_complete", timeout=timedelta(seconds=self.timeout))
        return None

    def execute_complete(self, context: Context, event: bool | None = None) -> None:
        if not event:
            raise AirflowException(f"{self.task_id} failed: {self.path} was not found")
        self.log.info("%s is there", self.path)

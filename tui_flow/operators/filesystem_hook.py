"""`FSHook`: a folder named by a connection."""

from __future__ import annotations

import os
from typing import Any

from tui_flow.sdk.exceptions import AirflowNotFoundException
from tui_flow.sdk.hook import BaseHook


class FSHook(BaseHook):
    """The connection's extra `path`; the default connection, where nobody made one, is the root folder."""

    conn_name_attr = "fs_conn_id"
    default_conn_name = "fs_default"
    conn_type = "fs"
    hook_name = "File (path)"

    def __init__(self, fs_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fs_conn_id = fs_conn_id

    def get_path(self) -> str:
        try:
            connection = self.get_connection(self.fs_conn_id)
        except AirflowNotFoundException:
            if self.fs_conn_id == self.default_conn_name:
                return "/"
            raise
        return str(connection.extra_dejson.get("path") or "/")

    def get_conn(self) -> None:
        return None

    def test_connection(self) -> tuple[bool, str]:
        """Whether the folder is there."""
        path = self.get_path()
        return os.path.isdir(path), f"{path} {'is a folder' if os.path.isdir(path) else 'is no folder here'}"

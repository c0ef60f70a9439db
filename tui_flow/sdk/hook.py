"""`BaseHook`: what a connection to an outside system is built on."""

from __future__ import annotations

import logging
from typing import Any

from tui_flow.sdk.connection import Connection


class BaseHook:
    """Subclasses implement `get_conn`."""

    conn_name_attr = "conn_id"
    default_conn_name = "default"
    conn_type = ""
    hook_name = ""
    _logger_name: str | None = None  # of subclasses that do not call this __init__

    def __init__(self, logger_name: str | None = None, **kwargs: Any) -> None:
        self._logger_name = logger_name

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger(f"tui_flow.task.{self._logger_name}" if self._logger_name else "tui_flow.task")

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """The connection of that id. Raises AirflowNotFoundException."""
        return Connection.get(conn_id)

    @classmethod
    def get_connections(cls, conn_id: str) -> list[Connection]:
        """Airflow 1.10's: the one connection of that id, in a list."""
        return [cls.get_connection(conn_id)]

    @classmethod
    async def aget_connection(cls, conn_id: str) -> Connection:
        """The same where an event loop runs, which goes on meanwhile."""
        import asyncio  # 40 modules that only triggers and async tasks need

        return await asyncio.to_thread(cls.get_connection, conn_id)

    @classmethod
    def get_hook(cls, conn_id: str, hook_params: dict[str, Any] | None = None) -> Any:
        return cls.get_connection(conn_id).get_hook(hook_params=hook_params)

    def get_conn(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no get_conn()")

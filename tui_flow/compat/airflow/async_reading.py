"""`airflow.providers.common.compat.connection`: connections where an event loop runs."""

from __future__ import annotations

from typing import Any

from tui_flow.sdk.connection import Connection
from tui_flow.sdk.hook import BaseHook


async def get_async_connection(conn_id: str, hook: BaseHook | type[BaseHook] | None = None) -> Connection:
    return await (hook or BaseHook).aget_connection(conn_id)


async def get_async_extra_dejson(conn: Connection) -> dict[str, Any]:
    return await conn.aextra_dejson()

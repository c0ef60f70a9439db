"""Which hook belongs to which type of connection: ours by name, then those that installed Airflow providers declare;
the other way round where a DAG file imports Airflow's providers.

The names are text, as with `@task.bash`: this layer knows no operator.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

from tui_flow.errors import did_you_mean
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.provider_info import declared_by_providers

_DATABASES = ("mariadb", "mssql", "oracle", "redshift", "snowflake", "sql", "trino", "duckdb", "clickhouse")

HOOKS: Mapping[str, str] = {
    "file": "tui_flow.operators.filesystem_hook:FSHook",
    "fs": "tui_flow.operators.filesystem_hook:FSHook",
    "http": "tui_flow.operators.http_hook:HttpHook",
    "https": "tui_flow.operators.http_hook:HttpHook",
    "mysql": "tui_flow.operators.sql_hook:MySqlHook",
    "package_index": "tui_flow.operators.package_index_hook:PackageIndexHook",
    "postgres": "tui_flow.operators.sql_hook:PostgresHook",
    "sftp": "tui_flow.operators.sftp_hook:SFTPHook",
    "smtp": "tui_flow.operators.smtp_hook:SmtpHook",
    "sqlite": "tui_flow.operators.sqlite_hook:SqliteHook",
    "ssh": "tui_flow.operators.ssh_hook:SSHHook",
    **dict.fromkeys(_DATABASES, "tui_flow.operators.sql_hook:SqlHook"),
}


def make_hook(conn_type: str | None, conn_id: str | None, hook_params: Mapping[str, Any] | None = None) -> Any:
    """The hook for a connection. Raises AirflowException when no hook is known for its type."""
    hook_class = _hook_class(conn_type or "", conn_id)
    return hook_class(**{hook_class.conn_name_attr: conn_id, **(hook_params or {})})


def _hook_class(conn_type: str, conn_id: str | None) -> Any:
    if "airflow.providers" in sys.modules:  # operators of an installed provider take no other hook than its own
        place = _of_providers(conn_type) or HOOKS.get(conn_type)
    else:
        place = HOOKS.get(conn_type) or _of_providers(conn_type)
    if place is None:
        raise AirflowException(
            f"connection {conn_id!r}: no hook is known for the type {conn_type!r}{did_you_mean(conn_type, HOOKS)}; "
            "make the hook yourself, or install the Airflow provider of that type"
        )
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _of_providers(conn_type: str) -> str | None:
    for declared in declared_by_providers("connection-types"):
        if declared.get("connection-type") == conn_type:
            module, _, name = declared["hook-class-name"].rpartition(".")
            return f"{module}:{name}"
    return None

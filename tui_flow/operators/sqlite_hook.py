"""`SqliteHook`: a SQLite database, by connection or by path."""

from __future__ import annotations

import os
import sqlite3
from typing import Any
from urllib.parse import quote

from tui_flow.operators.db_api_hook import DbApiHook
from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException
from tui_flow.sdk.extras import extra


class SqliteHook(DbApiHook):
    """`sqlite_conn_id` names a connection whose `host` (or `schema`) is the file, or is the path of a file itself."""

    conn_name_attr = "sqlite_conn_id"
    default_conn_name = "sqlite_default"
    conn_type = "sqlite"
    hook_name = "Sqlite"
    placeholder = "?"

    def path(self) -> str:
        """The database file. Raises AirflowNotFoundException."""
        name = self.get_conn_id()
        if self.schema is not None:
            return self.schema
        try:
            connection = self.get_connection(name)
        except AirflowNotFoundException:
            if "/" in name or name == ":memory:":
                return name
            raise
        if connection.conn_type not in (None, "", self.conn_type):
            raise AirflowException(
                f"connection {name!r} is of type {connection.conn_type!r}; SqliteHook can reach only sqlite databases"
            )
        path = connection.host or connection.schema
        if not path:
            raise AirflowException(f"connection {name!r} names no file; put the path in its host")
        return path

    def get_conn(self) -> sqlite3.Connection:
        """A connection of its own; a file that does not exist yet is made."""
        path = self.path()
        if path == ":memory:":
            return sqlite3.connect(path)
        return sqlite3.connect(f"file:{quote(os.path.expanduser(path))}", uri=True, timeout=30)

    def get_uri(self) -> str:
        return f"sqlite:///{os.path.expanduser(self.path())}"

    def get_sqlalchemy_engine(self, engine_kwargs: dict[str, Any] | None = None) -> Any:
        """An engine of this file, for pandas and the like."""
        with extra("sql", f"connection {self.get_conn_id()!r}"):
            import sqlalchemy
        return sqlalchemy.create_engine(self.get_uri(), **(engine_kwargs or {}))

    def get_autocommit(self, conn: Any) -> bool:
        return not conn.in_transaction

    def set_autocommit(self, conn: Any, autocommit: bool) -> None:
        """Statements that change the schema belong to the transaction too: Python's own mode commits before them."""
        conn.isolation_level = None
        if not autocommit:
            conn.execute("BEGIN")

    def test_connection(self) -> tuple[bool, str]:
        """Whether the file is a database; none is made."""
        path = self.path()
        if path != ":memory:" and not os.path.exists(os.path.expanduser(path)):
            folder = os.path.dirname(os.path.abspath(os.path.expanduser(path)))
            if not os.path.isdir(folder):
                return False, f"there is no folder {folder} for the file {path}; make it"
            return False, f"there is no file {path}; the first task that uses it makes it"
        self.get_first("select count(*) from sqlite_master")
        return True, f"{path} is a SQLite database"

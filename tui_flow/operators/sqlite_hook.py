"""`SqliteHook`: a SQLite database, by connection or by path."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException
from tui_flow.sdk.hook import BaseHook

Parameters = Sequence[Any] | Mapping[str, Any] | None


class SqliteHook(BaseHook):
    """`sqlite_conn_id` names a connection whose `host` (or `schema`) is the file, or is the path of a file itself."""

    conn_name_attr = "sqlite_conn_id"
    default_conn_name = "sqlite_default"
    conn_type = "sqlite"
    hook_name = "Sqlite"

    def __init__(self, sqlite_conn_id: str = default_conn_name, database: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sqlite_conn_id = sqlite_conn_id
        self.database = database

    def path(self) -> str:
        """The database file. Raises AirflowNotFoundException."""
        name = self.sqlite_conn_id
        if self.database is not None:
            return self.database
        try:
            connection = self.get_connection(name)
        except AirflowNotFoundException:
            if "/" in name or name == ":memory:":
                return name
            raise
        if connection.conn_type not in (None, "", self.conn_type):
            raise AirflowException(
                f"connection {name!r} is of type {connection.conn_type!r}; only sqlite databases can be reached"
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
        return sqlite3.connect(f"file:{quote(path)}", uri=True, timeout=30)

    @contextmanager
    def cursor(self) -> Iterator[sqlite3.Cursor]:
        with closing(self.get_conn()) as connection, connection, closing(connection.cursor()) as cursor:
            yield cursor

    def get_records(self, sql: str, parameters: Parameters = None) -> list[Any]:
        with self.cursor() as cursor:
            return cursor.execute(sql, parameters or ()).fetchall()

    def get_first(self, sql: str, parameters: Parameters = None) -> Any:
        with self.cursor() as cursor:
            return cursor.execute(sql, parameters or ()).fetchone()

    def insert_rows(self, table: str, rows: Iterable[Sequence[Any]], target_fields: Sequence[str] = ()) -> None:
        """All rows or none, in one transaction."""
        with self.cursor() as cursor:
            for row in rows:
                fields = f" ({', '.join(map(_quoted, target_fields))})" if target_fields else ""
                marks = ", ".join("?" * len(row))
                cursor.execute(f"INSERT INTO {_quoted(table)}{fields} VALUES ({marks})", row)

    def run(
        self, sql: Sequence[str], parameters: Parameters = None, *, autocommit: bool = False
    ) -> list[tuple[list[str], list[Any]]]:
        """Columns and rows of each statement. In one transaction, or with `autocommit` each on its own."""
        results: list[tuple[list[str], list[Any]]] = []
        with closing(self.get_conn()) as connection:
            connection.isolation_level = None
            with _transaction(connection, wanted=not autocommit):
                for statement in sql:
                    self.log.info("Running statement: %s, parameters: %s", statement, parameters)
                    cursor = connection.execute(statement, parameters or ())
                    columns = [column[0] for column in cursor.description or ()]
                    results.append((columns, cursor.fetchall()))
        return results


@contextmanager
def _transaction(connection: sqlite3.Connection, wanted: bool) -> Iterator[None]:
    if wanted:
        connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise
    if connection.in_transaction:
        connection.commit()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def split_sql(sql: str) -> list[str]:
    """The statements of a script."""
    statements, rest = [], ""
    for part in sql.split(";"):
        rest += part + ";"
        if sqlite3.complete_statement(rest):
            statements.append(rest.strip())
            rest = ""
    if rest.strip("; \n\t"):
        statements.append(rest.rstrip(";").strip())
    return [statement for statement in statements if statement.strip("; \n\t")]

"""`DbApiHook`: SQL through a DB-API driver. Subclasses say how to connect."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

from tui_flow.sdk.extras import extra
from tui_flow.sdk.hook import BaseHook

Parameters = Sequence[Any] | Mapping[str, Any] | None
Handler = Callable[[Any], Any]
"""Is given the cursor after a statement; its result is the statement's."""


class DbApiHook(BaseHook):
    """The methods take SQL in the driver's own dialect, with the driver's own placeholders."""

    conn_name_attr = "conn_id"
    default_conn_name = "sql_default"
    placeholder = "%s"
    supports_autocommit = True
    escape_characters = ('"', '"')
    """What stands around an identifier."""

    def __init__(self, *args: Any, schema: str | None = None, log_sql: bool = True, **kwargs: Any) -> None:
        name = args[0] if args else kwargs.pop(self.conn_name_attr, self.default_conn_name)
        super().__init__(**kwargs)
        setattr(self, self.conn_name_attr, name)
        self.schema, self.log_sql = schema, log_sql
        self.descriptions: list[Any] = []
        """`cursor.description` of each statement of the last `run`."""

    def get_conn_id(self) -> str:
        return str(getattr(self, self.conn_name_attr))

    @property
    def last_description(self) -> Any:
        return self.descriptions[-1] if self.descriptions else None

    def get_cursor(self) -> Any:
        return self.get_conn().cursor()

    def get_autocommit(self, conn: Any) -> bool:
        return bool(getattr(conn, "autocommit", False))

    def set_autocommit(self, conn: Any, autocommit: bool) -> None:
        conn.autocommit = autocommit

    def run(
        self,
        sql: str | Iterable[str],
        autocommit: bool = False,
        parameters: Parameters = None,
        handler: Handler | None = None,
        split_statements: bool = False,
        return_last: bool = True,
    ) -> Any:
        """Runs a statement or several, in one transaction unless `autocommit`.

        With a `handler`: the result of the last statement's, or (`return_last=False`, several statements) of each.
        """
        statements = [sql] if isinstance(sql, str) else list(sql)
        if split_statements:
            statements = [part for statement in statements for part in split_sql(statement)]
        if not statements:
            raise ValueError("there is no SQL to run: the list of statements is empty")
        self.descriptions = []
        with closing(self.get_conn()) as connection, self._transaction(connection, autocommit):
            results = [self._run_one(connection, statement, parameters, handler) for statement in statements]
        if handler is None:
            return None
        is_single = isinstance(sql, str) and not split_statements
        return results[-1] if return_last or is_single else results

    def _run_one(self, connection: Any, statement: str, parameters: Parameters, handler: Handler | None) -> Any:
        if self.log_sql:
            self.log.info("Running statement: %s, parameters: %s", statement, parameters)
        with closing(connection.cursor()) as cursor:
            if parameters:
                cursor.execute(statement, parameters)
            else:
                cursor.execute(statement)
            self.descriptions.append(cursor.description)
            result = handler(cursor) if handler is not None else None
            if cursor.rowcount >= 0 and self.log_sql:
                self.log.info("Rows affected: %s", cursor.rowcount)
        return result

    @contextmanager
    def _transaction(self, connection: Any, autocommit: bool) -> Iterator[None]:
        """Everything inside or nothing, unless `autocommit`."""
        if self.supports_autocommit:
            self.set_autocommit(connection, autocommit)
        try:
            yield
        except BaseException:
            with suppress(Exception):  # the connection may be gone; what ended it matters more
                connection.rollback()
            raise
        if not self.get_autocommit(connection):
            connection.commit()

    def get_records(self, sql: str | list[str], parameters: Parameters = None) -> Any:
        """The rows of the last statement."""
        return self.run(sql, parameters=parameters, handler=fetch_all_handler)

    def get_first(self, sql: str | list[str], parameters: Parameters = None) -> Any:
        """The first row of the last statement, or None."""
        return self.run(sql, parameters=parameters, handler=fetch_one_handler)

    def get_df(self, sql: str, parameters: Parameters = None, **kwargs: Any) -> Any:
        """The rows as a pandas DataFrame; `kwargs` go to its constructor."""
        with extra("pandas", "get_df()"):
            import pandas
        rows = self.run(sql, parameters=parameters, handler=fetch_all_handler)
        columns = [column[0] for column in self.last_description or ()]
        return pandas.DataFrame.from_records(rows or [], columns=columns, **kwargs)

    get_pandas_df = get_df

    def insert_rows(
        self,
        table: str,
        rows: Iterable[Sequence[Any]],
        target_fields: Iterable[str] | None = None,
        commit_every: int = 1000,
        replace: bool = False,
        *,
        executemany: bool = False,
        autocommit: bool = False,
    ) -> None:
        """Insert rows, committing after each `commit_every` of them; with 0 all rows or none."""
        fields = list(target_fields or ())
        count = 0
        with (
            closing(self.get_conn()) as connection,
            self._transaction(connection, autocommit),
            closing(connection.cursor()) as cursor,
        ):
            for row in rows:
                cursor.execute(self._insert_sql(table, len(row), fields, replace), tuple(row))
                count += 1
                if commit_every and count % commit_every == 0 and not autocommit:
                    self._commit_part(connection)
        self.log.info("Inserted %d rows into %s", count, table)

    def _commit_part(self, connection: Any) -> None:
        connection.commit()
        if self.supports_autocommit:
            self.set_autocommit(connection, False)

    def _insert_sql(self, table: str, width: int, fields: Sequence[str], replace: bool) -> str:
        verb = "REPLACE INTO" if replace else "INSERT INTO"
        named = f" ({', '.join(map(self.quoted, fields))})" if fields else ""
        mark = self.placeholder
        marks = ", ".join(f":{n}" if mark.startswith(":") else mark for n in range(1, width + 1))
        return f"{verb} {table}{named} VALUES ({marks})"

    def quoted(self, identifier: str) -> str:
        start, end = self.escape_characters
        return f"{start}{identifier.replace(end, end * 2)}{end}"

    def test_connection(self) -> tuple[bool, str]:
        """Whether `select 1` works."""
        return self.get_first("select 1") is not None, f"{self.get_conn_id()} answered"


def fetch_all_handler(cursor: Any) -> list[tuple[Any, ...]] | None:
    """All rows of a statement; None where it has none to give."""
    return [tuple(row) for row in cursor.fetchall()] if cursor.description is not None else None


def fetch_one_handler(cursor: Any) -> tuple[Any, ...] | None:
    """The first row of a statement."""
    row = cursor.fetchone() if cursor.description is not None else None
    return tuple(row) if row is not None else None


def split_sql(sql: str) -> list[str]:
    """The statements of a script: a semicolon in quotes, in a comment, in a trigger or between `$$` ends none."""
    statements, rest = [], ""
    for part in sql.split(";"):
        rest += part + ";"
        if sqlite3.complete_statement(rest) and rest.count("$$") % 2 == 0:
            statements.append(rest.strip())
            rest = ""
    if rest.strip("; \n\t"):
        statements.append(rest.rstrip(";").strip())
    return [statement for statement in statements if statement.strip("; \n\t")]

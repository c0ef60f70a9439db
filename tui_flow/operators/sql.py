"""`BaseSQLOperator`, `SQLExecuteQueryOperator`: run SQL on the database of a connection; the rows are the result."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, NoReturn

from tui_flow.operators.db_api_hook import DbApiHook, fetch_all_handler, fetch_one_handler
from tui_flow.operators.sqlite_hook import SqliteHook
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException
from tui_flow.sdk.operator import BaseOperator

__all__ = [
    "BaseSQLOperator",
    "SQLExecuteQueryOperator",
    "SqliteOperator",
    "fetch_all_handler",
    "fetch_one_handler",
    "hook_for",
]


def hook_for(conn_id: str, hook_params: Mapping[str, Any] | None = None, database: str | None = None) -> DbApiHook:
    """The hook of a connection, or of the SQLite file of that path. Raises AirflowException when it knows no SQL."""
    try:
        hook = Connection.get(conn_id).get_hook(hook_params=dict(hook_params or {}))
    except AirflowNotFoundException:
        if "/" not in conn_id and conn_id != ":memory:" and database is None:
            raise
        hook = SqliteHook(conn_id)
    if not callable(getattr(hook, "get_records", None)):
        raise AirflowException(f"connection {conn_id!r} is no database: its hook is {type(hook).__name__}")
    if database:
        setattr(hook, "database" if hasattr(hook, "database") else "schema", database)
    known: DbApiHook = hook  # or one of a provider with the same methods
    return known


class BaseSQLOperator(BaseOperator):
    """Has a connection to a database; `database` replaces the one that the connection names."""

    conn_id_field = "conn_id"
    template_fields: Collection[str] = ("conn_id", "database", "hook_params")
    ui_color = "#cdaaed"

    def __init__(
        self,
        *,
        conn_id: str | None = None,
        database: str | None = None,
        hook_params: dict[str, Any] | None = None,
        retry_on_failure: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id or SqliteHook.default_conn_name
        self.database, self.hook_params, self.retry_on_failure = database, hook_params or {}, retry_on_failure

    @cached_property
    def _hook(self) -> DbApiHook:
        return hook_for(getattr(self, self.conn_id_field), self.hook_params, self.database)

    def get_db_hook(self) -> DbApiHook:
        return self._hook

    def fail(self, message: str) -> NoReturn:
        """Raises AirflowException; with `retry_on_failure=False` one that no retry follows."""
        raise (AirflowException if self.retry_on_failure else AirflowFailException)(message)


class SQLExecuteQueryOperator(BaseSQLOperator):
    """Runs `sql`: a statement, a list of them, a script (`split_statements`) or a `.sql` template file.

    The statements are one transaction unless `autocommit`. The result is that of the last one: its rows, as
    `handler` takes them from the cursor.
    """

    template_fields: Collection[str] = ("sql", "parameters", *BaseSQLOperator.template_fields)
    template_ext: Collection[str] = (".sql", ".json")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql", "parameters": "json"}

    def __init__(
        self,
        *,
        sql: str | list[str],
        autocommit: bool = False,
        parameters: Mapping[str, Any] | Iterable[Any] | None = None,
        handler: Callable[[Any], Any] | None = fetch_all_handler,
        output_processor: Callable[[list[Any], list[Any]], Any] | None = None,
        split_statements: bool | None = None,
        return_last: bool = True,
        show_return_value_in_logs: bool = False,
        requires_result_fetch: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql, self.parameters = sql, parameters
        self.autocommit, self.handler, self.output_processor = autocommit, handler, output_processor
        self.split_statements, self.return_last = split_statements, return_last
        self.show_return_value_in_logs = show_return_value_in_logs
        self.requires_result_fetch = requires_result_fetch

    def prepare_template(self) -> None:
        """Parameters of a template file are a Python literal."""
        if isinstance(self.parameters, str):
            self.parameters = ast.literal_eval(self.parameters)

    def execute(self, context: Context) -> Any:
        hook = self.get_db_hook()
        results = hook.run(
            self.sql,
            autocommit=self.autocommit,
            parameters=_bound(self.parameters),
            handler=self.handler if self.do_xcom_push or self.requires_result_fetch else None,
            split_statements=self.split_statements is not False,
            return_last=False,
        )
        if not self.do_xcom_push or self.handler is None:
            return None
        handled: list[Any] = (
            results if self.split_statements is not False or not isinstance(self.sql, str) else [results]
        )
        is_single = self.return_last or (isinstance(self.sql, str) and len(handled) == 1)
        return self._processed(handled[-1:] if is_single else handled, hook.descriptions, is_single)

    def _processed(self, results: list[Any], descriptions: Sequence[Any], is_single: bool) -> Any:
        if self.show_return_value_in_logs:
            self.log.info("Operator output is: %s", results)
        output = self.output_processor(results, list(descriptions)) if self.output_processor else results
        return output[-1] if is_single else output


class SqliteOperator(SQLExecuteQueryOperator):
    """As `SQLExecuteQueryOperator`, with Airflow 2's name for the connection."""

    template_fields: Collection[str] = (*SQLExecuteQueryOperator.template_fields, "sqlite_conn_id")
    conn_id_field = "sqlite_conn_id"

    def __init__(self, *, sqlite_conn_id: str = SqliteHook.default_conn_name, **kwargs: Any) -> None:
        super().__init__(conn_id=sqlite_conn_id, **kwargs)
        self.sqlite_conn_id = sqlite_conn_id


class PostgresOperator(SQLExecuteQueryOperator):
    """As `SQLExecuteQueryOperator`, with Airflow 2's name for the connection."""

    template_fields: Collection[str] = (*SQLExecuteQueryOperator.template_fields, "postgres_conn_id")
    conn_id_field = "postgres_conn_id"

    def __init__(self, *, postgres_conn_id: str = "postgres_default", **kwargs: Any) -> None:
        super().__init__(conn_id=postgres_conn_id, **kwargs)
        self.postgres_conn_id = postgres_conn_id


class MySqlOperator(SQLExecuteQueryOperator):
    """As `SQLExecuteQueryOperator`, with Airflow 2's name for the connection."""

    template_fields: Collection[str] = (*SQLExecuteQueryOperator.template_fields, "mysql_conn_id")
    conn_id_field = "mysql_conn_id"

    def __init__(self, *, mysql_conn_id: str = "mysql_default", **kwargs: Any) -> None:
        super().__init__(conn_id=mysql_conn_id, **kwargs)
        self.mysql_conn_id = mysql_conn_id


def _bound(parameters: Any) -> Any:
    return parameters if parameters is None or isinstance(parameters, Mapping) else tuple(parameters)

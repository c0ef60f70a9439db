"""`SQLExecuteQueryOperator`, `SqliteOperator`: run SQL on a SQLite database; the rows are the result."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from tui_flow.operators.sqlite_hook import SqliteHook, split_sql
from tui_flow.sdk.context import Context
from tui_flow.sdk.operator import BaseOperator

Rows = Sequence[Any]


def fetch_all_handler(rows: Rows) -> list[Any]:
    """All rows, as lists: what XComs keep."""
    return [list(row) for row in rows]


def fetch_one_handler(rows: Rows) -> list[Any] | None:
    """The first row."""
    return list(rows[0]) if rows else None


class SQLExecuteQueryOperator(BaseOperator):
    """Runs `sql`: a statement, a list of them, a script (with `split_statements`) or a `.sql` template file.

    `conn_id` names a connection of type sqlite or is a file's path; `database` is a path too. The statements are one
    transaction unless `autocommit`. The result is the last statement's rows, passed through `handler`.
    """

    template_fields: Collection[str] = ("sql", "parameters", "conn_id", "database", "hook_params")
    template_ext: Collection[str] = (".sql", ".json")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql", "parameters": "json"}
    ui_color = "#cdaaed"

    def __init__(
        self,
        *,
        sql: str | list[str],
        conn_id: str = SqliteHook.default_conn_name,
        database: str | None = None,
        autocommit: bool = False,
        parameters: Mapping[str, Any] | Iterable[Any] | None = None,
        handler: Callable[[Rows], Any] | None = fetch_all_handler,
        split_statements: bool | None = None,
        return_last: bool = True,
        show_return_value_in_logs: bool = False,
        hook_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.conn_id, self.database, self.hook_params = conn_id, database, hook_params
        self.autocommit, self.parameters, self.handler = autocommit, parameters, handler
        self.split_statements, self.return_last = split_statements, return_last
        self.show_return_value_in_logs = show_return_value_in_logs

    def get_db_hook(self) -> SqliteHook:
        return SqliteHook(self.conn_id, self.database)

    def execute(self, context: Context) -> Any:
        results = self.get_db_hook().run(self._statements(), _bound(self.parameters), autocommit=self.autocommit)
        if self.handler is None or not self.do_xcom_push or not results:
            return None
        handled = [self.handler(rows) for _columns, rows in results]
        result = handled[-1] if self.return_last or isinstance(self.sql, str) and len(handled) == 1 else handled
        if self.show_return_value_in_logs:
            self.log.info("result: %s", result)
        return result

    def _statements(self) -> list[str]:
        texts = [self.sql] if isinstance(self.sql, str) else list(self.sql)
        if self.split_statements is False:
            return texts
        return [statement for text in texts for statement in split_sql(text)]


class SqliteOperator(SQLExecuteQueryOperator):
    """As `SQLExecuteQueryOperator`, with Airflow 2's name for the connection."""

    template_fields: Collection[str] = (*SQLExecuteQueryOperator.template_fields, "sqlite_conn_id")

    def __init__(self, *, sqlite_conn_id: str = SqliteHook.default_conn_name, **kwargs: Any) -> None:
        kwargs.setdefault("conn_id", sqlite_conn_id)
        super().__init__(**kwargs)
        self.sqlite_conn_id = sqlite_conn_id


def _bound(parameters: Any) -> Any:
    return parameters if parameters is None or isinstance(parameters, Mapping) else tuple(parameters)

"""`GenericTransfer`: copies the rows of a query from one database into a table of another."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from tui_flow.operators.sql import hook_for
from tui_flow.sdk.context import Context
from tui_flow.sdk.operator import BaseOperator


class GenericTransfer(BaseOperator):
    """All rows pass through this process's memory, or with `page_size` that many at a time.

    Pages need an `ORDER BY`. `preoperator` is SQL for the destination, run before; `insert_args` go to the
    destination hook's `insert_rows`.
    """

    template_fields: Collection[str] = (
        "source_conn_id",
        "destination_conn_id",
        "sql",
        "destination_table",
        "preoperator",
        "insert_args",
    )
    template_ext: Collection[str] = (".sql", ".hql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql", "preoperator": "sql"}
    ui_color = "#b0f07c"

    def __init__(
        self,
        *,
        sql: str | list[str],
        destination_table: str,
        source_conn_id: str,
        destination_conn_id: str,
        source_hook_params: dict[str, Any] | None = None,
        destination_hook_params: dict[str, Any] | None = None,
        preoperator: str | list[str] | None = None,
        insert_args: dict[str, Any] | None = None,
        rows_processor: Any = None,
        page_size: int | None = None,
        paginated_sql_statement_clause: str = "{} LIMIT {} OFFSET {}",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql, self.destination_table, self.preoperator = sql, destination_table, preoperator
        self.source_conn_id, self.source_hook_params = source_conn_id, source_hook_params
        self.destination_conn_id, self.destination_hook_params = destination_conn_id, destination_hook_params
        self.insert_args, self.rows_processor = insert_args or {}, rows_processor
        self.page_size, self.paginated_sql_statement_clause = page_size, paginated_sql_statement_clause

    def execute(self, context: Context) -> None:
        destination = hook_for(self.destination_conn_id, self.destination_hook_params)
        if self.preoperator:
            self.log.info("Running preoperator")
            destination.run(self.preoperator)
        for rows in self._pages():
            kept = self.rows_processor(rows, **context) if self.rows_processor else rows
            destination.insert_rows(table=self.destination_table, rows=kept, **self.insert_args)

    def _pages(self) -> Iterable[list[Any]]:
        source = hook_for(self.source_conn_id, self.source_hook_params)
        if self.page_size is None:
            yield source.get_records(self.sql) or []
            return
        offset = 0
        while True:
            sql = self.paginated_sql_statement_clause.format(self.sql, self.page_size, offset)
            rows = source.get_records(sql) or []
            if rows:
                yield rows
            if len(rows) < self.page_size:
                return
            offset += self.page_size

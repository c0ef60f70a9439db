"""`BranchSQLOperator`: goes on one way or another, as a query says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from tui_flow.operators.sql import BaseSQLOperator
from tui_flow.sdk.branch import BranchMixIn
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException

_TRUE = ("y", "yes", "t", "true", "on", "1")
_FALSE = ("n", "no", "f", "false", "off", "0")


class BranchSQLOperator(BaseSQLOperator, BranchMixIn):
    """The query's first value is a boolean, a number, or a text such as `yes`, `off`, `true`, `0`."""

    inherits_from_skipmixin = True
    template_fields: Collection[str] = ("sql", "parameters", *BaseSQLOperator.template_fields)
    template_ext: Collection[str] = (".sql",)
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}

    def __init__(
        self,
        *,
        sql: str,
        follow_task_ids_if_true: list[str],
        follow_task_ids_if_false: list[str],
        parameters: Iterable[Any] | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql, self.parameters = sql, parameters
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false

    def execute(self, context: Context) -> Any:
        given = self.parameters
        row = self.get_db_hook().get_first(
            self.sql, given if given is None or isinstance(given, Mapping) else tuple(given)
        )
        if not row:
            raise AirflowException(f"the query of branch {self.task_id!r} returned no row: {self.sql}")
        chosen = self.follow_task_ids_if_true if is_true(row[0], self.task_id) else self.follow_task_ids_if_false
        return self.do_branch(context, chosen)


def is_true(value: Any, task_id: str) -> bool:
    """Raises AirflowException for what is neither true nor false."""
    if isinstance(value, str):
        lowered = value.strip().lower()
        if lowered in (*_TRUE, *_FALSE):
            return lowered in _TRUE
    elif value is not None and not isinstance(value, bytes | date):
        return bool(value)
    raise AirflowException(f"the query of branch {task_id!r} gave {value!r:.60}, which is neither true nor false")

"""`SqlSensor`: waits until a query finds something."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, ClassVar

from tui_flow.operators.sql import hook_for
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.sensor import BaseSensorOperator


class SqlSensor(BaseSensorOperator):
    """The wait is over when the `selector`'s part of the first row is true, or `success` says so of it.

    `failure` is asked first and fails the sensor; so does an empty answer with `fail_on_empty`.
    """

    template_fields: Collection[str] = ("sql", "hook_params", "parameters")
    template_ext: Collection[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}
    ui_color = "#7c7287"

    def __init__(
        self,
        *,
        conn_id: str,
        sql: str,
        parameters: Mapping[str, Any] | Iterable[Any] | None = None,
        success: Callable[[Any], bool] | None = None,
        failure: Callable[[Any], bool] | None = None,
        selector: Callable[[Sequence[Any]], Any] = itemgetter(0),
        fail_on_empty: bool = False,
        hook_params: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, function in (("success", success), ("failure", failure), ("selector", selector)):
            if function is not None and not callable(function):
                raise AirflowException(f"sensor {self.task_id!r}: {name} must be a function, not {function!r:.60}")
        self.conn_id, self.sql, self.parameters, self.hook_params = conn_id, sql, parameters, hook_params
        self.success, self.failure, self.selector, self.fail_on_empty = success, failure, selector, fail_on_empty

    def poke(self, context: Context) -> bool:
        self.log.info("Poking: %s (with parameters %s)", self.sql, self.parameters)
        given = self.parameters
        bound: Any = given if given is None or isinstance(given, Mapping) else tuple(given)
        records = hook_for(self.conn_id, self.hook_params).get_records(self.sql, bound)
        if not records:
            if self.fail_on_empty:
                raise AirflowException(f"sensor {self.task_id!r}: no rows returned, and fail_on_empty is set")
            return False
        found = self.selector(records[0])
        if self.failure is not None and self.failure(found):
            raise AirflowException(f"sensor {self.task_id!r}: failure criteria met, failure({found!r:.60}) is true")
        return bool(found) if self.success is None else bool(self.success(found))

"""The template context as a type, and the context of the moment. What is in it: `template_context`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tui_flow.errors import NotPossible
from tui_flow.sdk.later import Later, value_of
from tui_flow.spec import Dialect

CONTEXT_KEYS = frozenset(
    {
        "asset_state_store",
        "conf",
        "conn",
        "dag",
        "dag_run",
        "data_interval_end",
        "data_interval_start",
        "ds",
        "ds_nodash",
        "exception",
        "execution_date",
        "expanded_ti_count",
        "inlet_events",
        "inlets",
        "logical_date",
        "macros",
        "map_index_template",
        "next_ds",
        "next_ds_nodash",
        "next_execution_date",
        "outlet_events",
        "outlets",
        "params",
        "partition_date",
        "partition_key",
        "prev_data_interval_end_success",
        "prev_data_interval_start_success",
        "prev_ds",
        "prev_ds_nodash",
        "prev_end_date_success",
        "prev_execution_date",
        "prev_execution_date_success",
        "prev_start_date_success",
        "reason",
        "run_id",
        "start_date",
        "task",
        "task_instance",
        "task_instance_key_str",
        "task_reschedule_count",
        "task_state_store",
        "templates_dict",
        "test_mode",
        "ti",
        "tomorrow_ds",
        "tomorrow_ds_nodash",
        "triggering_asset_events",
        "triggering_dataset_events",
        "try_number",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "var",
        "yesterday_ds",
        "yesterday_ds_nodash",
    }
)
"""Names that a `@task` function's parameters are filled from."""


class Context(dict[str, Any]):
    """The context of a task instance: a dict with some values that are made when first asked for.

    Lazy values may ask the scheduler. `f(**context)` and iteration give them as they are kept, as `Later`, and cost no
    round trip; a task's function gets those that its code names as what they are (`callables.determine_kwargs`).
    """

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        lazy: Mapping[str, Callable[[], Any]] | None = None,
        dialect: Dialect = "tui_flow",
    ) -> None:
        super().__init__({name: Later(make) for name, make in (lazy or {}).items()})
        self.update(values or {})
        self.dialect = dialect

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if type(value) is Later:
            value = self[key] = value_of(value)
        return value

    def lazy_names(self) -> frozenset[str]:
        """Names whose values nobody has asked for yet."""
        return frozenset(name for name, value in self.items() if type(value) is Later)

    def copied(self) -> Context:
        """A shallow copy whose lazy values stay lazy."""
        return Context(self, dialect=self.dialect)

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default


@dataclass(frozen=True, slots=True)
class ParsingContext:
    """Which DAG and task a DAG file is being imported for; both None when all of them are wanted."""

    dag_id: str | None = None
    task_id: str | None = None


def get_parsing_context() -> ParsingContext:
    """For DAG files that build many DAGs and may build only the one that is needed."""
    environ = os.environ
    return ParsingContext(environ.get("TUIFLOW_PARSING_DAG_ID"), environ.get("TUIFLOW_PARSING_TASK_ID"))


_current: ContextVar[Context | None] = ContextVar("tui_flow_context", default=None)


def get_current_context() -> Context:
    """The running task's context. Raises NotPossible outside of a task's `execute`."""
    context = _current.get()
    if context is None:
        raise NotPossible(
            "there is a current context only while a task runs; call get_current_context() inside the task"
        )
    return context


@contextmanager
def current_context(context: Context) -> Iterator[None]:
    """Make `context` the current one for the length of a `with` block."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)

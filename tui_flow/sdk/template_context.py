"""What is in a task's context: the names of Airflow 3, and for Airflow 2 files those that it had besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

from tui_flow.messages import RunFacts
from tui_flow.sdk import macros, templating
from tui_flow.sdk.backend import RuntimeTaskInstance, current_backend
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.context import Context
from tui_flow.sdk.dag_run import DagRunView, dag_run_of
from tui_flow.sdk.exceptions import AirflowNotFoundException
from tui_flow.sdk.moments import moment
from tui_flow.sdk.neighbours import dates_beside
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.param import resolve_params
from tui_flow.sdk.state_store import state_stores
from tui_flow.sdk.variable import Variable
from tui_flow.spec import Dialect
from tui_flow.state import RunType

_SUCCESS_DATES = {
    "prev_data_interval_start_success": "data_interval_start",
    "prev_data_interval_end_success": "data_interval_end",
    "prev_start_date_success": "start_date",
    "prev_end_date_success": "end_date",
}


class _VariableValues:
    """`var.value.key` and `var.json.key`, with `.get(key, default)`."""

    def __init__(self, deserialize_json: bool) -> None:
        self._json = deserialize_json

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return Variable.get(key, deserialize_json=self._json)

    def __getitem__(self, key: str) -> Any:
        return Variable.get(key, deserialize_json=self._json)

    def get(self, key: str, default_var: Any = None, default: Any = None) -> Any:
        fallback = default_var if default_var is not None else default
        return Variable.get(key, default=fallback, deserialize_json=self._json)


class _Connections:
    """`conn.my_id.host`, with `.get(id, default)`."""

    def __getattr__(self, conn_id: str) -> Connection:
        if conn_id.startswith("__"):
            raise AttributeError(conn_id)
        return Connection.get(conn_id)

    __getitem__ = __getattr__

    def get(self, conn_id: str, default_conn: Any = None) -> Any:
        try:
            return Connection.get(conn_id)
        except AirflowNotFoundException:
            return default_conn


def build_context(
    *,
    task: BaseOperator,
    ti: RuntimeTaskInstance,
    run: RunFacts,
    dialect: Dialect,
    more: Mapping[str, Any] | None = None,
) -> Context:
    """The context of one attempt; `more` goes over it. Raises ParamValidationError for a conf that fails a param."""
    dag_run = dag_run_of(ti.dag_id, run)
    events, lazy_events = _asset_events(task, run, dialect)
    values: dict[str, Any] = {
        "conn": _Connections(),
        "dag": task.dag,
        "dag_run": dag_run,
        "expanded_ti_count": None,
        "inlets": task.inlets,
        "macros": macros,
        "map_index_template": task.map_index_template,
        "outlets": task.outlets,
        "partition_date": None,
        "partition_key": None,
        "params": resolve_params(task.params, run.conf),
        "run_id": run.run_id,
        "task": task,
        "task_instance": ti,
        "task_reschedule_count": ti.poke_count,
        "templates_dict": None,
        "test_mode": False,
        "ti": ti,
        "try_number": ti.try_number,
        "var": {"value": _VariableValues(False), "json": _VariableValues(True)},
        **events,
        **state_stores(task.inlets, task.outlets),
        **_dates(dag_run, ti),
    }
    if dialect == "airflow2":
        values.update(_dates_of_airflow_2(dag_run))
        lazy_events = {**lazy_events, **dates_beside(task.dag, dag_run)}
    values.update(more or {})
    return Context(values, {**_lazy_values(dialect), **lazy_events}, dialect)


def _lazy_values(dialect: Dialect) -> dict[str, Callable[[], Any]]:
    """What is only made when a template or a function names it."""
    lazy: dict[str, Callable[[], Any]] = {name: _previous(what) for name, what in _SUCCESS_DATES.items()}
    if dialect == "airflow2":
        lazy["prev_execution_date_success"] = _previous("logical_date")
        lazy["conf"] = lambda: import_module("tui_flow.compat.airflow.configuration").conf
    return lazy


def _previous(what: str) -> Callable[[], Any]:
    return lambda: moment(current_backend(f"the {what} of the previous success").previous_success(what))


def _asset_events(
    task: BaseOperator, run: RunFacts, dialect: Dialect
) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """Values, and lazy values. What a task has to do with is there at once, so that `f(**context)` has it; the other
    tasks are spared the import."""
    made: dict[str, Callable[[], Any]] = {
        "outlet_events": lambda: import_module("tui_flow.sdk.outlet_events").OutletEventAccessors(),
        "inlet_events": lambda: import_module("tui_flow.sdk.asset_events").InletEventsAccessors(task.inlets),
    }
    at_once = {"outlet_events": bool(task.outlets), "inlet_events": bool(task.inlets)}
    for name in ("triggering_asset_events", *(("triggering_dataset_events",) if dialect == "airflow2" else ())):
        at_once[name] = True
        by_uri = name == "triggering_dataset_events"
        made[name] = partial(_triggering, by_uri) if run.run_type == RunType.ASSET_TRIGGERED else dict
    now = {name: made[name]() for name, wanted in at_once.items() if wanted}
    return now, {name: make for name, make in made.items() if name not in now}


def _triggering(by_uri: bool) -> Any:
    return import_module("tui_flow.sdk.asset_events").TriggeringAssetEvents(by_uri=by_uri)


def _dates(dag_run: DagRunView, ti: RuntimeTaskInstance) -> dict[str, Any]:
    at = dag_run.logical_date
    if at is None:
        return {"task_instance_key_str": f"{ti.dag_id}__{ti.task_id}__{dag_run.run_id}"}
    nodash = templating.ds_nodash_filter(at)
    return {
        "logical_date": at,
        "data_interval_start": dag_run.data_interval_start,
        "data_interval_end": dag_run.data_interval_end,
        "ds": templating.ds_filter(at),
        "ds_nodash": nodash,
        "ts": templating.ts_filter(at),
        "ts_nodash": templating.ts_nodash_filter(at),
        "ts_nodash_with_tz": templating.ts_nodash_with_tz_filter(at),
        "task_instance_key_str": f"{ti.dag_id}__{ti.task_id}__{nodash}",
    }


def _dates_of_airflow_2(dag_run: DagRunView) -> dict[str, Any]:
    """Names that Airflow 3 dropped."""
    at: datetime | None = dag_run.logical_date
    if at is None:
        return {}
    dates = {"tomorrow_ds": at + timedelta(days=1), "yesterday_ds": at - timedelta(days=1)}
    return {
        "execution_date": at,
        **{name: templating.ds_filter(date) for name, date in dates.items()},
        **{f"{name}_nodash": templating.ds_nodash_filter(date) for name, date in dates.items()},
    }

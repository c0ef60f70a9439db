"""A run in memory: enough of a runtime to render and execute tasks without processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tui_flow.messages import RunFacts
from tui_flow.sdk import xcom
from tui_flow.sdk.backend import DagInfo, RunStateRow, TaskStateRow
from tui_flow.sdk.context import Context, current_context
from tui_flow.sdk.operator_hooks import call_with_result
from tui_flow.sdk.template_context import build_context
from tui_flow.spec import Dialect

AT = "2024-06-15T10:30:00+00:00"
XComs = dict[tuple[str, str], str]


@dataclass
class FakeTaskInstance:
    task: Any
    xcoms: XComs = field(default_factory=dict)
    try_number: int = 1
    max_tries: int = 0
    map_index: int = -1
    poke_count: int = 0
    run_id: str = f"manual__{AT}"
    start_date: datetime = field(default_factory=lambda: datetime.now(UTC))
    first_started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    skipped: list[str] = field(default_factory=list)
    task_id: str = ""
    dag_id: str = ""

    def __post_init__(self) -> None:
        self.task_id, self.dag_id = self.task.task_id, self.task.dag_id

    def place_in(self, level: str) -> int:
        return self.map_index

    def xcom_of_mapped(self, task_id: str, levels: tuple[str, ...], key: str) -> Any:
        return self.xcom_pull(task_id, key=key)

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[self.task_id, key] = xcom.encode(value)

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str | None = "return_value",
        include_prior_dates: bool = False,
        *,
        map_indexes: Any = None,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any:
        if isinstance(task_ids, str):
            text = self.xcoms.get((task_ids, key or "return_value"))
            return default if text is None else xcom.decode(text)
        return [self.xcom_pull(task_id, key=key) for task_id in task_ids or ()]

    def skip_tasks(self, task_ids: Iterable[str]) -> None:
        self.skipped += task_ids


@dataclass
class FakeBackend:
    variables: dict[str, str] = field(default_factory=dict)
    connections: dict[str, dict[str, Any]] = field(default_factory=dict)
    dags: dict[str, DagInfo] = field(default_factory=dict)
    runs: list[RunStateRow] = field(default_factory=list)
    tasks: list[TaskStateRow] = field(default_factory=list)
    triggered: list[dict[str, Any]] = field(default_factory=list)
    previous: dict[str, datetime] = field(default_factory=dict)
    refusal: Exception | None = None
    stored: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked_of_stores: list[dict[str, Any]] = field(default_factory=list)

    def get_variable(self, key: str) -> str | None:
        return self.variables.get(key)

    def set_variable(self, key: str, value: str, description: str | None) -> None:
        self.variables[key] = value

    def delete_variable(self, key: str) -> None:
        del self.variables[key]

    def variable_keys(self, prefix: str) -> Sequence[str]:
        return sorted(key for key in self.variables if key.startswith(prefix))

    def get_connection(self, conn_id: str) -> Mapping[str, Any] | None:
        return self.connections.get(conn_id)

    def trigger_run(self, dag_id: str, **kwargs: Any) -> str:
        if self.refusal:
            raise self.refusal
        self.triggered.append({"dag_id": dag_id, **kwargs})
        return kwargs["run_id"] or "generated"

    def run_states(
        self, dag_id: str, *, run_ids: Sequence[str] = (), logical_dates: Sequence[datetime] = ()
    ) -> Sequence[RunStateRow]:
        return [row for row in self.runs if row.run_id in run_ids or row.logical_date in logical_dates]

    def task_states(
        self, dag_id: str, *, logical_dates: Sequence[datetime], task_ids: Sequence[str]
    ) -> Sequence[TaskStateRow]:
        return [row for row in self.tasks if row.task_id in task_ids and row.logical_date in logical_dates]

    def dag_info(self, dag_id: str) -> DagInfo | None:
        return self.dags.get(dag_id)

    def find_runs(self, which: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return []

    def find_previous_run(self, which: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return None

    def find_tis(self, which: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return []

    def previous_success(self, what: str) -> datetime | None:
        return self.previous.get(what)

    def asset_events(self, which: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return []

    def state_store(self, args: Mapping[str, Any]) -> Any:
        place = (str(args.get("asset")), args["key"])
        self.asked_of_stores.append(dict(args))
        match args["do"]:
            case "get":
                return self.stored.get(place)
            case "set":
                self.stored[place] = args["value"]
            case _:
                self.stored = {k: v for k, v in self.stored.items() if args["key"] not in (None, k[1])}
        return None

    def triggering_asset_events(self) -> Sequence[Mapping[str, Any]]:
        return []

    def find_asset(self, name: str | None, uri: str | None) -> Mapping[str, Any] | None:
        return None


def run_facts(**changes: Any) -> RunFacts:
    facts: dict[str, Any] = {
        "run_id": f"manual__{AT}",
        "run_type": "manual",
        "logical_date": AT,
        "data_interval_start": AT,
        "data_interval_end": AT,
        "run_after": AT,
        "queued_at": AT,
        "started_at": AT,
    }
    return RunFacts(**{**facts, **changes})


def context_for(
    task: Any, *, xcoms: XComs | None = None, dialect: Dialect = "tui_flow", map_index: int = -1, **facts: Any
) -> Context:
    ti = FakeTaskInstance(task, {} if xcoms is None else xcoms, map_index=map_index)
    return build_context(task=task, ti=ti, run=run_facts(**facts), dialect=dialect)


@dataclass
class Ran:
    """What one task did."""

    result: Any
    ti: FakeTaskInstance
    context: Context


def run_task(task: Any, **about: Any) -> Ran:
    """Render and execute a copy of the task, hooks included; its result is pushed."""
    copied = task.for_execution()
    context = context_for(copied, **about)
    with current_context(context):
        copied.render_template_fields(context)
        copied.pre_execute(context)
        result = copied.execute(context)
        call_with_result(copied.post_execute, context, result)
    ti = context["ti"]
    if result is not None:
        ti.xcom_push("return_value", result)
    return Ran(result, ti, context)


def run_all(dag: Any, **facts: Any) -> dict[str, Any]:
    """Run a DAG's tasks in order, skips set aside; what each pushed as its result."""
    xcoms: XComs = {}
    done: set[str] = set()
    while waiting := [task for task in dag.tasks if task.task_id not in done]:
        ready = next(task for task in waiting if task.upstream_task_ids <= done)
        run_task(ready, xcoms=xcoms, **facts)
        done.add(ready.task_id)
    return {task_id: xcom.decode(text) for (task_id, key), text in xcoms.items() if key == "return_value"}

"""`dag_to_spec`: from authors' objects to a frozen `DagSpec`, the only thing the scheduler ever knows of a DAG."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tui_flow.errors import BadDag
from tui_flow.sdk import dag_checks
from tui_flow.sdk.branch import SkipMixin
from tui_flow.sdk.dag import DAG
from tui_flow.sdk.operator import BaseOperator, MappedOperator
from tui_flow.sdk.operator_args import IGNORED_ARGUMENTS
from tui_flow.sdk.param import ParamsDict
from tui_flow.sdk.priority_strategy import weights_by_try
from tui_flow.sdk.schedule import as_utc, catchup_for, earliest_start, timetable_for
from tui_flow.sdk.sensor import BaseSensorOperator
from tui_flow.sdk.task_group_decorator import MappedTaskGroup
from tui_flow.sdk.taskgroup import TaskGroup
from tui_flow.sdk.template_scan import renders_without_user_code, xcom_sources
from tui_flow.settings import CoreSettings
from tui_flow.spec import DagSpec, Dialect, GroupSpec, Json, TaskSpec
from tui_flow.state import CallbackKind, WeightRule
from tui_flow.timetables import Timetable
from tui_flow.timetables.zones import zone_name

DEFAULT_MAX_TASKS = 10_000
_TASK_CALLBACKS = {
    "on_execute_callback": CallbackKind.TASK_EXECUTE,
    "on_success_callback": CallbackKind.TASK_SUCCESS,
    "on_failure_callback": CallbackKind.TASK_FAILURE,
    "on_retry_callback": CallbackKind.TASK_RETRY,
    "on_skipped_callback": CallbackKind.TASK_SKIPPED,
}
_DAG_CALLBACKS = {
    "on_success_callback": CallbackKind.RUN_SUCCESS,
    "on_failure_callback": CallbackKind.RUN_FAILURE,
}


def dag_to_spec(
    dag: DAG,
    file: str,
    dialect: Dialect,
    *,
    dialect_reason: str = "",
    core: CoreSettings | None = None,
    max_tasks: int = DEFAULT_MAX_TASKS,
) -> DagSpec:
    """The spec of `dag`; `file` is relative to the DAGs folder. Raises DagFileError for what cannot be scheduled."""
    core = core or CoreSettings()
    start = earliest_start(dag)
    timetable = timetable_for(dag, dialect)
    _check(dag, start, is_scheduled=timetable.can_be_scheduled, max_tasks=max_tasks)
    catchup = catchup_for(dag, dialect)
    spec = DagSpec(
        dag_id=dag.dag_id,
        file=os.fspath(file),
        dialect=dialect,
        dialect_reason=dialect_reason,
        description=dag.description,
        doc=dag.doc_md,
        display_name=dag.dag_display_name if dag.dag_display_name != dag.dag_id else None,
        tags=tuple(sorted(dag.tags)),
        owner_links=dag.owner_links,
        timetable=timetable.to_dict(),
        timezone=zone_name(dag.zone),
        start_date=as_utc(start),
        end_date=as_utc(dag.end_date),
        catchup=catchup and start is not None,
        max_active_runs=_max_active_runs(dag, timetable, core),
        max_active_tasks=dag.max_active_tasks or core.max_active_tasks,
        max_active_tasks_per_run=dialect != "airflow2",
        max_consecutive_failed_dag_runs=dag.max_consecutive_failed_dag_runs,
        dagrun_timeout_s=_seconds(dag.dagrun_timeout),
        fail_fast=dag.fail_fast,
        allowed_run_types=dag.allowed_run_types,
        misfire="skip" if dag.misfire == "skip" else "latest",
        overlap=dag.overlap,
        is_paused_upon_creation=dag.is_paused_upon_creation,
        callbacks=tuple(kind for name, kind in _DAG_CALLBACKS.items() if getattr(dag, name)),
        params=_schemas(dag.params),
        render_native=dag.render_template_as_native_obj,
        tasks=tuple(_task_spec(task, dag) for task in _in_file_order(dag)),
        groups=tuple(_group_spec(group) for group in dag.task_group.iter_groups()),
        edge_labels=dict(_edge_labels(dag)),
        deadlines=tuple(alert.describe() for alert in dag.deadline),
        ignored=dag.ignored,
    )
    dag_checks.check_mapping(spec)
    return spec


def _check(dag: DAG, start: datetime | None, *, is_scheduled: bool, max_tasks: int) -> None:
    dag_checks.check_dates(dag)
    dag_checks.check_tasks(dag, max_tasks)
    dag_checks.check_params(dag, is_scheduled=is_scheduled)
    if dag.catchup and is_scheduled and start is None:
        asked = 'misfire="all"' if dag.misfire == "all" else "catchup=True"
        raise BadDag(f"DAG {dag.dag_id!r} has {asked} but no start_date to catch up from; set one")


def _in_file_order(dag: DAG) -> Iterator[BaseOperator]:
    for task in dag.tasks:
        assert isinstance(task, BaseOperator)
        yield task


def _max_active_runs(dag: DAG, timetable: Timetable, core: CoreSettings) -> int:
    limit = timetable.active_runs_limit
    if limit is None:
        return dag.max_active_runs or core.max_active_runs
    if dag.max_active_runs is not None and dag.max_active_runs > limit:
        raise BadDag(
            f"DAG {dag.dag_id!r}: this schedule allows max_active_runs={limit} at most, not {dag.max_active_runs}"
        )
    return limit


def _task_spec(task: BaseOperator, dag: DAG) -> TaskSpec:
    is_mapped = isinstance(task, MappedOperator)
    cls = task.operator_class if isinstance(task, MappedOperator) else type(task)
    callbacks = tuple(kind for name, kind in _TASK_CALLBACKS.items() if getattr(task, name))
    announced = tuple(dict.fromkeys((*callbacks, *_mailed(task))))
    return TaskSpec(
        task_id=task.task_id,
        operator=task.operator_name,
        upstream=tuple(sorted(task.upstream_task_ids)),
        group=task.task_group.group_id,
        owner=task.owner,
        display_name=task.task_display_name,
        doc=_doc(task),
        ui_color=task.ui_color,
        start_date=_later_start(task, dag),
        end_date=_earlier_end(task, dag),
        callbacks=announced,
        is_sensor=issubclass(cls, BaseSensorOperator),
        reschedule=isinstance(task, BaseSensorOperator) and task.reschedule,
        is_empty=not is_mapped and not callbacks and _is_bare(task) and _does_nothing(cls),
        is_shell=not is_mapped and not callbacks and _is_bare(task) and _is_plain_shell(task),
        is_branch=issubclass(cls, SkipMixin),
        xcom_from=tuple(sorted(xcom_sources(task, dag.task_dict))),
        is_setup=task.is_setup,
        is_teardown=task.is_teardown,
        on_failure_fail_dagrun=task.on_failure_fail_dagrun,
        outlets=tuple(_asset(outlet) for outlet in task.outlets),
        inlets=tuple(_asset(inlet) for inlet in task.inlets),
        params=_own_schemas(task, dag),
        triggers_dag=None if is_mapped else _named_dag(task, "trigger_dag_id"),
        waits_for_dag=_named_dag(task, "external_dag_id") if isinstance(task, BaseSensorOperator) else None,
        template_fields=tuple(cls.template_fields),
        mapped=task.expand_input.describe() if isinstance(task, MappedOperator) else None,
        ignored=_ignored(task),
        **_limits(task),
    )


def _named_dag(task: BaseOperator, argument: str) -> str | None:
    """Another DAG that an argument names; None where only a template or a result tells which."""
    dag_id = getattr(task, argument, None)
    return dag_id if isinstance(dag_id, str) and "{{" not in dag_id else None


def _mailed(task: BaseOperator) -> Iterator[CallbackKind]:
    """The outcomes that are mailed to somebody: by a process of its own where a shell command fails."""
    if task.email and task.email_on_failure:
        yield CallbackKind.TASK_FAILURE
    if task.email and task.email_on_retry:
        yield CallbackKind.TASK_RETRY


def _limits(task: BaseOperator) -> dict[str, Any]:
    """Retries, waits and slots: the fields that the planner reads as they are."""
    return {
        "trigger_rule": task.trigger_rule,
        "retries": task.retries,
        "retry_delay_s": task.retry_delay.total_seconds(),
        "retry_exponential_backoff": task.retry_exponential_backoff,
        "max_retry_delay_s": _seconds(task.max_retry_delay),
        "execution_timeout_s": _seconds(task.execution_timeout),
        "depends_on_past": task.depends_on_past,
        "wait_for_downstream": task.wait_for_downstream,
        "ignore_first_depends_on_past": task.ignore_first_depends_on_past,
        "wait_for_past_depends_before_skipping": task.wait_for_past_depends_before_skipping,
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        **_weight(task),
        "max_active_tis_per_dag": task.max_active_tis_per_dag,
        "max_active_tis_per_dagrun": task.max_active_tis_per_dagrun,
        "do_xcom_push": task.do_xcom_push,
    }


def _weight(task: BaseOperator) -> dict[str, Any]:
    """The weight and its rule; of a strategy of the author's what it says for each try."""
    rule = task.weight_rule
    if isinstance(rule, WeightRule):
        return {"priority_weight": task.priority_weight, "weight_rule": rule}
    weights = weights_by_try(rule, task, task.retries)
    later = weights if len(weights) > 1 else ()
    return {"priority_weight": weights[0], "weight_rule": WeightRule.ABSOLUTE, "weights_by_try": later}


def _is_bare(task: BaseOperator) -> bool:
    """No hooks around `execute` and nothing to announce after it."""
    has_hooks = task._pre_execute_hook is not None or task._post_execute_hook is not None
    overrides = (
        type(task).pre_execute is not BaseOperator.pre_execute
        or type(task).post_execute is not BaseOperator.post_execute
    )
    return not (has_hooks or overrides or task.outlets or task.inlets)


def _does_nothing(cls: type[BaseOperator]) -> bool:
    """Whether `execute` comes from the class that says of itself that it does nothing."""
    definer = next(c for c in cls.__mro__ if "execute" in c.__dict__)
    return "inherits_from_empty_operator" in definer.__dict__


def _is_plain_shell(task: BaseOperator) -> bool:
    """Exactly the class that runs a command, with a command that needs nothing of the author's process."""
    if not type(task).__dict__.get("runs_shell") or task.retry_policy is not None:
        return False
    return task.is_plain_command() and renders_without_user_code(task)  # type: ignore[attr-defined]


def _doc(task: BaseOperator) -> str | None:
    return next(
        (text for n in ("doc_md", "doc", "doc_rst", "doc_yaml", "doc_json") if (text := getattr(task, n))), None
    )


def _later_start(task: BaseOperator, dag: DAG) -> datetime | None:
    start = task.start_date
    return as_utc(start) if start and (dag.start_date is None or start > dag.start_date) else None


def _earlier_end(task: BaseOperator, dag: DAG) -> datetime | None:
    end = task.end_date
    return as_utc(end) if end and (dag.end_date is None or end < dag.end_date) else None


def _own_schemas(task: BaseOperator, dag: DAG) -> dict[str, Json]:
    shared = _schemas(dag.params)
    return {name: schema for name, schema in _schemas(task.params).items() if shared.get(name) != schema}


def _schemas(params: ParamsDict) -> dict[str, Json]:
    return {name: param.to_schema() for name, param in params.params()}


def _asset(value: Any) -> Json:
    describe = getattr(value, "describe", None)
    return describe() if describe is not None else {"kind": type(value).__name__, "name": str(value)}


def _ignored(task: BaseOperator) -> tuple[str, ...]:
    names = [name for name in IGNORED_ARGUMENTS if getattr(task, name) not in (None, True)]
    if any(getattr(outlet, "access_control", None) is not None for outlet in task.outlets):
        names.append("access_control")
    return tuple(names)


def _group_spec(group: TaskGroup) -> GroupSpec:
    parent = group.parent_group
    return GroupSpec(
        group_id=group.node_id,
        parent=parent.group_id if parent is not None else None,
        tooltip=group.tooltip,
        doc=group.doc_md,
        display_name=group.group_display_name or None,
        ui_color=group.ui_color,
        mapped=group.expand_input.describe() if isinstance(group, MappedTaskGroup) else None,
    )


def _edge_labels(dag: DAG) -> Iterator[tuple[str, str]]:
    for upstream, edges in sorted(dag.edge_info.items()):
        for downstream, info in sorted(edges.items()):
            if info.get("label"):
                yield f"{upstream}>{downstream}", info["label"]


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()

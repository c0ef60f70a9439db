"""What a DAG must fulfil before it can be scheduled; each breach is one clear DagFileError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui_flow.errors import BadDag
from tui_flow.mapping import MAX_INSTANCES, instances_of, literal_lengths, shared_levels, sources_of
from tui_flow.sdk.exceptions import AirflowDagCycleException, FailFastDagInvalidTriggerRule, ParamValidationError
from tui_flow.sdk.node import AbstractOperator
from tui_flow.spec import DagSpec
from tui_flow.state import TriggerRule


def check_tasks(dag: Any, max_tasks: int) -> None:
    """Size, dependencies and trigger rules. Raises DagFileError."""
    if len(dag.task_dict) > max_tasks:
        raise BadDag(f"DAG {dag.dag_id!r} has {len(dag.task_dict)} tasks, over the limit of {max_tasks}; split it up")
    for task in dag.tasks:
        relatives = task.upstream_task_ids | task.downstream_task_ids
        if unknown := sorted(task_id for task_id in relatives if task_id not in dag.task_dict):
            raise BadDag(
                f"task {task.task_id!r} of DAG {dag.dag_id!r} depends on {unknown[0]!r}, which is not in the DAG"
            )
        if dag.fail_fast and not task.is_teardown and task.trigger_rule != TriggerRule.ALL_SUCCESS:
            raise FailFastDagInvalidTriggerRule(
                f"DAG {dag.dag_id!r} has fail_fast, so task {task.task_id!r} must have the trigger rule all_success, "
                f"not {task.trigger_rule}"
            )
        _check_setup(dag, task)
        _check_dates(f"task {task.task_id!r} of DAG {dag.dag_id!r}", task)
    if cycle := find_cycle(dag.task_dict):
        raise AirflowDagCycleException(f"DAG {dag.dag_id!r} runs in a circle: {' -> '.join(cycle)}")


def _check_setup(dag: Any, task: AbstractOperator) -> None:
    """What follows a setup must wait for its success."""
    for below in task.downstream_list if task.is_setup else ():
        rule = below.trigger_rule  # type: ignore[attr-defined]
        if not below.is_teardown and rule != TriggerRule.ALL_SUCCESS:
            raise BadDag(
                f"DAG {dag.dag_id!r}: task {below.task_id!r} comes after the setup {task.task_id!r}, so it must have "
                f"the trigger rule all_success, not {rule}"
            )


def check_dates(dag: Any) -> None:
    _check_dates(f"DAG {dag.dag_id!r}", dag)


def _check_dates(what: str, thing: Any) -> None:
    if thing.start_date and thing.end_date and thing.start_date > thing.end_date:
        raise BadDag(f"{what}: start_date {thing.start_date} is after end_date {thing.end_date}")


def check_params(dag: Any, *, is_scheduled: bool) -> None:
    """A DAG that starts by itself must have a valid value for each param. Raises BadDag."""
    for name, param in dag.params.params():
        if not param.has_value and not is_scheduled:
            continue
        try:
            param.resolve()
        except ParamValidationError as err:
            why = "it is scheduled, so nobody gives one" if not param.has_value else str(err)
            raise BadDag(f"DAG {dag.dag_id!r}: param {name!r} has no valid default: {why}") from err


def find_cycle(tasks: Mapping[str, AbstractOperator]) -> list[str]:
    """Task ids along a cycle, the first repeated at the end; empty when there is none."""
    finished: set[str] = set()
    for start in tasks:
        if start in finished:
            continue
        path: dict[str, Iterator[str]] = {start: iter(sorted(tasks[start].downstream_task_ids))}
        while path:
            task_id, below = next(reversed(path.items()))
            following = next((candidate for candidate in below if candidate not in finished), None)
            if following is None:
                finished.add(task_id)
                del path[task_id]
            elif following in path:
                ids = list(path)
                return [*ids[ids.index(following) :], following]
            else:
                path[following] = iter(sorted(tasks[following].downstream_task_ids))
    return []


def check_mapping(spec: DagSpec) -> None:
    """Raises BadDag for what expands by what differs from copy to copy of a mapped group, or into too much."""
    lengths = literal_lengths(spec)
    for task_id, levels in spec.levels.items():
        for position, level in enumerate(levels):
            for source in sources_of(spec.mapped_levels[level]):
                if shared := shared_levels(levels[:position], spec.levels.get(source, ())):
                    raise BadDag(
                        f"DAG {spec.dag_id!r}: {level!r} expands over the result of {source!r}, and both are in the "
                        f"mapped task group {levels[shared - 1]!r}, each copy of which may give another length; "
                        "loop over the result inside the task"
                    )
        count = instances_of(levels, lengths)
        if count is not None and count > MAX_INSTANCES:
            raise BadDag(
                f"DAG {spec.dag_id!r}: task {task_id!r} would have {count} task instances, over the limit of "
                f"{MAX_INSTANCES}; map over less"
            )

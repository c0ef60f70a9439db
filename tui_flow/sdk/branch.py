"""Operators that decide which of their downstream tasks run: `SkipMixin`, `BranchMixIn`, `BaseBranchOperator`.

A decision is told to the runtime through `ti.skip_tasks`, and kept as an XCom so that a skipped task that is cleared is
skipped again. A task that skipped something pushes no return value, unless it is one of a mapped task.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from tui_flow.errors import did_you_mean
from tui_flow.sdk.backend import RuntimeTaskInstance
from tui_flow.sdk.context import Context, get_current_context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.node import AbstractOperator
from tui_flow.sdk.operator import BaseOperator

XCOM_SKIPMIXIN_KEY = "skipmixin_key"
XCOM_SKIPMIXIN_SKIPPED = "skipped"
XCOM_SKIPMIXIN_FOLLOWED = "followed"


class SkipMixin:
    """May have downstream tasks skipped."""

    def skip(self, *which: Any, tasks: Iterable[AbstractOperator] | None = None, **more: Any) -> None:
        """Have tasks skipped: `skip(ti, tasks)`, or `skip(dag_run, execution_date, tasks)` as in Airflow 2."""
        below = tasks if tasks is not None else _tasks_among(which)
        ti: RuntimeTaskInstance = _ti_among((*which, *more.values()))
        task_ids = sorted(task.task_id for task in below)
        if task_ids:
            ti.xcom_push(key=XCOM_SKIPMIXIN_KEY, value={XCOM_SKIPMIXIN_SKIPPED: task_ids})
            ti.skip_tasks(task_ids)

    def skip_all_except(self, ti: RuntimeTaskInstance, branch_task_ids: None | str | Iterable[str]) -> bool:
        """Have the direct downstream tasks skipped that no chosen branch leads to; whether there were any.

        Raises AirflowException when the choice is not None, a task id, or several of this DAG.
        """
        task = ti.task
        chosen = _checked_choice(task, branch_task_ids)
        followed = set(chosen)
        for task_id in chosen:
            followed |= task.dag.get_task(task_id).get_flat_relative_ids(upstream=False)
        downstream = task.downstream_list
        skipped = [below.task_id for below in downstream if below.task_id not in followed]
        if downstream:
            kept = [below.task_id for below in downstream if below.task_id in followed]
            ti.xcom_push(key=XCOM_SKIPMIXIN_KEY, value={XCOM_SKIPMIXIN_FOLLOWED: kept})
        if skipped:
            ti.skip_tasks(skipped)
        return bool(skipped)


def _tasks_among(arguments: Sequence[Any]) -> Iterable[AbstractOperator]:
    """The third of Airflow 2's, whose first is the run; else the second."""
    place = 1 if hasattr(next(iter(arguments), None), "skip_tasks") else 2
    if len(arguments) <= place:
        raise TypeError("skip() takes a task instance and tasks, or a DAG run, a date and tasks")
    found: Iterable[AbstractOperator] = arguments[place]
    return found


def _ti_among(arguments: Iterable[Any]) -> Any:
    """One that is given, else the one that runs."""
    given = [each for each in arguments if hasattr(each, "skip_tasks")]
    return given[0] if given else get_current_context()["ti"]


def _checked_choice(task: BaseOperator, choice: Any) -> set[str]:
    if choice is None:
        return set()
    chosen = [choice] if isinstance(choice, str) else list(choice) if isinstance(choice, Iterable) else [choice]
    if not all(isinstance(task_id, str) for task_id in chosen):
        raise AirflowException(
            f"branch {task.task_id!r} must choose None, a task id or a list of task ids, but chose {choice!r:.80}"
        )
    task_ids = set(chosen)
    if unknown := sorted(task_ids - set(task.dag.task_ids)):
        hint = did_you_mean(unknown[0], task.dag.task_ids)
        raise AirflowException(f"branch {task.task_id!r} chose {', '.join(map(repr, unknown))}, not in the DAG{hint}")
    return task_ids


def value_after_skipping(ti: RuntimeTaskInstance, value: Any) -> Any:
    """What a task returns that skipped something."""
    return value if ti.map_index >= 0 else None


class BranchMixIn(SkipMixin):
    """Runs one or several of the ways that leave a task."""

    def do_branch(self, context: Context, branches_to_execute: str | Collection[str] | None) -> Any:
        """Skip what was not chosen. What was chosen is returned where nothing had to be skipped."""
        ti: RuntimeTaskInstance = context["ti"]
        branches = self._expand_task_group_roots(ti, branches_to_execute)
        was_skipped = self.skip_all_except(ti, branches)
        return value_after_skipping(ti, branches_to_execute) if was_skipped else branches_to_execute

    def _expand_task_group_roots(self, ti: RuntimeTaskInstance, branches: Any) -> Any:
        """Replace the ids of task groups by those of their first tasks."""
        if branches is None or not isinstance(branches, str | Iterable):
            return branches
        chosen = [branches] if isinstance(branches, str) else list(branches)
        groups = ti.task.dag.task_group_dict
        task_ids: list[str] = []
        for branch in chosen:
            group = groups.get(branch) if isinstance(branch, str) and branch else None
            task_ids += [root.task_id for root in group.get_roots()] if group is not None else [branch]
        return task_ids


class BaseBranchOperator(BaseOperator, BranchMixIn):
    """Subclasses implement `choose_branch(context)`."""

    inherits_from_skipmixin = True

    def choose_branch(self, context: Context) -> str | Collection[str] | None:
        """The id of the task or group to go on with, several, or None to skip them all."""
        raise NotImplementedError(f"{type(self).__name__} has no choose_branch(context)")

    def execute(self, context: Context) -> Any:
        return self.do_branch(context, self.choose_branch(context))

"""Operators that call a Python function: `PythonOperator`, `BranchPythonOperator`, `ShortCircuitOperator`."""

from __future__ import annotations

from typing import Any

from tui_flow.sdk.branch import BranchMixIn, SkipMixin, value_after_skipping
from tui_flow.sdk.context import Context, get_current_context
from tui_flow.sdk.python import PythonOperator

__all__ = ["BranchPythonOperator", "PythonOperator", "ShortCircuitOperator", "get_current_context"]


class BranchPythonOperator(PythonOperator, BranchMixIn):
    """The function returns the id of the task or group to go on with, a list of them, or None to skip them all."""

    inherits_from_skipmixin = True

    def execute(self, context: Context) -> Any:
        return self.do_branch(context, super().execute(context))


class ShortCircuitOperator(PythonOperator, SkipMixin):
    """Goes on when the function's result is true; else everything downstream is skipped, teardowns excepted.

    With `ignore_downstream_trigger_rules=False` only direct downstream tasks are skipped; the rest go by their rules.
    """

    inherits_from_skipmixin = True

    def __init__(self, *, ignore_downstream_trigger_rules: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules

    def execute(self, context: Context) -> Any:
        condition = super().execute(context)
        self.log.info("Condition result is %s", condition)
        if condition:
            self.log.info("Proceeding with downstream tasks...")
            return condition
        task = context["ti"].task
        near_or_all = task.get_flat_relatives() if self.ignore_downstream_trigger_rules else task.downstream_list
        to_skip = [below for below in near_or_all if not below.is_teardown]
        self.log.info("Skipping downstream tasks: %s", [below.task_id for below in to_skip])
        self.skip(context["ti"], to_skip)
        return value_after_skipping(context["ti"], condition) if to_skip else condition

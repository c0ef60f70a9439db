"""`@task.branch` and `@task.short_circuit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui_flow.operators.python import BranchPythonOperator, ShortCircuitOperator
from tui_flow.sdk.decorated import PythonDecoratedOperator, task_decorator_factory


class _BranchDecoratedOperator(PythonDecoratedOperator, BranchPythonOperator):
    custom_operator_name = "@task.branch"


class _ShortCircuitDecoratedOperator(PythonDecoratedOperator, ShortCircuitOperator):
    custom_operator_name = "@task.short_circuit"


def branch_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """`@task.branch`: the function chooses which downstream tasks run."""
    return task_decorator_factory(python_callable, decorated_operator_class=_BranchDecoratedOperator, **kwargs)


def short_circuit_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """`@task.short_circuit`: a false result skips what is downstream."""
    return task_decorator_factory(python_callable, decorated_operator_class=_ShortCircuitDecoratedOperator, **kwargs)

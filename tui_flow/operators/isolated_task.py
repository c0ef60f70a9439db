"""`@task.virtualenv`, `@task.external_python` and their branching forms: functions for another Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui_flow.operators.python_external import BranchExternalPythonOperator, ExternalPythonOperator
from tui_flow.operators.python_virtualenv import BranchPythonVirtualenvOperator, PythonVirtualenvOperator
from tui_flow.sdk.decorated import HandingOnOperator, task_decorator_factory

Function = Callable[..., Any]


class _VirtualenvDecoratedOperator(HandingOnOperator, PythonVirtualenvOperator):
    template_fields = PythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.virtualenv"


class _ExternalPythonDecoratedOperator(HandingOnOperator, ExternalPythonOperator):
    template_fields = ExternalPythonOperator.template_fields
    custom_operator_name = "@task.external_python"


class _BranchVirtualenvDecoratedOperator(HandingOnOperator, BranchPythonVirtualenvOperator):
    template_fields = BranchPythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.branch_virtualenv"


class _BranchExternalPythonDecoratedOperator(HandingOnOperator, BranchExternalPythonOperator):
    template_fields = BranchExternalPythonOperator.template_fields
    custom_operator_name = "@task.branch_external_python"


def virtualenv_task(python_callable: Function | None = None, **kwargs: Any) -> Any:
    """`@task.virtualenv`: the function runs in a virtual environment of its own."""
    return task_decorator_factory(python_callable, decorated_operator_class=_VirtualenvDecoratedOperator, **kwargs)


def external_python_task(python_callable: Function | None = None, **kwargs: Any) -> Any:
    """`@task.external_python`: the function runs with the interpreter `python`."""
    return task_decorator_factory(python_callable, decorated_operator_class=_ExternalPythonDecoratedOperator, **kwargs)


def branch_virtualenv_task(python_callable: Function | None = None, **kwargs: Any) -> Any:
    """`@task.branch_virtualenv`: as `@task.virtualenv`; the function chooses which downstream tasks run."""
    return task_decorator_factory(
        python_callable, decorated_operator_class=_BranchVirtualenvDecoratedOperator, **kwargs
    )


def branch_external_python_task(python_callable: Function | None = None, **kwargs: Any) -> Any:
    """`@task.branch_external_python`: as `@task.external_python`; the function chooses which downstream tasks run."""
    return task_decorator_factory(
        python_callable, decorated_operator_class=_BranchExternalPythonDecoratedOperator, **kwargs
    )

"""`@task.virtualenv`, `@task.external_python` and their branching forms: functions for another Python."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tui_flow.operators.python_external import BranchExternalPythonOperator, ExternalPythonOperator
from tui_flow.operators.python_virtualenv import BranchPythonVirtualenvOperator, PythonVirtualenvOperator
from tui_flow.sdk.decorated import DecoratedOperator, task_decorator_factory

Function = Callable[..., Any]


class _DecoratedIsolatedOperator(DecoratedOperator):
    """Hands the function on to the operator class behind it, which checks and calls it."""

    def __init__(
        self,
        *,
        python_callable: Function,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        given: dict[str, Any] = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}
        super().__init__(kwargs_to_upstream=given, **given, **kwargs)


class _VirtualenvDecoratedOperator(_DecoratedIsolatedOperator, PythonVirtualenvOperator):
    template_fields = PythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.virtualenv"


class _ExternalPythonDecoratedOperator(_DecoratedIsolatedOperator, ExternalPythonOperator):
    template_fields = ExternalPythonOperator.template_fields
    custom_operator_name = "@task.external_python"


class _BranchVirtualenvDecoratedOperator(_DecoratedIsolatedOperator, BranchPythonVirtualenvOperator):
    template_fields = BranchPythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.branch_virtualenv"


class _BranchExternalPythonDecoratedOperator(_DecoratedIsolatedOperator, BranchExternalPythonOperator):
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

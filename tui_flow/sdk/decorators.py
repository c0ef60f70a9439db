"""`@task`, `@task.branch`, ..., `@setup` and `@teardown`."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, overload

from tui_flow.errors import did_you_mean
from tui_flow.sdk.conditions import run_if, skip_if
from tui_flow.sdk.decorated import Decorates, Function, PythonDecoratedOperator, TaskDecorator, task_decorator_factory
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.provider_info import declared_by_providers


def python_task(python_callable: Function | None = None, multiple_outputs: bool | None = None, **kwargs: Any) -> Any:
    """`@task` / `@task.python`: the function runs in a process of its own."""
    return task_decorator_factory(
        python_callable,
        multiple_outputs=multiple_outputs,
        decorated_operator_class=PythonDecoratedOperator,
        **kwargs,
    )


class TaskDecoratorCollection:
    """The `task` object: `@task` itself and `@task.branch`, `@task.bash`, ...

    Those of operators are found by name, as Airflow's providers register theirs: this layer knows no operator.
    """

    elsewhere: Mapping[str, str] = {
        "branch": "tui_flow.operators.branch_python:branch_task",
        "short_circuit": "tui_flow.operators.branch_python:short_circuit_task",
        "sensor": "tui_flow.operators.python_sensor:sensor_task",
        "bash": "tui_flow.operators.bash_task:bash_task",
        "virtualenv": "tui_flow.operators.isolated_task:virtualenv_task",
        "external_python": "tui_flow.operators.isolated_task:external_python_task",
        "branch_virtualenv": "tui_flow.operators.isolated_task:branch_virtualenv_task",
        "branch_external_python": "tui_flow.operators.isolated_task:branch_external_python_task",
        "docker": "tui_flow.operators.docker_task:docker_task",
    }
    in_airflows_files: Mapping[str, str] = {"docker": "airflow.providers.docker.decorators.docker:docker_task"}
    """Where an installed provider may have its own."""

    def __init__(self, **fixed: Any) -> None:
        self._fixed = fixed

    branch: Decorates
    short_circuit: Decorates
    sensor: Decorates
    bash: Decorates
    virtualenv: Decorates
    external_python: Decorates
    branch_virtualenv: Decorates
    branch_external_python: Decorates
    docker: Decorates

    @overload
    def __call__(self, python_callable: Function, /) -> TaskDecorator: ...

    @overload
    def __call__(self, python_callable: None = None, **kwargs: Any) -> Callable[[Function], TaskDecorator]: ...

    def __call__(self, python_callable: Function | None = None, **kwargs: Any) -> Any:
        return python_task(python_callable, **{**self._fixed, **kwargs})

    python = __call__
    run_if = staticmethod(run_if)
    skip_if = staticmethod(skip_if)

    def __getattr__(self, name: str) -> Any:
        place = self.elsewhere.get(name)
        if "airflow" in sys.modules and not name.startswith("_"):
            place = self.in_airflows_files.get(name) or place or _of_providers(name)
        if place is None:
            known = ["python", "run_if", "skip_if", *self.elsewhere]
            raise AttributeError(
                f"there is no @task.{name}{did_you_mean(name, known)}; there are {', '.join(sorted(known))}"
            )
        module, _, function = place.partition(":")
        decorator = getattr(importlib.import_module(module), function)
        return functools.partial(decorator, **self._fixed) if self._fixed else decorator


def _of_providers(name: str) -> str | None:
    for declared in declared_by_providers("task-decorators"):
        if declared["name"] == name:
            return ":".join(declared["class-name"].rsplit(".", 1))
    return None


task = TaskDecoratorCollection()


def setup(func: Function) -> TaskDecorator:
    """Marks a `@task` function (or a plain one) as a setup task."""
    decorated = _as_task("setup", func)
    decorated.is_setup = True
    return decorated


@overload
def teardown(_func: Function, /) -> TaskDecorator: ...


@overload
def teardown(_func: None = None, *, on_failure_fail_dagrun: bool = False) -> Callable[[Function], TaskDecorator]: ...


def teardown(_func: Function | None = None, *, on_failure_fail_dagrun: bool = False) -> Any:
    """Marks a `@task` function (or a plain one) as a teardown task."""

    def mark(func: Function) -> TaskDecorator:
        decorated = _as_task("teardown", func)
        decorated.is_teardown = True
        decorated.on_failure_fail_dagrun = on_failure_fail_dagrun
        return decorated

    return mark if _func is None else mark(_func)


def _as_task(what: str, func: Function) -> TaskDecorator:
    if getattr(func, "is_task_group_decorator", False):
        raise AirflowException(f"a task group cannot be marked as @{what}; mark its tasks")
    return func if isinstance(func, TaskDecorator) else TaskDecorator(func, PythonDecoratedOperator, {}, None)

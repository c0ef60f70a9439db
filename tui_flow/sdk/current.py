"""The DAG and the task group whose `with` block is open: what new tasks join without being told."""

from __future__ import annotations

from typing import Any, ClassVar


class _Stack:
    """Innermost `with` block last."""

    _open: ClassVar[list[Any]]

    def __init_subclass__(cls) -> None:
        cls._open = []

    @classmethod
    def push(cls, value: Any) -> None:
        cls._open.append(value)

    @classmethod
    def pop(cls) -> Any:
        return cls._open.pop() if cls._open else None

    @classmethod
    def get_current(cls) -> Any:
        return cls._open[-1] if cls._open else None


class DagContext(_Stack):
    """Open DAGs, and the DAGs that `auto_register` found while a file was imported."""

    autoregistered_dags: ClassVar[list[Any]] = []
    current_autoregister_module_name: ClassVar[str | None] = None

    @classmethod
    def get_current_dag(cls) -> Any:
        return cls.get_current()

    @classmethod
    def push_context_managed_dag(cls, dag: Any) -> None:
        """Airflow 2's name of `push`."""
        cls.push(dag)

    @classmethod
    def pop_context_managed_dag(cls) -> Any:
        """Airflow 2's name of `pop`."""
        return cls.pop()

    @classmethod
    def pop(cls) -> Any:
        dag = super().pop()
        if dag is not None and dag.auto_register and dag not in cls.autoregistered_dags:
            cls.autoregistered_dags.append(dag)
        return dag

    @classmethod
    def take_registered(cls) -> list[Any]:
        """The DAGs that `with DAG(...)` and `@dag` made since the last call, in order."""
        found = list(cls.autoregistered_dags)
        cls.autoregistered_dags.clear()
        return found


class TaskGroupContext(_Stack):
    """Open task groups; without one, a DAG's root group."""

    @classmethod
    def get_current(cls, dag: Any = None) -> Any:
        group = super().get_current()
        if group is not None and (dag is None or group.dag is dag):
            return group
        return dag.task_group if dag is not None else None

    @classmethod
    def get_current_task_group(cls, dag: Any = None) -> Any:
        if dag is None:
            dag = DagContext.get_current()
        return cls.get_current(dag)

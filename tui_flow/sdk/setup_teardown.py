"""`with setup >> teardown:` / `with task.as_teardown(setups=...) as scope:`: the tasks made inside, and those given to
`scope.add_task`, run between the two."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from tui_flow.sdk.node import AbstractOperator


@dataclass
class _Scope:
    setups: list[AbstractOperator]
    teardowns: list[AbstractOperator]
    tasks: dict[str, AbstractOperator] = field(default_factory=dict)

    def link(self) -> None:
        """Setups before the scope's first tasks, teardowns after its last."""
        edges = {task.task_id for task in (*self.setups, *self.teardowns)}
        inside = {task_id: task for task_id, task in self.tasks.items() if task_id not in edges}
        for task in inside.values():
            if self.setups and not any(task_id in inside for task_id in task.upstream_task_ids):
                task.set_upstream(self.setups)
            if self.teardowns and not any(task_id in inside for task_id in task.downstream_task_ids):
                task.set_downstream(self.teardowns)


class SetupTeardownContext:
    """The open `with` blocks of setup and teardown tasks, innermost last."""

    _open: ClassVar[list[_Scope]] = []

    @classmethod
    def push(cls, task: AbstractOperator) -> None:
        if task.is_teardown:
            scope = _Scope([t for t in task.upstream_list if t.is_setup], [task])
        else:
            scope = _Scope([task], [t for t in task.downstream_list if t.is_teardown])
        cls._open.append(scope)

    @classmethod
    def pop(cls) -> None:
        cls._open.pop().link()

    @classmethod
    def add_task(cls, task: Any) -> None:
        """Take a task (or its result) into the open scopes; every task that is made inside comes by itself."""
        for operator in task.roots:
            for scope in cls._open:
                scope.tasks[operator.task_id] = operator

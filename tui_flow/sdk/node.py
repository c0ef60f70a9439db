"""What tasks and task groups have in common: an id, a place in a DAG and in a group, and relatives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

from tui_flow.sdk.edges import DependencyMixin, EdgeModifier, Linkable, linked_things
from tui_flow.sdk.exceptions import AirflowException


class DagLike(Protocol):
    """What a task knows of its DAG."""

    dag_id: str
    task_dict: dict[str, AbstractOperator]
    default_args: dict[str, Any]
    params: Any

    @property
    def task_group(self) -> Any: ...

    def add_task(self, task: AbstractOperator) -> None: ...

    def set_edge_info(self, upstream_task_id: str, downstream_task_id: str, info: dict[str, Any]) -> None: ...


class DAGNode(DependencyMixin):
    """A task or a task group."""

    dag: Any
    task_group: Any
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    @property
    @abstractmethod
    def node_id(self) -> str: ...

    @property
    def label(self) -> str:
        """The id without the prefix of its group."""
        group = self.task_group
        if group is not None and group.node_id and group.prefix_group_id:
            return self.node_id.removeprefix(f"{group.node_id}.")
        return self.node_id

    @property
    def dag_id(self) -> str:
        return str(self.dag.dag_id)

    def has_dag(self) -> bool:
        return self.dag is not None

    def get_dag(self) -> Any:
        return self.dag

    @property
    def upstream_list(self) -> list[AbstractOperator]:
        return self._tasks_of(self.upstream_task_ids)

    @property
    def downstream_list(self) -> list[AbstractOperator]:
        """Direct downstream tasks in the order of the file."""
        return self._tasks_of(self.downstream_task_ids)

    def _tasks_of(self, task_ids: set[str]) -> list[AbstractOperator]:
        known = self.dag.task_dict
        if len(task_ids) < 2:
            return [known[task_id] for task_id in task_ids]
        return [task for task_id, task in known.items() if task_id in task_ids]

    def get_direct_relative_ids(self, upstream: bool = False) -> set[str]:
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> list[AbstractOperator]:
        return self.upstream_list if upstream else self.downstream_list

    def get_flat_relative_ids(self, *, upstream: bool = False) -> set[str]:
        """Ids of all tasks before (or after) this one, near and far."""
        return {task.task_id for task in self._walk(upstream)}

    def get_flat_relatives(self, upstream: bool = False) -> list[AbstractOperator]:
        """All tasks before (or after) this one, in the order of the file."""
        return self._tasks_of(self.get_flat_relative_ids(upstream=upstream))

    def _walk(self, upstream: bool) -> Iterator[AbstractOperator]:
        seen: set[str] = set()
        waiting: list[DAGNode] = [self]
        while waiting:
            for task_id in waiting.pop().get_direct_relative_ids(upstream):
                if task_id not in seen:
                    seen.add(task_id)
                    task = self.dag.task_dict[task_id]
                    waiting.append(task)
                    yield task


class AbstractOperator(DAGNode):
    """A task's dependencies; what it does is for `BaseOperator` and `MappedOperator`."""

    task_id: str
    template_fields: Any = ()
    is_setup: bool
    is_teardown: bool
    on_failure_fail_dagrun: bool

    _dag: Any = None

    @property
    def node_id(self) -> str:
        return self.task_id

    def has_dag(self) -> bool:
        return self._dag is not None

    @property
    def dag_id(self) -> str:
        return self._dag.dag_id if self._dag is not None else f"adhoc_{getattr(self, 'owner', '')}"

    @property
    def roots(self) -> list[AbstractOperator]:
        return [self]

    @property
    def leaves(self) -> list[AbstractOperator]:
        return [self]

    def set_upstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        self._set_relatives(other, upstream=True, edge_modifier=edge_modifier)

    def set_downstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        self._set_relatives(other, upstream=False, edge_modifier=edge_modifier)

    def _set_relatives(self, other: Linkable, *, upstream: bool, edge_modifier: EdgeModifier | None) -> None:
        relatives: list[AbstractOperator] = []
        for thing in linked_things(other):
            thing.update_relative(self, not upstream, edge_modifier=edge_modifier)
            for task in thing.leaves if upstream else thing.roots:
                if not isinstance(task, AbstractOperator):
                    raise AirflowException(
                        f"dependencies can only be set between tasks, not with {type(task).__name__}"
                    )
                relatives.append(task)
        dag = _shared_dag([self, *relatives])
        for task in (self, *relatives):
            if not task.has_dag():
                dag.add_task(task)
        for task in relatives:
            before, after = (task, self) if upstream else (self, task)
            before.downstream_task_ids.add(after.task_id)
            after.upstream_task_ids.add(before.task_id)
            if edge_modifier is not None:
                edge_modifier.add_edge_info(dag, before.task_id, after.task_id)


def in_topological_order(before: Mapping[str, Collection[str]]) -> list[str]:
    """The keys, each behind those that come before it, otherwise as they stand. Raises ValueError for a circle."""
    found: dict[str, None] = {}
    while waiting := [key for key in before if key not in found]:
        for key in waiting:
            if all(other in found for other in before[key]):
                found[key] = None
        if len(found) + len(waiting) == len(before):
            raise ValueError(f"these wait for each other: {', '.join(waiting)}")
    return list(found)


def levels_of(task: Any) -> list[Any]:
    """What expands a task (see `tui_flow.mapping`): its mapped task groups, the outermost first, then itself."""
    found = [task] if getattr(task, "expand_input", None) is not None else []
    group = task.task_group
    while group is not None:
        if getattr(group, "expand_input", None) is not None:
            found.insert(0, group)
        group = group.parent_group
    return found


def level_ids(task: Any) -> tuple[str, ...]:
    return tuple(level.node_id for level in levels_of(task))


def _shared_dag(tasks: list[AbstractOperator]) -> Any:
    dags = {id(task.dag): task.dag for task in tasks if task.has_dag()}
    if len(dags) > 1:
        ids = sorted(dag.dag_id for dag in dags.values())
        raise AirflowException(
            f"tasks {[t.task_id for t in tasks]} are in different DAGs {ids}: they cannot depend on each other"
        )
    if not dags:
        raise AirflowException(
            f"tasks {[t.task_id for t in tasks]} are in no DAG yet: put them in a `with DAG(...)` block"
        )
    return next(iter(dags.values()))

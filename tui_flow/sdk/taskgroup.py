"""`TaskGroup`: tasks that are shown together, share a prefix and default_args, and can be linked as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from tui_flow.sdk.current import DagContext, TaskGroupContext
from tui_flow.sdk.edges import DependencyMixin, EdgeModifier, Linkable, linked_things
from tui_flow.sdk.exceptions import AirflowException, DuplicateTaskIdFound
from tui_flow.sdk.ids import validate_group_id
from tui_flow.sdk.node import AbstractOperator, DagLike, DAGNode, in_topological_order


class TaskGroup(DAGNode):
    """A named set of tasks and groups inside a DAG; every DAG has a root group without a name."""

    def __init__(
        self,
        group_id: str | None = None,
        prefix_group_id: bool = True,
        parent_group: TaskGroup | None = None,
        dag: DagLike | None = None,
        default_args: Mapping[str, Any] | None = None,
        tooltip: str = "",
        doc_md: str | None = None,
        ui_color: str = "CornflowerBlue",
        ui_fgcolor: str = "#000",
        add_suffix_on_collision: bool = False,
        group_display_name: str = "",
    ) -> None:
        self.prefix_group_id = prefix_group_id
        self.tooltip, self.doc_md = tooltip, doc_md
        self.ui_color, self.ui_fgcolor = ui_color, ui_fgcolor
        self.group_display_name = group_display_name
        self.add_suffix_on_collision = add_suffix_on_collision
        self.children: dict[str, DAGNode] = {}
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self.upstream_group_ids: set[str] = set()
        self.downstream_group_ids: set[str] = set()
        self.default_args: dict[str, Any] = dict(default_args or {})
        self._group_id: str | None = None
        self.task_group: TaskGroup | None = None
        self.dag: Any = dag
        if group_id is not None:
            self._join(validate_group_id(group_id), parent_group, add_suffix_on_collision)

    @classmethod
    def create_root(cls, dag: DagLike) -> TaskGroup:
        return cls(group_id=None, dag=dag)

    def _join(self, group_id: str, parent_group: TaskGroup | None, add_suffix: bool) -> None:
        dag = self.dag or (parent_group.dag if parent_group else DagContext.get_current())
        if dag is None:
            raise AirflowException(
                f"task group {group_id!r} is in no DAG: put it in a `with DAG(...)` block or pass dag="
            )
        self.dag = dag
        parent = parent_group or TaskGroupContext.get_current(dag)
        self.task_group = parent
        self.default_args = {**parent.default_args, **self.default_args}
        full_id = parent.child_id(group_id)
        if add_suffix:
            core = re.sub(r"__\d+$", "", group_id)
            suffix = 1
            while full_id in parent.used_ids:
                group_id, suffix = f"{core}__{suffix}", suffix + 1
                full_id = parent.child_id(group_id)
        self._group_id = full_id
        parent.add(self)

    @property
    def group_id(self) -> str | None:
        return self._group_id

    @property
    def node_id(self) -> str:
        return self._group_id or ""

    @property
    def is_root(self) -> bool:
        return self._group_id is None

    @property
    def parent_group(self) -> TaskGroup | None:
        return self.task_group

    @property
    def used_ids(self) -> set[str]:
        """Ids of all tasks and groups of the DAG."""
        ids: set[str] = self.dag.used_ids
        return ids

    def child_id(self, label: str) -> str:
        """`label` with this group's prefix; a group without `prefix_group_id` drops those of outer groups too."""
        return f"{self._group_id}.{label}" if self._group_id and self.prefix_group_id else label

    def add(self, node: DAGNode) -> DAGNode:
        """Take a task or group in. Raises DuplicateTaskIdFound when its id is taken."""
        if node.node_id in self.used_ids:
            what = "task or task group"
            raise DuplicateTaskIdFound(
                f"DAG {self.dag.dag_id!r} already has a {what} {node.node_id!r}; ids must differ"
            )
        self.used_ids.add(node.node_id)
        node.task_group = self
        self.children[node.node_id] = node
        return node

    def __enter__(self) -> Self:
        TaskGroupContext.push(self)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        TaskGroupContext.pop()

    def iter_tasks(self) -> Iterator[AbstractOperator]:
        """All tasks inside, also those of groups inside, in the order of the file."""
        for child in self.children.values():
            yield from _tasks_in(child)

    __iter__ = iter_tasks

    def iter_groups(self) -> Iterator[TaskGroup]:
        """The groups inside, outer before inner."""
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                yield child
                yield from child.iter_groups()

    def has_task(self, task: AbstractOperator) -> bool:
        return any(task is mine for mine in self.iter_tasks())

    def get_child_by_label(self, label: str) -> DAGNode:
        return self.children[self.child_id(label)]

    def get_task_group_dict(self) -> dict[str | None, TaskGroup]:
        return {self.group_id: self, **{group.group_id: group for group in self.iter_groups()}}

    def get_roots(self) -> list[AbstractOperator]:
        """Tasks without an upstream inside the group."""
        mine = {task.task_id: task for task in self.iter_tasks()}
        return [task for task in mine.values() if not any(task_id in mine for task_id in task.upstream_task_ids)]

    def get_leaves(self) -> list[AbstractOperator]:
        """Tasks without a downstream inside the group; a teardown gives way to what is before it."""
        mine = {task.task_id: task for task in self.iter_tasks()}
        found: dict[str, AbstractOperator] = {}
        for task in mine.values():
            if not any(task_id in mine for task_id in task.downstream_task_ids):
                for leaf in _before_teardowns(task, mine):
                    found.setdefault(leaf.task_id, leaf)
        return list(found.values())

    @property
    def roots(self) -> list[AbstractOperator]:
        return self.get_roots()

    @property
    def leaves(self) -> list[AbstractOperator]:
        return self.get_leaves()

    def set_upstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        self._note_relatives(other, upstream=True)
        for task in self.get_roots():
            task.set_upstream(other, edge_modifier=edge_modifier)

    def set_downstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        self._note_relatives(other, upstream=False)
        for task in self.get_leaves():
            task.set_downstream(other, edge_modifier=edge_modifier)

    def _note_relatives(self, other: Linkable, *, upstream: bool) -> None:
        for thing in linked_things(other):
            self.update_relative(thing, upstream)
            thing.update_relative(self, not upstream)

    def update_relative(
        self, other: DependencyMixin, upstream: bool = True, edge_modifier: EdgeModifier | None = None
    ) -> None:
        """Note what the group as a whole was linked to."""
        if isinstance(other, TaskGroup):
            (self.upstream_group_ids if upstream else self.downstream_group_ids).add(other.node_id)
            return
        for task in other.leaves if upstream else other.roots:
            if isinstance(task, AbstractOperator):
                (self.upstream_task_ids if upstream else self.downstream_task_ids).add(task.task_id)

    def topological_sort(self) -> list[DAGNode]:
        """Its children, each behind those that hold what is upstream of it, otherwise in the order of the file."""
        child_of = {task.task_id: node_id for node_id, node in self.children.items() for task in _tasks_in(node)}
        before = {
            node_id: {
                child_of[task_id] for task in _tasks_in(node) for task_id in task.upstream_task_ids & child_of.keys()
            }
            - {node_id}
            for node_id, node in self.children.items()
        }
        return [self.children[node_id] for node_id in in_topological_order(before)]

    def hierarchical_alphabetical_sort(self) -> list[DAGNode]:
        """Its children, groups before tasks, by id."""
        return sorted(self.children.values(), key=lambda node: (not isinstance(node, TaskGroup), node.node_id))

    def __repr__(self) -> str:
        return f"<TaskGroup: {self.group_id or 'root'}>"


def _tasks_in(node: DAGNode) -> Iterator[AbstractOperator]:
    if isinstance(node, TaskGroup):
        yield from node.iter_tasks()
    elif isinstance(node, AbstractOperator):
        yield node


def _before_teardowns(task: AbstractOperator, mine: Mapping[str, AbstractOperator]) -> Iterator[AbstractOperator]:
    """`task`, or for a teardown the first tasks before it in the group that are none (its setups set aside)."""
    if not task.is_teardown:
        yield task
        return
    for before in task.upstream_list:
        if before.task_id in mine and not before.is_setup and not _leads_on(before, mine):
            yield from _before_teardowns(before, mine)


def _leads_on(task: AbstractOperator, mine: Mapping[str, AbstractOperator]) -> bool:
    """Whether something other than a teardown of the group comes after it."""
    return any(task_id in mine and not mine[task_id].is_teardown for task_id in task.downstream_task_ids)

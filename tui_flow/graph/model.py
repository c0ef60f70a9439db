"""What is drawn: tasks and folded groups as nodes, and the edges between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tui_flow.spec import DagSpec, TaskSpec

Edge = tuple[str, str]
"""(upstream node, downstream node)."""


@dataclass(frozen=True, slots=True)
class Node:
    """A task, or a folded group in the place of its tasks."""

    id: str
    label: str
    members: tuple[str, ...]
    """The tasks that it stands for."""
    group: str | None = None
    """The innermost open group around it."""
    is_group: bool = False
    is_mapped: bool = False
    note: str = ""
    """What is written behind the label: how many instances a mapped task has; setup, teardown."""

    @property
    def text(self) -> str:
        return f"{self.label} {self.note}" if self.note else self.label


@dataclass(frozen=True)
class Graph:
    """Nodes by id in the order of the file, and edges, without cycles."""

    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]
    labels: Mapping[Edge, str] = field(default_factory=dict)
    """What authors wrote at edges."""

    @cached_property
    def downstream(self) -> dict[str, tuple[str, ...]]:
        return _neighbours(self.nodes, self.edges)

    @cached_property
    def upstream(self) -> dict[str, tuple[str, ...]]:
        return _neighbours(self.nodes, ((below, above) for above, below in self.edges))

    @cached_property
    def order(self) -> list[str]:
        """Every node after all that are upstream of it; otherwise as in the file."""
        ordered = topological(self.nodes, self.edges)
        assert len(ordered) == len(self.nodes), "a DAG has no cycles, and folding makes none"
        return ordered

    @cached_property
    def reduced(self) -> Graph:
        """Without the edges that others imply: a >> c where there is a >> b >> c, and c has no label for a."""
        place = {node: index for index, node in enumerate(self.order)}
        reach: dict[str, int] = {}
        kept: list[Edge] = []
        for node in reversed(self.order):
            covered = 0
            for below in sorted(self.downstream[node], key=place.__getitem__):
                if not covered >> place[below] & 1 or (node, below) in self.labels:
                    kept.append((node, below))
                covered |= reach[below] | 1 << place[below]
            reach[node] = covered
        given = {edge: index for index, edge in enumerate(self.edges)}
        return Graph(self.nodes, tuple(sorted(kept, key=given.__getitem__)), self.labels)

    def only(self, wanted: Collection[str]) -> Graph:
        """The part of it that has only these nodes."""
        nodes = {node_id: node for node_id, node in self.nodes.items() if node_id in wanted}
        edges = tuple((a, b) for a, b in self.edges if a in nodes and b in nodes)
        return Graph(nodes, edges, {edge: text for edge, text in self.labels.items() if set(edge) <= nodes.keys()})


def _neighbours(nodes: Iterable[str], edges: Iterable[Edge]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {node: [] for node in nodes}
    for start, end in edges:
        found[start].append(end)
    return {node: tuple(near) for node, near in found.items()}


def topological(nodes: Iterable[str], edges: Iterable[Edge]) -> list[str]:
    """Nodes of cycles, and what is downstream of them, are missing from the result."""
    listed, pairs = list(nodes), list(edges)
    waits = dict.fromkeys(listed, 0)
    below = _neighbours(listed, pairs)
    for _, end in pairs:
        waits[end] += 1
    ready = [node for node in listed if not waits[node]]
    for node in ready:
        for near in below[node]:
            waits[near] -= 1
            if not waits[near]:
                ready.append(near)
    return ready


def graph_of(spec: DagSpec, folded: Collection[str] = (), instances: Mapping[str, int] | None = None) -> Graph:
    """The DAG with these groups folded into a node each; `instances` says how many there are of mapped tasks.

    A group that something outside both follows and precedes cannot be one node: it stays open.
    """
    closed = set(folded)
    while True:
        graph = _folded(spec, closed, instances or {})
        stuck = set(graph.nodes) - set(topological(graph.nodes, graph.edges))
        knots = closed & stuck
        if not knots:
            return graph
        closed -= {min(knots, key=lambda group_id: (group_id.count("."), group_id))}


def _folded(spec: DagSpec, closed: Collection[str], instances: Mapping[str, int]) -> Graph:
    home = {task.task_id: _outermost(spec, task.group, closed) for task in spec.tasks}
    members: dict[str, list[str]] = {}
    for task_id, group_id in home.items():
        members.setdefault(group_id or task_id, []).append(task_id)
    nodes: dict[str, Node] = {}
    for task in spec.tasks:
        group_id = home[task.task_id]
        if group_id is None:
            label, note = task.display_name or task.task_id, _note(task, instances.get(task.task_id))
            is_mapped = task.mapped is not None
            nodes[task.task_id] = Node(task.task_id, label, (task.task_id,), task.group, False, is_mapped, note)
        elif group_id not in nodes:
            inside = tuple(members[group_id])
            label = f"▸{group_id} ×{len(inside)}"
            nodes[group_id] = Node(group_id, label, inside, _parent(spec, group_id), is_group=True)
    node_of = {task_id: group_id or task_id for task_id, group_id in home.items()}
    edges = [(node_of[up], node_of[task.task_id]) for task in spec.tasks for up in task.upstream]
    return Graph(nodes, tuple(dict.fromkeys((a, b) for a, b in edges if a != b)), _labels(spec, node_of))


def _note(task: TaskSpec, instances: int | None) -> str:
    if task.is_setup or task.is_teardown:
        return "(setup)" if task.is_setup else "(teardown)"
    if task.mapped is None:
        return ""
    return f"×{instances}" if instances is not None else "[ ]"


def _labels(spec: DagSpec, node_of: Mapping[str, str]) -> dict[Edge, str]:
    """Of edges between nodes; of edges that became one in a folded group all labels."""
    found: dict[Edge, dict[str, None]] = {}
    for name, text in spec.edge_labels.items():
        above, _, below = name.partition(">")
        edge = node_of.get(above, ""), node_of.get(below, "")
        if all(edge) and edge[0] != edge[1] and text.strip():
            harmless = "".join(sign if sign.isprintable() else " " for sign in text.strip())
            found.setdefault(edge, {})[harmless] = None
    return {edge: ", ".join(texts) for edge, texts in found.items()}


def _outermost(spec: DagSpec, group_id: str | None, closed: Collection[str]) -> str | None:
    """The outermost folded group around a task."""
    found = None
    while group_id is not None:
        if group_id in closed:
            found = group_id
        group_id = _parent(spec, group_id)
    return found


def _parent(spec: DagSpec, group_id: str) -> str | None:
    return spec.groups_by_id[group_id].parent if group_id in spec.groups_by_id else None


def folded_at_first(spec: DagSpec, most: int = 40) -> frozenset[str]:
    """Groups that are folded before anybody says otherwise: all outermost ones of a DAG that is too large to see."""
    if len(spec.tasks) <= most:
        return frozenset()
    return frozenset(group.group_id for group in spec.groups if group.parent is None)


def reached(starts: Iterable[str], neighbours: Mapping[str, Iterable[str]], hops: int | None = None) -> set[str]:
    """What can be reached from `starts` in at most `hops` steps, these excluded."""
    first = set(starts)
    found: set[str] = set()
    edge = first
    while edge and hops != 0:
        edge = {near for node in edge for near in neighbours[node]} - found - first
        found |= edge
        hops = None if hops is None else hops - 1
    return found

"""From a graph to columns: which layer every node is in, and the vertices that carry long edges through the layers
between."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tui_flow.graph.model import Edge, Graph


class Bus(NamedTuple):
    """Where an edge over several layers passes a layer. All long edges of one node share it."""

    owner: str
    leaves: bool
    """Whether it carries what leaves its owner, or what arrives there."""
    layer: int


class Via(NamedTuple):
    """Where a line passes a column of its own, put in for lines that could not be told apart without it."""

    source: str | Bus
    target: str | Bus | None
    """None: all that leaves the source."""


Vertex = str | Bus | Via


@dataclass(slots=True)
class Columns:
    """Layers from left to right, each from top to bottom, and the edges between neighbouring layers."""

    columns: list[list[Vertex]] = field(default_factory=list)
    below: dict[Vertex, list[Vertex]] = field(default_factory=lambda: defaultdict(list))
    """Right-hand neighbours in the next layer."""
    above: dict[Vertex, list[Vertex]] = field(default_factory=lambda: defaultdict(list))
    edges: dict[tuple[Vertex, Vertex], list[Edge]] = field(default_factory=dict)
    """Which of the graph's edges a step from one vertex to the next is part of."""

    def link(self) -> None:
        """Note the neighbours that the edges say."""
        for left, right in self.edges:
            self.below[left].append(right)
            self.above[right].append(left)


def layers_of(graph: Graph) -> dict[str, int]:
    """Longest paths from the left; a node with more edges out than in moves towards what it feeds, as far as the
    other nodes of its group are."""
    layer = dict.fromkeys(graph.nodes, 0)
    for above in graph.order:
        for near in graph.downstream[above]:
            layer[near] = max(layer[near], layer[above] + 1)
    peers: dict[str, list[str]] = defaultdict(list)
    for node_id, node in graph.nodes.items():
        if node.group is not None:
            peers[node.group].append(node_id)
    for node_id in reversed(graph.order):
        outs = graph.downstream[node_id]
        if not outs or len(graph.upstream[node_id]) >= len(outs):
            continue
        latest = min(layer[near] for near in outs) - 1
        others = sorted(layer[peer] for peer in peers[graph.nodes[node_id].group or ""] if peer != node_id)
        if others:
            latest = min(latest, max(layer[node_id], others[len(others) // 2]))
        layer[node_id] = max(layer[node_id], latest)
    return layer


def columns_of(graph: Graph) -> Columns:
    """Layers in the order of the file, with a bus for every long edge."""
    layer = layers_of(graph)
    result = Columns([[] for _ in range(max(layer.values(), default=-1) + 1)])
    for node_id in graph.nodes:
        result.columns[layer[node_id]].append(node_id)
    long_edges = [(a, b) for a, b in graph.edges if layer[b] - layer[a] > 1]
    outs, ins = Counter(a for a, _ in long_edges), Counter(b for _, b in long_edges)
    for start, end in graph.edges:
        leaves = outs[start] >= ins[end]
        path: list[Vertex] = [start]
        path += [Bus(start if leaves else end, leaves, at) for at in range(layer[start] + 1, layer[end])]
        path.append(end)
        for step in zip(path, path[1:], strict=False):
            result.edges.setdefault(step, []).append((start, end))
    _add_buses(result, graph.nodes)
    result.link()
    return result


def _add_buses(result: Columns, nodes: Iterable[str]) -> None:
    rank = {node_id: index for index, node_id in enumerate(nodes)}
    buses = dict.fromkeys(vertex for step in result.edges for vertex in step if isinstance(vertex, Bus))
    for bus in buses:
        result.columns[bus.layer].append(bus)
    for column in result.columns:
        column.sort(key=lambda vertex: rank[vertex if isinstance(vertex, str) else _owner(vertex)])


def _owner(vertex: Bus | Via) -> str:
    assert isinstance(vertex, Bus), "a column is spread later"
    return vertex.owner

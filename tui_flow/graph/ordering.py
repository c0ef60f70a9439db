"""The order of each column from top to bottom: few crossings, the tasks of a group side by side."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from tui_flow.graph.layers import Columns, Vertex
from tui_flow.graph.model import Graph

SWEEPS = 8


def order_columns(graph: Graph, columns: Columns) -> int:
    """Sorts the columns in place by the means of their neighbours' places, there and back; the best of all sweeps is
    kept. Gives the number of crossings that remain."""
    place: dict[Vertex, int] = {}
    for column in columns.columns:
        _number(column, place)
    last = len(columns.columns) - 1
    best, kept = _crossings(columns, place), [list(column) for column in columns.columns]
    for sweep in range(SWEEPS):
        if not best:
            break
        if sweep % 2 == 0:
            _sweep(graph, columns, range(1, last + 1), columns.above, place)
        else:
            _sweep(graph, columns, range(last - 1, -1, -1), columns.below, place)
        crossings = _crossings(columns, place)
        if crossings < best:
            best, kept = crossings, [list(column) for column in columns.columns]
    columns.columns = kept
    return best


def _number(column: Iterable[Vertex], place: dict[Vertex, int]) -> None:
    for index, vertex in enumerate(column):
        place[vertex] = index


def _sweep(
    graph: Graph,
    columns: Columns,
    layers: Iterable[int],
    neighbours: Mapping[Vertex, list[Vertex]],
    place: dict[Vertex, int],
) -> None:
    for layer in layers:
        column = columns.columns[layer]
        mean = {vertex: _mean(neighbours.get(vertex, []), place, place[vertex]) for vertex in column}
        column.sort(key=_with_groups(graph, column, mean))
        _number(column, place)


def _mean(near: list[Vertex], place: Mapping[Vertex, int], otherwise: float) -> float:
    return sum(place[vertex] for vertex in near) / len(near) if near else otherwise


def _with_groups(
    graph: Graph, column: Iterable[Vertex], mean: Mapping[Vertex, float]
) -> Callable[[Vertex], tuple[float, str, float]]:
    """A key that keeps a group together at the mean of its tasks."""
    groups: dict[str, list[float]] = defaultdict(list)
    for vertex in column:
        if group := _group(graph, vertex):
            groups[group].append(mean[vertex])

    def key(vertex: Vertex) -> tuple[float, str, float]:
        group = _group(graph, vertex)
        own = mean[vertex]
        return (sum(groups[group]) / len(groups[group]) if group else own, group, own)

    return key


def _group(graph: Graph, vertex: Vertex) -> str:
    return graph.nodes[vertex].group or "" if isinstance(vertex, str) else ""


def _crossings(columns: Columns, place: Mapping[Vertex, int]) -> int:
    total = 0
    for column in columns.columns:
        ends: list[int] = []
        links = sorted((place[vertex], place[near]) for vertex in column for near in columns.below.get(vertex, []))
        for _, end in links:
            total += len(ends) - bisect_right(ends, end)
            insort(ends, end)
    return total

"""The row of every vertex: as straight as the order of its column allows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tui_flow.graph.layers import Columns, Vertex

SWEEPS = 6


def rows_of(columns: Columns) -> dict[Vertex, int]:
    """From 0; two vertices of a column never share one."""
    row: dict[Vertex, float] = {v: float(index) for column in columns.columns for index, v in enumerate(column)}
    for sweep in range(SWEEPS):
        rightward = sweep % 2 == 0
        near = columns.above if rightward else columns.below
        for column in columns.columns if rightward else reversed(columns.columns):
            wanted = [_median(near.get(vertex, []), row, row[vertex]) for vertex in column]
            for vertex, value in zip(column, _apart(wanted), strict=True):
                row[vertex] = value
    return _whole(columns, row)


def _median(near: Sequence[Vertex], row: Mapping[Vertex, float], otherwise: float) -> float:
    values = sorted(row[vertex] for vertex in near)
    if not values:
        return otherwise
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def _apart(wanted: Sequence[float]) -> list[float]:
    """The values nearest to those wanted (least squares) that rise by at least 1: pool adjacent violators."""
    blocks: list[tuple[float, int]] = []
    for index, value in enumerate(wanted):
        blocks.append((value - index, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (one, few), (other, more) = blocks[-2:]
            blocks[-2:] = [((one * few + other * more) / (few + more), few + more)]
    flat = [value for value, count in blocks for _ in range(count)]
    return [value + index for index, value in enumerate(flat)]


def _whole(columns: Columns, row: Mapping[Vertex, float]) -> dict[Vertex, int]:
    result: dict[Vertex, int] = {}
    for column in columns.columns:
        last: int | None = None
        for vertex in column:
            value = math.floor(row[vertex] + 0.5)
            last = value if last is None else max(value, last + 1)
            result[vertex] = last
    lowest = min(result.values(), default=0)
    return {vertex: value - lowest for vertex, value in result.items()}

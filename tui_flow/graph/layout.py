"""A graph with places: which cells its nodes and edges take. The states of tasks have no part in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.cells import cell_len

from tui_flow.graph.bundles import Net
from tui_flow.graph.captions import captions_of
from tui_flow.graph.layers import Columns, Vertex, columns_of
from tui_flow.graph.model import Edge, Graph
from tui_flow.graph.nets import Channel, channel
from tui_flow.graph.ordering import order_columns
from tui_flow.graph.rowing import rows_of
from tui_flow.graph.spreading import spread

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8
ACROSS, UPRIGHT = LEFT | RIGHT, UP | DOWN
LABEL_WIDTHS = (28, 12, 6, 0)
"""Cells of a label at each zoom, the closest first; 0: only the state's sign."""
SIGN_WIDTH = 2
"""The sign of a state and a blank."""


class Stroke(NamedTuple):
    """What one net draws in one cell."""

    arms: int
    """LEFT, RIGHT, UP, DOWN."""
    net: int


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place: one row, from `x` on `width` cells."""

    x: int
    y: int
    width: int


@dataclass(slots=True)
class Layout:
    """Places in a grid of width x height cells."""

    graph: Graph
    """As drawn: implied edges may be left out."""
    label_width: int
    boxes: dict[str, Box] = field(default_factory=dict)
    cells: dict[tuple[int, int], list[Stroke]] = field(default_factory=lambda: defaultdict(list))
    nets: list[frozenset[Edge]] = field(default_factory=list)
    """The edges that each net is part of."""
    columns: list[list[str]] = field(default_factory=list)
    """Nodes from left to right, from top to bottom."""
    heads: set[tuple[int, int]] = field(default_factory=set)
    """Where an edge arrives: the cell before each node that has upstream nodes."""
    width: int = 0
    height: int = 0
    crossings: int = 0
    letters: dict[tuple[int, int], str] = field(default_factory=dict)
    """The labels of edges, letter by letter: they stand on the line. The second cell of a wide one is empty."""
    _starts: dict[int, dict[int, str]] = field(default_factory=dict)
    _reach: dict[int, tuple[int, int]] = field(default_factory=dict)

    def row_starts(self, y: int) -> dict[int, str]:
        """The nodes of a row by where they begin."""
        if not self._starts:
            for node, box in self.boxes.items():
                self._starts.setdefault(box.y, {})[box.x] = node
        return self._starts.get(y, {})

    def row_reach(self, y: int) -> tuple[int, int]:
        """From which cell to before which one there is anything in a row; (0, 0): nothing."""
        if not self._reach:
            inked = [(cell_y, x, x + 1) for x, cell_y in self.cells]
            inked += [(box.y, box.x, box.x + box.width) for box in self.boxes.values()]
            for row, start, end in inked:
                first, last = self._reach.get(row, (start, end))
                self._reach[row] = min(first, start), max(last, end)
        return self._reach.get(y, (0, 0))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is the same at every zoom, and takes most of the time."""

    graph: Graph
    """As drawn."""
    columns: Columns
    row: Mapping[Vertex, int]
    channels: Sequence[Channel]
    """Behind each column but the last."""
    crossings: int


def planned(graph: Graph, reduce: bool = True) -> Plan:
    drawn = graph.reduced if reduce else graph
    spreaded = spread(columns_of(drawn))
    columns = spreaded.columns
    crossings = order_columns(drawn, columns)
    row = rows_of(columns)
    gaps = range(len(columns.columns) - 1)
    return Plan(drawn, columns, row, [channel(spreaded.nets[gap], columns, gap, row) for gap in gaps], crossings)


def placed(plan: Plan, label_width: int) -> Layout:
    drawn, columns, row = plan.graph, plan.columns, plan.row
    result = Layout(drawn, label_width, crossings=plan.crossings)
    ends: dict[Vertex, int] = {}
    captions = captions_of(drawn, label_width)
    for layer, column in enumerate(columns.columns):
        start = result.width
        for vertex in column:
            width = _box_width(drawn, vertex, label_width)
            ends[vertex] = start + width
            result.width = max(result.width, start + width)
            if isinstance(vertex, str):
                result.boxes[vertex] = Box(start, row[vertex], width)
                if drawn.upstream[vertex]:
                    result.heads.add((start - 1, row[vertex]))
                text = captions.before.get(vertex, "")
                _write(result, text, start - 2 - cell_len(text), row[vertex])
        if layer < len(plan.channels):
            room = captions.room(column, columns.columns[layer + 1])
            _draw(result, columns, plan.channels[layer], row, ends, room)
            for vertex in column:
                _write(result, captions.after.get(vertex, ""), ends[vertex] + 1, row[vertex])
        if nodes := [vertex for vertex in column if isinstance(vertex, str)]:
            result.columns.append(nodes)
    result.height = max(row.values(), default=-1) + 1
    return result


def layout(graph: Graph, label_width: int = LABEL_WIDTHS[0], reduce: bool = True) -> Layout:
    """Places for a graph; the same graph always gets the same ones."""
    return placed(planned(graph, reduce), label_width)


def _box_width(graph: Graph, vertex: Vertex, label_width: int) -> int:
    if not isinstance(vertex, str):
        return 0
    return SIGN_WIDTH + min(cell_len(graph.nodes[vertex].text), label_width)


def _write(result: Layout, text: str, x: int, y: int) -> None:
    for letter in text:
        result.letters[x, y] = letter
        x += 1
        if cell_len(letter) > 1:
            result.letters[x, y] = ""
            x += 1


def _draw(
    result: Layout,
    columns: Columns,
    between: Channel,
    row: Mapping[Vertex, int],
    ends: Mapping[Vertex, int],
    room: tuple[int, int],
) -> None:
    """The nets of a channel, from the ends of their sources' boxes to where the next column begins; `room` is left for
    words before the first and behind the last of them."""
    first = result.width + room[0]
    result.width = first + (2 + 2 * between.tracks if between.tracks else 3) + room[1]
    for net in between.nets:
        number = len(result.nets)
        steps = [(source, target) for source in net.sources for target in net.targets]
        result.nets.append(frozenset(edge for step in steps for edge in columns.edges[step]))
        turn = result.width if net.track is None else first + 1 + 2 * net.track
        for source in net.sources:
            _line(result, range(ends[source], turn), row[source], number)
        if net.track is not None:
            for target in net.targets:
                _line(result, range(turn + 1, result.width), row[target], number)
            _bend(result, net, turn, row, number)


def _line(result: Layout, xs: range, y: int, net: int) -> None:
    for x in xs:
        result.cells[x, y].append(Stroke(ACROSS, net))


def _bend(result: Layout, net: Net, x: int, row: Mapping[Vertex, int], number: int) -> None:
    lefts, rights = {row[vertex] for vertex in net.sources}, {row[vertex] for vertex in net.targets}
    top, bottom = min(lefts | rights), max(lefts | rights)
    for y in range(top, bottom + 1):
        arms = (UP if y > top else 0) | (DOWN if y < bottom else 0)
        arms |= (LEFT if y in lefts else 0) | (RIGHT if y in rights else 0)
        result.cells[x, y].append(Stroke(arms, number))


def arms_of(strokes: Sequence[Stroke]) -> dict[int, int]:
    """What each net draws in a cell."""
    found: dict[int, int] = {}
    for arms, net in strokes:
        found[net] = found.get(net, 0) | arms
    return found


def is_crossing(strokes: Sequence[Stroke]) -> bool:
    """Whether nets pass each other here without a joint."""
    arms = arms_of(strokes)
    return len(arms) > 1 and set(arms.values()) <= {ACROSS, UPRIGHT} and len(set(arms.values())) == 2

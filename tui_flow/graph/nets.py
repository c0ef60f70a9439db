"""The space between two columns: a track for each net that has to bend.

A net's line from a source must not meet another net's line to a target on one row, or the two would read as one edge:
then the first needs the track further left. Where such demands form a circle, or a net that runs straight would be
misread, rows are moved apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise

from tui_flow.graph.bundles import Net, is_misread
from tui_flow.graph.layers import Columns, Vertex

_TRIES = 40
"""So often rows are moved apart one by one; then the next column goes below this one, where no row is shared."""


@dataclass(slots=True)
class Channel:
    """The nets between a column and the next."""

    nets: list[Net] = field(default_factory=list)
    tracks: int = 0


def channel(bundles: Sequence[Net], columns: Columns, layer: int, row: dict[Vertex, int]) -> Channel:
    """Routes what leaves a column. Rows of the next column may be moved down in `row`."""
    for turn in count():
        bent = sorted((net for net in bundles if not _is_straight(net, row)), key=lambda net: _span(net, row))
        straight = [net for net in bundles if _is_straight(net, row)]
        left_of, clashes = _demands(bent, row)
        tracks = _tracks([_span(net, row) for net in bent], left_of)
        if tracks is not None:
            nets = [replace(net, track=track) for net, track in zip(bent, tracks, strict=True)] + straight
            if not straight or not is_misread(nets):
                return Channel(nets, max(tracks, default=-1) + 1)
            clashes = [row[net.sources[0]] for net in straight if any(net.shares_end(other) for other in bent)]
        if turn < _TRIES:
            at, step = max(clashes) if turn % 2 else min(clashes), 1
        else:
            at, step = 0, max(row[vertex] for vertex in columns.columns[layer]) + 1
        for vertex in columns.columns[layer + 1]:
            if row[vertex] >= at:
                row[vertex] += step
    raise AssertionError("two columns that share no row have no clashes")


def _is_straight(net: Net, row: Mapping[Vertex, int]) -> bool:
    first, last = _span(net, row)
    return first == last


def _span(net: Net, row: Mapping[Vertex, int]) -> tuple[int, int]:
    rows = [row[vertex] for vertex in (*net.sources, *net.targets)]
    return min(rows), max(rows)


def _demands(bent: Sequence[Net], row: Mapping[Vertex, int]) -> tuple[dict[int, set[int]], list[int]]:
    """Which nets must be left of each net, by index, and the rows on which they meet."""
    leaving: dict[int, set[int]] = defaultdict(set)
    arriving: dict[int, set[int]] = defaultdict(set)
    for index, net in enumerate(bent):
        for vertex in net.sources:
            leaving[row[vertex]].add(index)
        for vertex in net.targets:
            arriving[row[vertex]].add(index)
    left_of: dict[int, set[int]] = defaultdict(set)
    for end in (leaving, arriving):
        for sharing in end.values():
            ranked = sorted(sharing, key=lambda index: bent[index].rank)
            for one, other in pairwise(ranked):
                left_of[other].add(one)
    clashes: list[int] = []
    for at, starters in leaving.items():
        for one in starters:
            others = arriving.get(at, set()) - {one}
            if others:
                clashes.append(at)
            for other in others:
                left_of[other].add(one)
    return left_of, clashes


def _tracks(spans: Sequence[tuple[int, int]], left_of: Mapping[int, set[int]]) -> list[int] | None:
    """The leftmost free track for each span, right of all that must be left of it; None when demands form a circle."""
    order = _in_order(len(spans), left_of)
    if order is None:
        return None
    taken: list[list[tuple[int, int]]] = []
    found: dict[int, int] = {}
    for index in order:
        low, high = spans[index]
        track = max((found[other] + 1 for other in left_of.get(index, ())), default=0)
        while track < len(taken) and any(low <= end and start <= high for start, end in taken[track]):
            track += 1
        taken.extend([] for _ in range(track + 1 - len(taken)))
        taken[track].append((low, high))
        found[index] = track
    return [found[index] for index in range(len(spans))]


def _in_order(count: int, left_of: Mapping[int, set[int]]) -> list[int] | None:
    """Every index after those that must be left of it, otherwise as given."""
    state = [0] * count
    order: list[int] = []

    def visit(index: int) -> bool:
        if state[index]:
            return state[index] == 2
        state[index] = 1
        if not all(visit(other) for other in sorted(left_of.get(index, ()))):
            return False
        state[index] = 2
        order.append(index)
        return True

    return order if all(visit(index) for index in range(count)) else None

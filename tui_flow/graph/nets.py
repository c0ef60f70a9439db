"""The space between two columns: edges bundled into nets, and a track for each net that has to bend.

A net joins all of its sources to all of its targets: one vertical line stands for all these edges and for no other. A
net's line from a source must not meet another net's line to a target on one row, or the two would read as one edge:
then the first needs the track further left. Where such demands form a circle, rows are moved apart until there is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from tui_flow.graph.layers import Columns, Vertex

_TRIES = 40
"""So often rows are moved apart one by one; then the next column goes below this one, where no row is shared."""


@dataclass(frozen=True, slots=True)
class Net:
    """Edges from each of the sources to each of the targets."""

    sources: tuple[Vertex, ...]
    targets: tuple[Vertex, ...]
    track: int | None = None
    """Of its vertical line, from the left; None: it runs straight."""


@dataclass(slots=True)
class Channel:
    """The nets between a column and the next."""

    nets: list[Net] = field(default_factory=list)
    tracks: int = 0


def channel(columns: Columns, layer: int, row: dict[Vertex, int]) -> Channel:
    """Routes what leaves a column. Rows of the next column may be moved down in `row`."""
    bundles = _bundles(columns, columns.columns[layer])
    for turn in count():
        bent = sorted(
            (bundle for bundle in bundles if _span(bundle, row)[0] != _span(bundle, row)[1]),
            key=lambda bundle: _span(bundle, row),
        )
        straight = [bundle for bundle in bundles if bundle not in bent]
        left_of, clashes = _demands(bent, row)
        tracks = _tracks([_span(bundle, row) for bundle in bent], left_of)
        if tracks is not None:
            nets = [Net(b.sources, b.targets, track) for b, track in zip(bent, tracks, strict=True)]
            return Channel(nets + straight, max(tracks, default=-1) + 1)
        if turn < _TRIES:
            at, step = max(clashes) if turn % 2 else min(clashes), 1
        else:
            at, step = 0, max(row[vertex] for vertex in columns.columns[layer]) + 1
        for vertex in columns.columns[layer + 1]:
            if row[vertex] >= at:
                row[vertex] += step
    raise AssertionError("two columns that share no row have no clashes")


def _bundles(columns: Columns, column: Sequence[Vertex]) -> list[Net]:
    """Exact bicliques first: vertices with the same targets; then by target or by source, whichever has more edges."""
    by_targets: dict[frozenset[Vertex], list[Vertex]] = defaultdict(list)
    for vertex in column:
        if targets := columns.below.get(vertex):
            by_targets[frozenset(targets)].append(vertex)
    nets: list[Net] = []
    arriving: dict[Vertex, list[Vertex]] = defaultdict(list)
    for sources in by_targets.values():
        targets = columns.below[sources[0]]
        is_alone = len(targets) == 1 and len(columns.above[targets[0]]) == 1
        if len(sources) > 1 or is_alone:
            nets.append(Net(tuple(sources), tuple(targets)))
            continue
        shared = [target for target in targets if len(columns.above[target]) > len(targets)]
        kept = tuple(target for target in targets if target not in shared)
        if kept:
            nets.append(Net(tuple(sources), kept))
        for target in shared:
            arriving[target].extend(sources)
    return nets + [Net(tuple(sources), (target,)) for target, sources in arriving.items()]


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

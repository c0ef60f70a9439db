"""Which edges between two columns are drawn as one net, and in which order the nets bend, so that none is misread.

A net joins all of its sources to all of its targets by one vertical line. Nets that share a source run on one line
from there until the first of them bends, and nets that share a target run on one line once the last has bent. Whoever
follows a line that has come to a joint may take any way on: along a row to the right, along a vertical line up and
down. So what comes into a net may go on into every net that shares an end with it and bends further right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tui_flow.graph.layers import Vertex

WEIGHED = 24
"""Of more nets the first that will do is taken."""
Pair = tuple[Vertex, Vertex]
"""(vertex of a column, vertex of the next) with a line between."""


@dataclass(frozen=True, slots=True)
class Net:
    """Edges from each of the sources to each of the targets."""

    sources: tuple[Vertex, ...]
    targets: tuple[Vertex, ...]
    rank: int = 0
    """Of nets that share an end, the one with the lower rank bends first."""
    track: int | None = None
    """Of its vertical line, from the left; None: it runs straight."""

    def shares_end(self, other: Net) -> bool:
        return not (set(self.sources).isdisjoint(other.sources) and set(self.targets).isdisjoint(other.targets))


def components(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Pairs that have to do with each other, in the order given."""
    listed = list(pairs)
    parent: dict[tuple[bool, Vertex], tuple[bool, Vertex]] = {}

    def root(end: tuple[bool, Vertex]) -> tuple[bool, Vertex]:
        while parent.setdefault(end, end) != end:
            parent[end] = end = parent[parent[end]]
        return end

    for source, target in listed:
        parent[root((True, target))] = root((False, source))
    found: dict[tuple[bool, Vertex], list[Pair]] = defaultdict(list)
    for pair in listed:
        found[root((False, pair[0]))].append(pair)
    return list(found.values())


def bundled(pairs: Sequence[Pair]) -> list[Net] | None:
    """Nets of one component, ranked; None where they cannot be drawn between two columns without being misread."""
    for partition in (_largest, _by_source, _by_target, _each):
        found = _ranked(partition(pairs), pairs)
        if found is not None:
            return found
    return None


def _largest(pairs: Sequence[Pair]) -> list[Net]:
    """Exact bicliques first: vertices with the same targets; then by target or by source, whichever has more edges."""
    below, above = _neighbours(pairs)
    nets: list[Net] = []
    arriving: dict[Vertex, list[Vertex]] = defaultdict(list)
    for targets, sources in _alike(below).items():
        if len(sources) > 1:
            nets.append(Net(tuple(sources), targets))
            continue
        kept = tuple(target for target in targets if len(above[target]) <= len(targets))
        if kept:
            nets.append(Net(tuple(sources), kept))
        for target in targets:
            if target not in kept:
                arriving[target].extend(sources)
    return nets + [Net(tuple(sources), (target,)) for target, sources in arriving.items()]


def _by_source(pairs: Sequence[Pair]) -> list[Net]:
    return [Net(tuple(sources), targets) for targets, sources in _alike(_neighbours(pairs)[0]).items()]


def _by_target(pairs: Sequence[Pair]) -> list[Net]:
    return [Net(sources, tuple(targets)) for sources, targets in _alike(_neighbours(pairs)[1]).items()]


def _each(pairs: Sequence[Pair]) -> list[Net]:
    return [Net((source,), (target,)) for source, target in pairs]


def _neighbours(pairs: Iterable[Pair]) -> tuple[dict[Vertex, list[Vertex]], dict[Vertex, list[Vertex]]]:
    """Below each source, and above each target."""
    below: dict[Vertex, list[Vertex]] = defaultdict(list)
    above: dict[Vertex, list[Vertex]] = defaultdict(list)
    for source, target in pairs:
        below[source].append(target)
        above[target].append(source)
    return below, above


def _alike(near: Mapping[Vertex, list[Vertex]]) -> dict[tuple[Vertex, ...], list[Vertex]]:
    """Vertices by their neighbours."""
    found: dict[frozenset[Vertex], list[Vertex]] = defaultdict(list)
    for vertex, others in near.items():
        found[frozenset(others)].append(vertex)
    return {tuple(near[vertices[0]]): vertices for vertices in found.values()}


def _ranked(nets: Sequence[Net], pairs: Sequence[Pair]) -> list[Net] | None:
    """The nets in an order in which nothing is misread: always one that nothing wrong comes into. None where there is
    no such order this way."""
    above = {target: frozenset(sources) for target, sources in _neighbours(pairs)[1].items()}
    may_come = [frozenset.intersection(*(above[target] for target in net.targets)) for net in nets]
    touched = _touched(nets)
    come = [set(net.sources) for net in nets]
    left = list(range(len(nets)))
    ranked: list[Net] = []

    def harm(at: int) -> int:
        """How many others would be misread after it."""
        near = touched[at].intersection(left)
        return sum(not (come[at] <= may_come[other] and come[other] <= may_come[other]) for other in near)

    while left:
        good = [at for at in left if come[at] <= may_come[at]]
        if not good:
            return None
        chosen = good[0] if len(left) > WEIGHED else min(good, key=harm)
        left.remove(chosen)
        ranked.append(replace(nets[chosen], rank=len(ranked)))
        for at in touched[chosen].intersection(left):
            come[at] |= come[chosen]
    return ranked


def _touched(nets: Sequence[Net]) -> list[set[int]]:
    """For each net the others that share an end with it."""
    having: dict[tuple[bool, Vertex], set[int]] = defaultdict(set)
    for at, net in enumerate(nets):
        for end in _ends(net):
            having[end].add(at)
    return [set().union(*(having[end] for end in _ends(net))) - {at} for at, net in enumerate(nets)]


def _ends(net: Net) -> list[tuple[bool, Vertex]]:
    return [*((False, source) for source in net.sources), *((True, target) for target in net.targets)]


def _is_true(sources: Iterable[Vertex], net: Net, wanted: set[Pair]) -> bool:
    return all((source, target) in wanted for source in sources for target in net.targets)


def is_misread(nets: Sequence[Net]) -> bool:
    """Whether lines lead where no edge does, with the tracks that the nets have now. What runs straight takes all that
    leaves its source, and goes on into all that arrives at its target."""
    wanted = {(source, target) for net in nets for source in net.sources for target in net.targets}
    onward = [
        [other for other, to in enumerate(nets) if other != at and _leads(net, to)] for at, net in enumerate(nets)
    ]
    come = [set(net.sources) for net in nets]
    pending = list(range(len(nets)))
    while pending:
        at = pending.pop()
        for other in onward[at]:
            if not come[at] <= come[other]:
                come[other] |= come[at]
                pending.append(other)
    return not all(_is_true(come[at], net, wanted) for at, net in enumerate(nets))


def _leads(net: Net, other: Net) -> bool:
    if net.track is not None and other.track is not None:
        return net.track < other.track and net.shares_end(other)
    on_sources = not set(net.sources).isdisjoint(other.sources)
    on_targets = not set(net.targets).isdisjoint(other.targets)
    return (on_sources and other.track is None) or (on_targets and net.track is None)

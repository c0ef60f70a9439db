"""The nets between each two columns; and a column of its own for lines that cannot be told apart between two: there
each edge runs by itself, so that all parting lines have parted before the first ones meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tui_flow.graph.bundles import Net, Pair, bundled, components
from tui_flow.graph.layers import Columns, Vertex, Via


@dataclass(slots=True)
class Spread:
    columns: Columns = field(default_factory=Columns)
    nets: list[list[Net]] = field(default_factory=list)
    """Of what leaves each column."""


def spread(columns: Columns) -> Spread:
    """The same edges, with more columns where they need them."""
    result = Spread()
    for column in columns.columns:
        result.columns.columns.append(column)
        pairs = [(source, target) for source in column for target in columns.below.get(source, ())]
        nets: list[Net] = []
        tangled: set[Pair] = set()
        for part in components(pairs):
            found = bundled(part)
            nets += found or ()
            tangled.update(part if found is None else ())
        if tangled:
            _add_column(result, columns, pairs, tangled, nets)
        else:
            result.nets.append(nets)
            result.columns.edges.update((pair, columns.edges[pair]) for pair in pairs)
    result.columns.link()
    return result


def _add_column(
    result: Spread, columns: Columns, pairs: Sequence[Pair], tangled: set[Pair], nets: Sequence[Net]
) -> None:
    """What is not tangled passes it, each source by itself."""
    leaving: dict[Vertex, dict[Vertex, None]] = defaultdict(dict)
    arriving: dict[Vertex, list[Vertex]] = defaultdict(list)
    for source, target in pairs:
        is_alone = (source, target) in tangled
        via = _via(source, target if is_alone else None)
        leaving[source][via] = None
        if is_alone:
            arriving[target].append(via)
        edges = columns.edges[source, target]
        result.columns.edges.setdefault((source, via), []).extend(edges)
        result.columns.edges[via, target] = list(edges)
    result.columns.columns.append([via for vias in leaving.values() for via in vias])
    result.nets.append([Net((source,), tuple(vias)) for source, vias in leaving.items()])
    passing = [replace(net, sources=tuple(_via(source, None) for source in net.sources)) for net in nets]
    result.nets.append(passing + [Net(tuple(vias), (target,)) for target, vias in arriving.items()])


def _via(source: Vertex, target: Vertex | None) -> Via:
    assert not isinstance(source, Via) and not isinstance(target, Via), "columns are spread once"
    return Via(source, target)

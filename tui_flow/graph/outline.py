"""A DAG in one row per node: each hangs under its immediate dominator, the nearest node that all ways to it pass.

A fork indents, a chain stays where it is, a join comes back to the level of the fork that it closes and says what it
waits for. A row that says nothing waits for the row that it hangs from, or the row above it at its level. The same
order is the order of rows in the grid, the task list and the Gantt chart.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui_flow.graph.model import Graph

BRANCH, LAST, PASS, GAP = "├─", "╰─", "│ ", "  "
TO_ASCII = str.maketrans({"├": "|", "─": "-", "╰": "`", "│": "|"})


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """A node and where it hangs."""

    node: str
    prefix: str
    """Lines and blanks before its sign."""
    waits_for: tuple[str, ...] = ()
    """Its upstream nodes, where the place of the row does not say them."""
    is_all_above: bool = False
    """`waits_for` is exactly the branches of the fork that it closes."""


def outline(graph: Graph) -> list[OutlineRow]:
    """Every node once, each after all that are upstream of it."""
    return _Outline(graph.reduced).rows()


def waits_text(row: OutlineRow, graph: Graph) -> str:
    """`a, b +3` or `all 20 above`; empty for a row that needs no words."""
    if row.is_all_above and len(row.waits_for) > 2:
        return f"all {len(row.waits_for)} above"
    names = [graph.nodes[node].id if graph.nodes[node].is_group else graph.nodes[node].label for node in row.waits_for]
    return ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")


class _Outline:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._below: dict[str | None, list[str]] = {}
        """What each node dominates immediately; None: the whole DAG."""
        for node, dominator in _dominators(graph).items():
            self._below.setdefault(dominator, []).append(node)
        self._rows: list[OutlineRow] = []

    def rows(self) -> list[OutlineRow]:
        pending: list[tuple[str | None, str] | OutlineRow] = [(None, "")]
        while pending:  # no recursion: a chain may be thousands long
            step = pending.pop()
            if isinstance(step, OutlineRow):
                self._rows.append(step)
            else:
                pending += reversed(self._steps(*step))
        return self._rows

    def _steps(self, node: str | None, prefix: str) -> list[tuple[str | None, str] | OutlineRow]:
        """The rows of what a node dominates, each followed by what hangs from it in turn."""
        inside = self._below.get(node, [])
        direct = [near for near in inside if self._graph.upstream[near] == (() if node is None else (node,))]
        if len(inside) == 1 and direct:
            return [OutlineRow(inside[0], prefix), (inside[0], prefix)]
        steps: list[tuple[str | None, str] | OutlineRow] = []
        is_fork = node is not None
        for branch in direct:
            is_last = branch == direct[-1]
            lead, rest = (LAST if is_last else BRANCH, GAP if is_last else PASS) if is_fork else ("", "")
            steps += [OutlineRow(branch, prefix + lead), (branch, prefix + rest)]
        for join in (near for near in inside if near not in set(direct)):
            upstream = self._graph.upstream[join]
            steps += [OutlineRow(join, prefix, upstream, set(upstream) == set(direct)), (join, prefix)]
        return steps


def _dominators(graph: Graph) -> dict[str, str | None]:
    """The immediate dominator of every node; None: nothing is on all ways to it."""
    found: dict[str, str | None] = {}
    depth: dict[str | None, int] = {None: 0}
    for node in graph.order:
        near: str | None = None
        for index, above in enumerate(graph.upstream[node]):
            near = above if index == 0 else _meet(near, above, found, depth)
        found[node] = near
        depth[node] = depth[near] + 1
    return found


def _meet(one: str | None, other: str | None, found: dict[str, str | None], depth: dict[str | None, int]) -> str | None:
    """The nearest node that dominates both."""
    while one != other:
        if depth[one] >= depth[other]:
            assert one is not None, "only the whole DAG has depth 0"
            one = found[one]
        else:
            assert other is not None
            other = found[other]
    return one

"""Where the labels of edges are written: on the line before the node to which all of its edges bring the same label,
else behind the node from which all take the same one. Elsewhere a line belongs to edges with other labels, or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, chop_cells

from tui_flow.graph.layers import Vertex
from tui_flow.graph.model import Edge, Graph

LEAST_WIDTH = 12
"""Where labels of nodes have less room than this, edges have none."""
MOST_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Captions:
    """Texts by node."""

    before: Mapping[Vertex, str] = field(default_factory=dict)
    after: Mapping[Vertex, str] = field(default_factory=dict)

    def room(self, column: Collection[Vertex], following: Collection[Vertex]) -> tuple[int, int]:
        """Cells that they need between two columns: behind the first and before the second."""
        return _widest(self.after, column), _widest(self.before, following)


def captions_of(graph: Graph, label_width: int) -> Captions:
    """Of a graph as it is drawn; none where labels are short."""
    if label_width < LEAST_WIDTH or not graph.labels:
        return Captions()
    width = min(label_width, MOST_WIDTH)
    before: dict[Vertex, str] = {}
    after: dict[Vertex, str] = {}
    for node in graph.nodes:
        if text := _common(graph, [(above, node) for above in graph.upstream[node]]):
            before[node] = _cut(text, width)
    for node in graph.nodes:
        untold = [below for below in graph.downstream[node] if below not in before]
        text = _common(graph, [(node, below) for below in graph.downstream[node]])
        if text and untold:
            after[node] = _cut(text, width)
    return Captions(before, after)


def _common(graph: Graph, edges: Sequence[Edge]) -> str:
    """The label of all of these; empty where they differ."""
    texts = {graph.labels.get(edge, "") for edge in edges}
    return texts.pop() if len(texts) == 1 else ""


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{chop_cells(text, width - 1)[0]}…"


def _widest(texts: Mapping[Vertex, str], vertices: Collection[Vertex]) -> int:
    """With a bit of the line on either side."""
    return max((cell_len(texts[vertex]) + 1 for vertex in vertices if vertex in texts), default=0)

"""A DAG's diagram in a state: which nodes are chosen and near it, what each row of the picture looks like. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import RLock
from typing import TypeVar

from rich.style import Style

from tui_flow.graph.layout import LABEL_WIDTHS, Layout, Plan, placed, planned
from tui_flow.graph.model import Graph, Node, folded_at_first, graph_of, reached
from tui_flow.graph.outline import OutlineRow, outline, waits_text
from tui_flow.graph.paint import Ink, paint_row
from tui_flow.records import DagRun
from tui_flow.signs import gathered
from tui_flow.spec import DagSpec
from tui_flow.state import TaskState
from tui_flow.tui.palette import BOLD, DIM, DOWNSTREAM, REVERSE, UPSTREAM, Palette
from tui_flow.tui.text import Piece, Row, fit_pieces, plain
from tui_flow.tui.views.spans import minute, short

FOCUSES = ("whole DAG", "lineage", "3 hops", "1 hop")
_HOPS = {2: 3, 3: 1}


@dataclass(frozen=True, slots=True)
class DiagramModel:
    """What one read brings: the DAG as the run has it, and how its tasks stand."""

    spec: DagSpec
    run: DagRun | None = None
    counts: Mapping[str, Counter[TaskState]] = field(default_factory=dict)
    """Task instances by state, by task id."""
    earlier: str | None = None
    later: str | None = None
    spans: Mapping[str, tuple[datetime, datetime | None]] = field(default_factory=dict)
    """First start and last end of each task that has started; None: it has not ended."""
    first_failed: Mapping[str, int] = field(default_factory=dict)
    """Map index of the instance of a task that failed first, by task id."""

    @property
    def instances(self) -> dict[str, int]:
        """How many each mapped task has, once that is known."""
        mapped = (task.task_id for task in self.spec.tasks if task.mapped is not None)
        found = {task_id: self.counts[task_id].total() for task_id in mapped if task_id in self.counts}
        return {task_id: count for task_id, count in found.items() if count > 1}


STANDS = 24
"""Cells at the right of the outline for how a node stands."""


def outline_row(row: OutlineRow, graph: Graph, model: DiagramModel, look: Palette, at: datetime, width: int) -> Row:
    """A node where it hangs, what it waits for, and at the right how it stands and how long it took."""
    node = graph.nodes[row.node]
    state = state_of(model, node) or TaskState.NONE
    name = f"{plain(node.id)} {look.line('▸')} {len(node.members)} tasks" if node.is_group else plain(node.text)
    waits = waits_text(row, graph)
    pieces: list[Piece] = [
        (look.line(row.prefix), DIM),
        (look.glyph(state) + " ", look.style(state)),
        (name, BOLD if node.is_group else None),
        (f"  {look.line('⇠')} {plain(waits)}" if waits else "", DIM),
    ]
    stands = _stands(node, state, model, look, at)
    return Row(node.id, (*fit_pieces(pieces, max(width - STANDS, 1)), (" ", None), *stands) if stands else (*pieces,))


def _stands(node: Node, state: TaskState, model: DiagramModel, look: Palette, at: datetime) -> list[Piece]:
    """`✓ 4s`; of a group and of a mapped task how many have gone well, too: `✗ 9/10  1m 18s`."""
    total = _total(model, node)
    if not sum(total.values()):
        return []
    several = f"{total[TaskState.SUCCESS]}/{sum(total.values())}  " if sum(total.values()) > 1 else ""
    spans_of = [model.spans[member] for member in node.members if member in model.spans]
    took = ""
    if spans_of:
        ends = [end for _, end in spans_of]
        last = at if None in ends and state is TaskState.RUNNING else max((end for end in ends if end), default=None)
        took = short(last - min(start for start, _ in spans_of)) if last else ""
    return [(look.glyph(state) + " ", look.style(state)), (several, None), (took, DIM)]


def _total(model: DiagramModel, node: Node) -> Counter[TaskState]:
    total: Counter[TaskState] = Counter()
    for member in node.members:
        total += model.counts.get(member, Counter())
    return total


def state_of(model: DiagramModel, node: Node) -> TaskState | None:
    """Of all task instances that a node stands for."""
    return gathered(_total(model, node))


def focused(graph: Graph, chosen: str | None, focus: int) -> Graph:
    """The part of the graph that is asked for; the whole one while nothing is chosen."""
    if not focus or chosen is None or chosen not in graph.nodes:
        return graph
    hops = _HOPS.get(focus)
    near = reached([chosen], graph.upstream, hops) | reached([chosen], graph.downstream, hops)
    return graph.only(near | {chosen})


@dataclass(frozen=True)
class Picture:
    """A layout with a node chosen."""

    drawn: Layout
    chosen: str | None

    @cached_property
    def upstream(self) -> frozenset[str]:
        return frozenset(reached([self.chosen], self.drawn.graph.upstream)) if self.chosen else frozenset()

    @cached_property
    def downstream(self) -> frozenset[str]:
        return frozenset(reached([self.chosen], self.drawn.graph.downstream)) if self.chosen else frozenset()

    @cached_property
    def lit_nets(self) -> dict[int, Style]:
        """The lines that carry an edge of the chosen node's lineage."""
        if self.chosen is None:
            return {}
        before, after = self.upstream | {self.chosen}, self.downstream | {self.chosen}
        found: dict[int, Style] = {}
        for number, edges in enumerate(self.drawn.nets):
            if any(a in before and b in before for a, b in edges):
                found[number] = UPSTREAM
            elif any(a in after and b in after for a, b in edges):
                found[number] = DOWNSTREAM
        return found


Key = TypeVar("Key")
Kept = TypeVar("Kept")


NARROW = 100
"""Below this many columns a picture has to fit."""
READABLE = 2
"""Zooms at which names can be read."""


class Drawings:
    """Graphs that were drawn last and their places: to fold, to unfold and to zoom leads to and fro between few. A
    thread that reads may fill it beforehand."""

    MOST = 8
    QUICK = 120
    """Nodes of a graph that is laid out in no time."""
    MOST_NODES = 400
    """A larger DAG is shown as an outline."""

    def __init__(self) -> None:
        self._graphs: dict[object, Graph] = {}
        self._plans: dict[int, tuple[Graph, Plan]] = {}
        """By the identity of the graph, as are its outline and its layouts."""
        self._outlines: dict[int, tuple[Graph, list[OutlineRow]]] = {}
        self._layouts: dict[tuple[int, int], tuple[Graph, Layout]] = {}
        self._lock = RLock()

    def graph(self, model: DiagramModel, folded: frozenset[str]) -> Graph:
        """The same object for the same DAG with the same groups folded, and as many instances of its mapped tasks."""
        spec, instances = model.spec, model.instances
        key: object = (spec.dag_id, spec.version, folded, tuple(instances.items()))
        return self._kept(self._graphs, key, lambda: graph_of(spec, folded, instances))

    def whole(self, model: DiagramModel, folded: frozenset[str] | None) -> Graph:
        """None: as it is folded at first."""
        return self.graph(model, folded_at_first(model.spec) if folded is None else folded)

    def prepare(self, model: DiagramModel, folded: frozenset[str] | None, zoom: int) -> None:
        """For a graph that is not laid out in no time."""
        graph = self.whole(model, folded)
        if self.QUICK < len(graph.nodes) <= self.MOST_NODES:
            self.zoomed(graph, zoom)

    def is_too_wide(self, graph: Graph, width: int) -> bool:
        """Whether the picture of the whole DAG would be more to search than to see."""
        is_narrow = width < NARROW
        if len(graph.nodes) > (self.QUICK if is_narrow else self.MOST_NODES):
            return True
        return is_narrow and self.zoomed(graph, 0).width >= width

    def outlined(self, graph: Graph) -> list[OutlineRow]:
        return self._kept(self._outlines, id(graph), lambda: (graph, outline(graph)))[1]

    def zoomed(self, graph: Graph, zoom: int) -> Layout:
        """At one of the `LABEL_WIDTHS`."""

        def drawn() -> tuple[Graph, Layout]:
            _, plan = self._kept(self._plans, id(graph), lambda: (graph, planned(graph)))
            return graph, placed(plan, LABEL_WIDTHS[zoom])

        return self._kept(self._layouts, (id(graph), zoom), drawn)[1]

    def fitting(self, graph: Graph, width: int) -> int:
        """The largest zoom with names at which all is seen; the largest of all where there is none."""
        tried = range(READABLE if len(graph.nodes) <= self.QUICK else 1)
        return next((zoom for zoom in tried if self.zoomed(graph, zoom).width < width), 0)

    def _kept(self, known: dict[Key, Kept], key: Key, make: Callable[[], Kept]) -> Kept:
        with self._lock:
            found = known.pop(key) if key in known else make()
            known[key] = found
            if len(known) > self.MOST:
                del known[next(iter(known))]
            return found


def map_row(small: Layout, model: DiagramModel, look: Palette, y: int, width: int) -> Row:
    """Row `y` of the whole DAG in signs."""

    def sign(node_id: str) -> str:
        return look.glyph(state_of(model, small.graph.nodes[node_id]) or TaskState.NONE)

    row = paint_row(small, y, sign, look.is_ascii, 0, width)
    return Row(y, (("".join(plain(ink.text) for ink in row), None),), can_select=False)


def picture_row(picture: Picture, model: DiagramModel, look: Palette, y: int, first: int, width: int) -> list[Piece]:
    """Row `y` of the picture, the cells from `first` on, in `width` cells with a sign at each end that is cut off."""
    start, end = picture.drawn.row_reach(y)
    goes_on = end > first + width - 1
    inside = _picture_cells(picture, model, look, y, first, width - 1 - goes_on)
    before: Piece = (look.line("◂"), BOLD) if start < first and end else (" ", None)
    if not goes_on:
        return [before, *inside]
    return [before, *fit_pieces(inside, width - 2), (look.line("▸"), BOLD)]


def _picture_cells(picture: Picture, model: DiagramModel, look: Palette, y: int, first: int, width: int) -> list[Piece]:
    nodes = picture.drawn.graph.nodes

    def sign(node_id: str) -> str:
        state = state_of(model, nodes[node_id])
        return look.glyph(state) if state else look.glyph(TaskState.NONE)

    row = paint_row(picture.drawn, y, sign, look.is_ascii, first, first + width)
    return [(plain(ink.text), _style(picture, model, look, ink)) for ink in row]


def _style(picture: Picture, model: DiagramModel, look: Palette, ink: Ink) -> Style | None:
    if ink.node is None:
        lit = next((style for net in ink.nets if (style := picture.lit_nets.get(net))), None)
        return lit or DIM
    state = state_of(model, picture.drawn.graph.nodes[ink.node])
    style = look.style(state) if state else DIM
    if ink.node == picture.chosen:
        return style + REVERSE
    if ink.node in picture.upstream or ink.node in picture.downstream:
        return style + BOLD
    return style + DIM if picture.chosen else style


def step(drawn: Layout, chosen: str | None, direction: str) -> str | None:
    """Where a key leads from the chosen node: along an edge to the left or right, within the column up or down."""
    if chosen not in drawn.boxes:
        return drawn.columns[0][0] if drawn.columns and drawn.columns[0] else None
    here = drawn.boxes[chosen]
    if direction in ("left", "right"):
        near = drawn.graph.upstream[chosen] if direction == "left" else drawn.graph.downstream[chosen]
        return min(near, key=lambda node: abs(drawn.boxes[node].y - here.y), default=chosen)
    column = next(column for column in drawn.columns if chosen in column)
    ordered = sorted(column, key=lambda node: drawn.boxes[node].y)
    at = ordered.index(chosen) + (1 if direction == "down" else -1)
    if 0 <= at < len(ordered):
        return ordered[at]
    beyond = [
        node for node, box in drawn.boxes.items() if (box.y > here.y) is (direction == "down") and box.y != here.y
    ]
    return min(
        beyond, key=lambda node: (abs(drawn.boxes[node].y - here.y), abs(drawn.boxes[node].x - here.x)), default=chosen
    )


def said(graph: Graph, chosen: str | None, model: DiagramModel, look: Palette) -> list[list[Piece]]:
    """Two lines about the chosen node."""
    node = graph.nodes.get(chosen or "")
    if node is None:
        return [[("no task is chosen: arrows walk along the edges", DIM)], []]
    total = _total(model, node)
    state = gathered(total)
    counted = "  ".join(f"{count} {_word(state)}" for state, count in total.most_common())
    if failed := [member for member in node.members if model.counts.get(member, Counter())[TaskState.FAILED]]:
        counted += f": {', '.join(plain(member) for member in failed[:2])}" if node.is_group else ""
    what = f"group of {len(node.members)} tasks" if node.is_group else _kind(model, node)
    first: list[Piece] = [
        (look.glyph(state) + " " if state else "", look.style(state) if state else None),
        (plain(node.label), BOLD),
        (f"   {what}   {counted if total.total() > 1 else _word(state) if state else 'not in this run'}", None),
    ]
    second: list[Piece] = [
        (f"upstream {_tasks(graph, reached([node.id], graph.upstream))}", UPSTREAM),
        ("   ", None),
        (f"downstream {_tasks(graph, reached([node.id], graph.downstream))}", DOWNSTREAM),
        (_blocked(graph, node, model) if failed else "", None),
        ("   space unfolds it" if node.is_group else "", DIM),
        (_labelled(graph, node), None),
    ]
    return [first, second]


def graph_facts(graph: Graph, model: DiagramModel, is_utc: bool) -> list[str]:
    """The run, and how much of the DAG is seen."""
    folded = sum(node.is_group for node in graph.nodes.values())
    groups = f", {folded} of {len(model.spec.groups)} groups folded" if model.spec.groups else ""
    run = f"run {minute(model.run.run_after, is_utc)}" if model.run else "no run"
    return [run, f"{len(model.spec.tasks)} tasks{groups}"]


def _word(state: TaskState) -> str:
    return "not yet" if state is TaskState.NONE else state.replace("_", " ")


def _tasks(graph: Graph, nodes: Collection[str]) -> str:
    count = sum(len(graph.nodes[node].members) for node in nodes)
    return f"{count} task{'s' * (count != 1)}"


def _blocked(graph: Graph, node: Node, model: DiagramModel) -> str:
    below = (member for near in reached([node.id], graph.downstream) for member in graph.nodes[near].members)
    count = sum(model.counts.get(member, Counter())[TaskState.UPSTREAM_FAILED] for member in below)
    return f"   blocks {count} task{'s' * (count != 1)}" if count else ""


def _labelled(graph: Graph, node: Node) -> str:
    """What authors wrote at its edges."""
    said = [f"{graph.nodes[a].label} to here: {text}" for (a, b), text in graph.labels.items() if b == node.id]
    said += [f"to {graph.nodes[b].label}: {text}" for (a, b), text in graph.labels.items() if a == node.id]
    return "".join(f"   {plain(text)}" for text in said)


def failing_member(model: DiagramModel, node: Node) -> str | None:
    """Of a node's tasks the first that stands as the whole node does: of one with a failed task that one."""
    state = state_of(model, node)
    return next((member for member in node.members if state and model.counts.get(member, Counter())[state]), None)


def to_see_first(graph: Graph, model: DiagramModel) -> str | None:
    """The first node that failed, else that runs, else the first."""
    states = {node: state_of(model, graph.nodes[node]) for node in graph.order}
    for wanted in (TaskState.FAILED, TaskState.RUNNING):
        if found := next((node for node, state in states.items() if state is wanted), None):
            return found
    return next(iter(graph.order), None)


def _kind(model: DiagramModel, node: Node) -> str:
    task = model.spec.by_id.get(node.id)
    rule = f", {task.trigger_rule}" if task and task.trigger_rule != "all_success" else ""
    return f"{plain(task.operator)}{rule}" if task else ""


def find(graph: Graph, text: str, after: str | None, backwards: bool = False) -> str | None:
    """The next node whose name holds the text, round and round."""
    names: Sequence[str] = [node for node in graph.order if text.lower() in graph.nodes[node].label.lower()]
    if not names:
        return None
    place = {node: index for index, node in enumerate(graph.order)}
    here = place.get(after or "", -1)
    if backwards:
        return next((node for node in reversed(names) if place[node] < here), names[-1])
    return next((node for node in names if place[node] > here), names[0])

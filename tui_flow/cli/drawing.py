"""A DAG's picture on the command line: the same drawing as the dashboard's, or the outline."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from tui_flow import signs
from tui_flow.cli.lookup import find_dag, find_run, newest_spec, open_reader
from tui_flow.cli.show import say
from tui_flow.errors import BadInput, did_you_mean
from tui_flow.graph.layout import layout
from tui_flow.graph.model import Graph, folded_at_first, graph_of
from tui_flow.graph.outline import TO_ASCII, outline, waits_text
from tui_flow.graph.paint import paint_row
from tui_flow.logs.safe import safe
from tui_flow.planner.dependencies import Dependency, as_one_dag
from tui_flow.records import DagRun
from tui_flow.spec import DagSpec
from tui_flow.state import TaskState

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader

StateOf = Callable[[str], TaskState]


def picture_of(
    dag_id: str, run_id: str | None, fold: Collection[str], unfold: bool, as_outline: bool, in_ascii: bool
) -> list[str]:
    """Lines to print: a DAG as the named run has it, else as its file says now, with the states of the newest run
    where that has the same version."""
    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        run = find_run(reader, dag_id, run_id) if run_id else reader.run(dag_id)
        if run is not None and run_id is None and run.spec_version != dag.spec_version:
            say(f"its newest run has an older version: `--run {run.run_id}` draws that")
            run = None
        spec = reader.spec(dag_id, run.spec_version) if run else newest_spec(reader, dag)
        graph = graph_to_draw(spec, fold, unfold, mapped_in(reader, run, spec))
        state_of = states_in(reader, run, graph)
    is_ascii = in_ascii or signs.wants_ascii(sys.stdout)
    return outlined(graph, state_of, is_ascii) if as_outline else drawn(graph, state_of, is_ascii)


def drawn_dags(dependencies: Collection[Dependency], in_ascii: bool) -> list[str]:
    """DAGs and what leads from one to another."""
    graph = graph_to_draw(as_one_dag(dependencies), (), unfold=True)
    return drawn(graph, lambda _: TaskState.NONE, in_ascii or signs.wants_ascii(sys.stdout))


def mapped_in(reader: Reader, run: DagRun | None, spec: DagSpec) -> dict[str, int]:
    """How many instances each mapped task has in a run, where that is known."""
    mapped = [task.task_id for task in spec.tasks if task.mapped is not None]
    if run is None or not mapped:
        return {}
    found = reader.grid_cells([run.id], mapped)
    return {task_id: counts.total() for (_, task_id), counts in found.items() if counts.total() > 1}


def graph_to_draw(
    spec: DagSpec, fold: Collection[str], unfold: bool, instances: Mapping[str, int] | None = None
) -> Graph:
    """`fold` names groups to fold; without it a large DAG has its groups folded, unless `unfold`."""
    for group_id in fold:
        if group_id not in spec.groups_by_id:
            known = did_you_mean(group_id, spec.groups_by_id)
            raise BadInput(f"DAG {spec.dag_id!r} has no task group {group_id!r}{known}")
    return graph_of(spec, fold or (frozenset() if unfold else folded_at_first(spec)), instances)


def states_in(reader: Reader, run: DagRun | None, graph: Graph) -> StateOf:
    """How each node stands in a run; without one nothing has happened."""
    counts: dict[str, Counter[TaskState]] = {}
    if run is not None:
        members = [member for node in graph.nodes.values() for member in node.members]
        cells = reader.grid_cells([run.id], members)
        counts = {task_id: found for (_, task_id), found in cells.items()}

    def state_of(node_id: str) -> TaskState:
        total: Counter[TaskState] = Counter()
        for member in graph.nodes[node_id].members:
            total += counts.get(member, Counter())
        return signs.gathered(total) or TaskState.NONE

    return state_of


def drawn(graph: Graph, state_of: StateOf, is_ascii: bool) -> list[str]:
    """Lines of the picture, coloured where the terminal shows colours."""
    picture = layout(graph)
    lines = []
    for y in range(picture.height):
        inks = paint_row(picture, y, lambda node: _sign(state_of(node), is_ascii), is_ascii)
        parts = [
            signs.paint(safe(ink.text), signs.sign_of(state_of(ink.node)).sgr) if ink.node else ink.text for ink in inks
        ]
        lines.append("".join(parts).rstrip())
    return lines


def outlined(graph: Graph, state_of: StateOf, is_ascii: bool) -> list[str]:
    """One line for each task, in the order of the grid."""
    lines = []
    for row in outline(graph):
        node, state = graph.nodes[row.node], state_of(row.node)
        name = f"{node.id} > {len(node.members)} tasks" if node.is_group else node.text
        waits = waits_text(row, graph)
        arrow = "<" if is_ascii else "⇠"
        prefix = row.prefix.translate(TO_ASCII) if is_ascii else row.prefix
        said = signs.paint(f"{_sign(state, is_ascii)} {safe(name)}", signs.sign_of(state).sgr)
        lines.append(prefix + said + (f"  {arrow} {safe(waits)}" if waits else ""))
    return lines


def _sign(state: TaskState, is_ascii: bool) -> str:
    sign = signs.sign_of(state)
    return sign.ascii if is_ascii else sign.glyph

"""The Diagram tab of a DAG: the picture where there is room, the outline where there is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input

from tui_flow import times
from tui_flow.graph.model import Graph, folded_at_first
from tui_flow.graph.paint import paint
from tui_flow.state import TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui import clipboard, palette
from tui_flow.tui.diagram import GraphView
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.pages.diagram_reading import load_drawn
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import DagDeeds, Subject, TaskDeeds, place_of
from tui_flow.tui.tabbed import Pane
from tui_flow.tui.text import Row
from tui_flow.tui.views.diagram import (
    FOCUSES,
    DiagramModel,
    failing_member,
    find,
    focused,
    graph_facts,
    map_row,
    outline_row,
    said,
    state_of,
    to_see_first,
)
from tui_flow.tui.views.grid import seen_text

MAP_HEIGHT = 34
"""From this many lines on there is room for the whole DAG below the part that is seen."""


class DiagramPane(Pane, TaskDeeds, DagDeeds):
    NAME = "diagram"
    TITLE = "Diagram"
    ACTION = "diagram"
    HINTS = (
        "open",
        "log=L",
        "mark~fold",
        "focus~lineage",
        "find~find",
        "diagram",
        "less~zoom out",
        "more~in",
        "unfold",
        "earlier",
        "later",
        "copy",
        "clear",
        "help",
    )
    BINDINGS = bindings(
        "log",
        "focus",
        "fold",
        "unfold",
        "mark",
        "find",
        "next_hit",
        "previous_hit",
        "earlier",
        "later",
        "copy",
        "clear",
        "mark_state",
        "stop",
        "stop_run",
        "note",
        "trigger",
        "pause",
        "backfill",
        "diagram",
        "more",
        "less",
    )
    DEFAULT_CSS = """
    DiagramPane #diagram-outline, DiagramPane #diagram-find { display: none; }
    DiagramPane.outlined #diagram-outline { display: block; }
    DiagramPane.outlined #diagram-picture { display: none; }
    DiagramPane.finding #diagram-find { display: block; dock: bottom; height: 1; }
    DiagramPane #diagram-map { height: auto; max-height: 40%; display: none; }
    DiagramPane.mapped #diagram-map { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._model: DiagramModel | None = None
        self._folded: frozenset[str] | None = None
        self._focus = 0
        self._is_new = True
        """Not drawn since it is about this DAG."""
        self._around: str | None = None
        """The node whose surroundings are shown: it stays the same wherever the cursor walks."""
        self._wants_outline: bool | None = None
        """Asked for by hand; None: as the room allows."""
        self._text = ""

    def compose(self) -> ComposeResult:
        yield GraphView(self.desk.look, id="diagram-picture")
        yield Rows(id="diagram-outline")
        yield Rows(id="diagram-map")
        yield Line(id="diagram-rule", fill=self.desk.look.line("─"), base=palette.DIM)
        yield Line(id="diagram-node")
        yield Line(id="diagram-near")
        yield Input(id="diagram-find", placeholder="find a task")

    def on_mount(self) -> None:
        self.query_one("#diagram-map", Rows).can_focus = False

    @property
    def _view(self) -> GraphView:
        return self.query_one("#diagram-picture", GraphView)

    @property
    def _rows(self) -> Rows:
        return self.query_one("#diagram-outline", Rows)

    async def visit(self, place: Place) -> None:
        if place.dag_id != self.place.dag_id:
            self._model, self._folded, self._focus, self._is_new = None, None, 0, True
        self.place = place

    def take_focus(self) -> None:
        (self._rows if self.has_class("outlined") else self._view).focus()

    def on_resize(self) -> None:
        self._draw()

    # -- reading

    def load(self) -> Callable[[Reader], DiagramModel | None]:
        place, folded, drawings, zoom = self.place, self._folded, self._view.drawings, self._view.zoom
        return lambda reader: load_drawn(reader, place, drawings, folded, zoom)

    def show(self, model: DiagramModel) -> None:
        self._model = model
        self._draw()
        self.desk.say()

    def _choose(self, node: str | None) -> None:
        self._view.choose(node)
        self._rows.move_to(node)

    def hints(self) -> Sequence[str]:
        """What the picture alone has is not told of the outline."""
        if not self.has_class("outlined"):
            return ["diagram~outline" if hint == "diagram" else hint for hint in self.HINTS]
        told = (hint for hint in self.HINTS if hint.partition("~")[0] not in ("less", "more"))
        return ["diagram~picture" if hint == "diagram" else hint for hint in told]

    def _graph(self) -> Graph | None:
        if self._model is None:
            return None
        whole = self._view.drawings.whole(self._model, self._folded)
        return focused(whole, self._around, self._focus)

    def _chosen(self) -> str | None:
        if self.has_class("outlined"):
            return str(self._rows.cursor_key) if self._rows.cursor_key is not None else None
        return self._view.chosen

    def _draw(self) -> None:
        graph = self._graph()
        if graph is None or self._model is None or not self.size.width:
            return
        outlined = self._wants_outline
        if outlined is None:
            drawings = self._view.drawings
            outlined = drawings.is_too_wide(drawings.whole(self._model, self._folded), self.size.width)
        had_focus, chosen = self._view.has_focus or self._rows.has_focus, self._chosen()
        is_turned = outlined is not self.has_class("outlined")
        self.set_class(outlined, "outlined")
        if outlined:
            self._show_outline(graph, self._model)
        else:
            if self._is_new:
                self._view.forget_zoom()
            self._view.show(graph, self._model, self.size.width)
        if self._is_new:
            self._is_new, chosen = False, to_see_first(graph, self._model)
            self._choose(chosen)
        elif is_turned and chosen in graph.nodes:
            self._choose(chosen)
        if had_focus:
            self.take_focus()
        self._draw_map(graph, outlined)
        self._say_node()
        if is_turned:
            self.desk.say()

    def _show_outline(self, graph: Graph, model: DiagramModel) -> None:
        rows, look, at = self._view.drawings.outlined(graph), self.desk.look, times.now()

        def draw(index: int, width: int) -> Row:
            return outline_row(rows[index], graph, model, look, at, width - 1)

        self._rows.show_lazily([row.node for row in rows], draw)

    def _draw_map(self, graph: Graph, outlined: bool) -> None:
        """The whole DAG in signs, where the picture does not show all of it."""
        pane, picture = self.query_one("#diagram-map", Rows), self._view.picture
        wanted = not outlined and picture is not None and self.size.height >= MAP_HEIGHT - 4
        wanted = wanted and picture is not None and picture.drawn.width > self.size.width and self._view.zoom < 3
        self.set_class(wanted, "mapped")
        if not wanted or self._model is None:
            return
        small, model, look = self._view.drawings.zoomed(graph, 3), self._model, self.desk.look
        pane.show_lazily(range(small.height), lambda index, width: map_row(small, model, look, index, width - 1))

    def _say_node(self) -> None:
        model, graph = self._model, self._graph()
        if model is None or graph is None:
            return
        lines = said(graph, self._chosen(), model, self.desk.look)
        seen = "" if self.has_class("outlined") else seen_text(*self._view.seen_lines(), "lines")
        self.query_one("#diagram-rule", Line).say([Part(seen)] if seen else [])
        for name, line in zip(("node", "near"), lines, strict=True):
            self.query_one(f"#diagram-{name}", Line).say([Part(" "), *(Part(text, style) for text, style in line)])

    def facts(self) -> Sequence[Part]:
        model, graph = self._model, self._graph()
        if model is None or graph is None:
            return ()
        focus = [FOCUSES[self._focus]] if self._focus else []
        outlined = ["d draws it"] if self.has_class("outlined") and self._wants_outline is None else []
        text = " · ".join([*focus, *outlined, *graph_facts(graph, model, self.desk.is_utc)])
        return [Part(f"{text} ", palette.DIM)]

    def on_graph_view_moved(self) -> None:
        self._say_node()

    def on_graph_view_zoomed_out(self) -> None:
        self.desk.toast("the picture is as large or as small as it can be: - zooms out, + zooms in")

    def on_rows_moved(self) -> None:
        self._say_node()

    # -- keys

    def action_diagram(self) -> None:
        """Picture or outline."""
        self._wants_outline = not self.has_class("outlined")
        self._draw()
        self.take_focus()
        self.desk.say()

    def action_more(self) -> None:
        """Only the picture has a size; it takes the key itself."""
        self.desk.toast("the outline has one size: d draws the picture, which + and - zoom")

    def action_less(self) -> None:
        self.action_more()

    def action_focus(self) -> None:
        self._focus, self._around = (self._focus + 1) % len(FOCUSES), self._chosen()
        self._draw()
        self.desk.say()

    def action_fold(self) -> None:
        if self._model is not None:
            self._fold(frozenset(group.group_id for group in self._model.spec.groups))

    def action_unfold(self) -> None:
        self._fold(frozenset())

    def _fold(self, folded: frozenset[str]) -> None:
        self._folded = folded
        self._draw()
        self.desk.say()

    def action_mark(self) -> None:
        """Unfold the group under the cursor, or fold the group that the task is in."""
        graph, model, chosen = self._graph(), self._model, self._chosen()
        node = graph.nodes.get(chosen or "") if graph else None
        if node is None or model is None:
            return
        folded = self._folded if self._folded is not None else folded_at_first(model.spec)
        if node.is_group:
            self._fold(folded - {node.id})
        elif node.group is not None:
            self._fold(folded | {node.group})
            self._choose(node.group)
        else:
            self.desk.toast("this task is in no group")

    def action_find(self) -> None:
        self.add_class("finding")
        self.query_one("#diagram-find", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._text = event.value
        self.remove_class("finding")
        self.take_focus()
        self._find(False)

    def action_next_hit(self) -> None:
        self._find(False)

    def action_previous_hit(self) -> None:
        self._find(True)

    def _find(self, backwards: bool) -> None:
        graph = self._graph()
        found = find(graph, self._text, self._chosen(), backwards) if graph and self._text else None
        if found is None:
            self.desk.toast(f"no task is called {self._text}" if self._text else "nothing is looked for: / finds")
        else:
            self._choose(found)

    def peel(self) -> bool:
        if self.has_class("finding"):
            self.remove_class("finding")
            self.take_focus()
            return True
        if self._focus:
            self._focus = 0
            self._draw()
            self.desk.say()
            return True
        return False

    def action_earlier(self) -> None:
        self._beside(self._model.earlier if self._model else None)

    def action_later(self) -> None:
        self._beside(self._model.later if self._model else None)

    def _beside(self, run_id: str | None) -> None:
        if run_id is None:
            self.desk.toast("there is no other run in that direction")
        else:
            self.desk.go_beside(replace(self.place, run_id=run_id))

    def action_copy(self) -> None:
        picture = self._view.picture
        if picture is None or self._model is None:
            return
        nodes, model, look = picture.drawn.graph.nodes, self._model, self.desk.look
        lines = paint(picture.drawn, lambda node: look.glyph(state_of(model, nodes[node]) or TaskState.NONE))
        how = clipboard.copy("\n".join(lines), self.desk.write_to_terminal)
        self.desk.toast(f"copied the picture {how}" if how else "the picture is too large to copy")

    # -- going on

    def on_graph_view_opened(self) -> None:
        self._open()

    def on_rows_opened(self) -> None:
        self._open()

    def _open(self) -> None:
        graph, model, chosen = self._graph(), self._model, self._chosen()
        node = graph.nodes.get(chosen or "") if graph else None
        if node is None or model is None:
            return
        if node.is_group:
            self.action_mark()
        elif model.run is not None:
            self.desk.go(Place("run", model.run.dag_id, model.run.run_id, node.id))

    def action_log(self) -> None:
        model, graph = self._model, self._graph()
        node = graph.nodes.get(self._chosen() or "") if graph else None
        task_id = failing_member(model, node) if model is not None and node is not None else None
        if model is None or model.run is None or task_id is None:
            self.desk.toast("this task has not run here, so it has no log")
            return
        index = model.first_failed.get(task_id, -1 if model.spec.by_id[task_id].mapped is None else 0)
        self.desk.go(Place("log", model.run.dag_id, model.run.run_id, task_id, index))

    def about(self) -> Place:
        return place_of(self.subject(), self.place)

    def subject(self) -> Subject | None:
        model, graph = self._model, self._graph()
        node = graph.nodes.get(self._chosen() or "") if graph else None
        if model is None or model.run is None or node is None:
            return None
        run = model.run
        return Subject(run.dag_id, run.run_id, [(run.run_id, task_id, -1) for task_id in node.members])

    def choices(self) -> dict[str, Any]:
        return {"outline": self._wants_outline}

    def restore(self, choices: dict[str, Any]) -> None:
        self._wants_outline = choices.get("outline")

"""The diagram as a widget: draws the cells that are seen, keeps the chosen node in sight."""

from __future__ import annotations

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_flow.graph.layout import LABEL_WIDTHS
from tui_flow.graph.model import Graph
from tui_flow.tui.keys import bindings
from tui_flow.tui.palette import Palette
from tui_flow.tui.strips import Drawn, strip_of
from tui_flow.tui.views.diagram import DiagramModel, Drawings, Picture, picture_row, step

MARGIN = 4


class GraphView(Drawn, Widget, can_focus=True):
    DEFAULT_CSS = "GraphView { height: 1fr; width: 1fr; }"
    BINDINGS = bindings(
        "down",
        "up",
        "left",
        "right",
        "page_down",
        "page_up",
        "first",
        "last",
        "open",
        "more",
        "less",
        "pan_left",
        "pan_right",
        "pan_up",
        "pan_down",
    )

    class Moved(Message):
        """Another node is chosen."""

    class Opened(Message):
        """Enter, or a second click, on a node."""

    class ZoomedOut(Message):
        """There is no larger or smaller picture."""

    def __init__(self, look: Palette, id: str | None = None) -> None:
        super().__init__(id=id)
        self.look = look
        self.picture: Picture | None = None
        self.zoom = 0
        self._is_zoomed = False
        """By hand; else it is as large as there is room for."""
        self.drawings = Drawings()
        self._model: DiagramModel | None = None
        self._graph: Graph | None = None
        self._x, self._y = 0, 0

    # -- what it shows

    def forget_zoom(self) -> None:
        """Another DAG is shown next."""
        self._is_zoomed = False

    def show(self, graph: Graph, model: DiagramModel, width: int) -> None:
        """The same graph keeps its places, whatever its tasks do. `width`: how much room there will be."""
        self._model = model
        is_other = graph is not self._graph and not _is_alike(graph, self._graph)
        drawn = graph if is_other or self._graph is None else self._graph
        zoom = self.zoom if self._is_zoomed else self.drawings.fitting(drawn, width)
        if is_other or zoom != self.zoom:
            self._graph, self.zoom = drawn, zoom
            self._lay_out(self.chosen)
        self.refresh()

    @property
    def chosen(self) -> str | None:
        return self.picture.chosen if self.picture else None

    def choose(self, node: str | None) -> None:
        """Not one that the picture does not have: the outline, shown instead of it, may be of another graph."""
        if self.picture is None or node == self.picture.chosen or node not in (None, *self.picture.drawn.boxes):
            return
        self.picture = Picture(self.picture.drawn, node)
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def _lay_out(self, chosen: str | None) -> None:
        assert self._graph is not None
        drawn = self.drawings.zoomed(self._graph, self.zoom)
        known = chosen if chosen in drawn.boxes else next(iter(drawn.boxes), None)
        self.picture = Picture(drawn, known)
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def _keep_in_sight(self) -> None:
        picture, width, height = self.picture, max(self.size.width, 1), max(self.size.height, 1)
        if picture is None or picture.chosen not in picture.drawn.boxes:
            return
        drawn, box = picture.drawn, picture.drawn.boxes[picture.chosen]
        if box.x - MARGIN < self._x or drawn.width <= width:
            self._x = max(box.x - MARGIN, 0) if drawn.width > width else 0
        elif box.x + box.width + MARGIN > self._x + width:
            self._x = box.x + box.width + MARGIN - width
        if box.y < self._y or drawn.height <= height:
            self._y = max(box.y - 1, 0) if drawn.height > height else 0
        elif box.y >= self._y + height:
            self._y = box.y - height + 2
        # It may have been laid out before it had a size: nothing is left empty while there is more to show.
        self._x = max(0, min(self._x, drawn.width + MARGIN - width))
        self._y = max(0, min(self._y, drawn.height - height))

    # -- drawing

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.base_style
        if self.picture is None or self._model is None:
            return strip_of([], width, base)
        row = self._y + y
        if row >= self.picture.drawn.height:
            return strip_of([], width, base)
        return strip_of(picture_row(self.picture, self._model, self.look, row, self._x, max(width, 3)), width, base)

    def seen_lines(self) -> tuple[range, int]:
        """The lines of the picture that are seen, and how many it has."""
        count = self.picture.drawn.height if self.picture and self.size.height else 0
        return range(self._y, min(self._y + self.size.height, count)), count

    def on_resize(self) -> None:
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    # -- moving

    def _step(self, direction: str) -> None:
        if self.picture is not None:
            self.choose(step(self.picture.drawn, self.picture.chosen, direction))

    def action_left(self) -> None:
        self._step("left")

    def action_right(self) -> None:
        self._step("right")

    def action_up(self) -> None:
        self._step("up")

    def action_down(self) -> None:
        self._step("down")

    def action_first(self) -> None:
        if self.picture is not None:
            self.choose(next(iter(self.picture.drawn.graph.order), None))

    def action_last(self) -> None:
        if self.picture is not None:
            self.choose(next(reversed(self.picture.drawn.graph.order), None))

    def _pan(self, columns: int, rows: int) -> None:
        if self.picture is None:
            return
        drawn = self.picture.drawn
        self._x = max(0, min(self._x + columns, drawn.width - self.size.width // 2))
        self._y = max(0, min(self._y + rows, drawn.height - self.size.height // 2))
        self.refresh()
        self.post_message(self.Moved())

    def action_pan_left(self) -> None:
        self._pan(-self.size.width // 3, 0)

    def action_pan_right(self) -> None:
        self._pan(self.size.width // 3, 0)

    def action_pan_up(self) -> None:
        self._pan(0, -self.size.height // 3)

    def action_pan_down(self) -> None:
        self._pan(0, self.size.height // 3)

    def action_page_up(self) -> None:
        self._pan(0, -self.size.height)

    def action_page_down(self) -> None:
        self._pan(0, self.size.height)

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        self._pan(0, -3)

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        self._pan(0, 3)

    def _zoom(self, by: int) -> None:
        zoom = max(0, min(len(LABEL_WIDTHS) - 1, self.zoom + by))
        if zoom == self.zoom:
            self.post_message(self.ZoomedOut())
        elif self._graph is not None:
            self.zoom, self._is_zoomed = zoom, True
            self._lay_out(self.chosen)

    def action_more(self) -> None:
        self._zoom(-1)

    def action_less(self) -> None:
        self._zoom(1)

    def action_open(self) -> None:
        if self.chosen is not None:
            self.post_message(self.Opened())

    def on_click(self, event: Click) -> None:
        if self.picture is None:
            return
        x, y = self._x + event.x - 1, self._y + event.y
        for node, box in self.picture.drawn.boxes.items():
            if box.y == y and box.x <= x < box.x + box.width:
                if node == self.chosen:
                    self.action_open()
                self.choose(node)
                return


def _is_alike(one: Graph, other: Graph | None) -> bool:
    if other is None or one.nodes.keys() != other.nodes.keys():
        return False
    return one.edges == other.edges and all(one.nodes[node].text == other.nodes[node].text for node in one.nodes)

"""What lists and the grid have in common: any number of lines, of which those are drawn that are seen; no scrollbar."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget

from tui_flow.tui.strips import Drawn


class Scrolled(Drawn, ScrollView):
    """Textual lays the whole screen out anew when a widget has more lines, or gets a scrollbar; here neither changes
    what anything's place is."""

    DEFAULT_CSS = "Scrolled { height: 1fr; overflow: hidden hidden; }"

    @property
    def allow_vertical_scroll(self) -> bool:
        return self.max_scroll_y > 0

    @property
    def is_as_high_as_its_lines(self) -> bool:
        return self.styles.is_auto_height

    def grow_to(self, lines: int) -> None:
        size = Size(self.size.width, lines)
        if size.height == self.virtual_size.height:
            return
        if self.is_as_high_as_its_lines:
            self.virtual_size = size
        else:
            self.set_reactive(Widget.virtual_size, size)
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

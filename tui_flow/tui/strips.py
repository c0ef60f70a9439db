"""Pieces of a line as Textual draws them, and what widgets have in common that draw line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.style import Style
from textual._styles_cache import StylesCache
from textual.color import TRANSPARENT, Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui_flow.tui.text import Piece, fit_pieces, segments_of


def strip_of(pieces: Sequence[Piece], width: int, base: Style) -> Strip:
    """The pieces cut or filled to exactly `width` cells, their styles over `base`."""
    return Strip(segments_of(fit_pieces(pieces, width), base), width)


class LinesKept(StylesCache):
    """Keeps the lines of a widget as they were drawn. Textual's own looks at each for borders, padding, opacity and
    the like, which our lines have not, and makes a new strip of every line: one that was drawn before is known by its
    being the same."""

    def render_widget(self, widget: Widget, crop: Region) -> list[Strip]:
        if any(widget.styles.gutter):
            return super().render_widget(widget, crop)
        width = widget.size.width
        if width != self._width:
            self.clear()
            self._width = width
        filters = widget.get_line_filters()
        background = widget.background_colors[1] if filters else TRANSPARENT
        lines = [self._line(widget, y, filters, background) for y in crop.line_range]
        self._dirty_lines.difference_update(crop.line_range)
        if crop.column_span != (0, width):
            return [line.crop(*crop.column_span) for line in lines]
        return lines

    def _line(self, widget: Widget, y: int, filters: Sequence[LineFilter], background: Color) -> Strip:
        line = None if y in self._dirty_lines else self._cache.get(y)
        if line is None:
            line = widget.render_line(y)
            for each in filters:
                line = line.apply_filter(each, background)
            self._cache[y] = line
        return line


if TYPE_CHECKING:
    WidgetPart = Widget
else:
    WidgetPart = object  # Textual takes CSS and keys only from the first base that is a widget


class Drawn(WidgetPart):
    """A part of a widget that has `render_line`, which gives lines of exactly its width: name it before `Widget` in the
    list of bases. What its CSS says is gathered once for all lines of a paint, not for each."""

    _base_style: Style | None = None
    _is_painting = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._styles_cache = LinesKept()

    @property
    def base_style(self) -> Style:
        """What every line begins with."""
        if self._base_style is None or not self._is_painting:
            self._base_style = self.rich_style
        return self._base_style

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base_style, self._is_painting = None, True
        try:
            return super().render_lines(crop)
        finally:
            self._is_painting = False

"""What stands on the terminal, cell by cell, and the fewest bytes that make it show something else.

Textual writes whole lines of every widget whose place or size has changed: a sheet that rises sends the page above it
again. Over a slow line bytes are time, so between Textual and the terminal only cells that differ are let through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen
from textual.strip import Strip

Cell = tuple[str, str]
"""A character and its SGR codes; the text is empty in the second half of a wide one."""
Size = tuple[int, int]
NEAR = 6
"""Equal cells between two differing ones that are written again, as another cursor movement would cost as much."""
ERASABLE = 4
"""From so many blanks at the end of a line on, erasing is shorter than writing them."""
BLANK: Cell = (" ", "")


class Painted(CompositorUpdate):
    """An update that has become bytes already."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render_segments(self, console: Console) -> str:
        return self.text


class Canvas:
    """Remembers every cell that it has written."""

    def __init__(self) -> None:
        self._lines: dict[int, list[Cell]] = {}
        self._strips: dict[int, dict[int, Strip]] = {}
        """Those that were written whole and nothing over them since, by line and column: their cells need no look."""
        self._size: Size = (0, 0)

    def forget(self) -> None:
        """Nothing is known of the terminal: somebody else has drawn on it."""
        self._lines, self._strips = {}, {}

    def painted(self, update: LayoutUpdate | ChopsUpdate, size: Size, colors: ColorSystem) -> Painted:
        """What is left of an update, and remember it as written."""
        if size != self._size:
            self._size = size
            self.forget()
        pieces = _pieces_of_layout(update) if isinstance(update, LayoutUpdate) else _pieces_of_chops(update)
        return Painted("".join(self._strip(x, y, strip, colors) for x, y, strip in pieces))

    def _strip(self, x: int, y: int, strip: Strip, colors: ColorSystem) -> str:
        whole = self._strips.setdefault(y, {})
        if whole.get(x) is strip:
            return ""
        end = x + strip.cell_length
        for start in [start for start, other in whole.items() if start < end and start + other.cell_length > x]:
            del whole[start]
        whole[x] = strip
        return self._piece(x, y, list(_cells([strip], colors)))

    def _piece(self, x: int, y: int, cells: list[Cell]) -> str:
        width, height = self._size
        cells = cells[: max(width - x, 0)]
        if not cells or y >= height:
            return ""  # the terminal is smaller than it was when this was laid out
        known = self._lines.get(y)
        if known is None or len(known) != width:
            known = self._lines[y] = [("", "?")] * width  # equal to no cell
        before = known[x : x + len(cells)]
        if before == cells:
            return ""
        known[x : x + len(cells)] = cells
        if _is_simple(before) and _is_simple(cells):
            runs = list(_differing(before, cells))
        else:
            runs = [(0, len(cells))]  # where characters are wide, terminals disagree about what is where
        ends_line = x + len(cells) == width
        return "".join(
            f"\x1b[{y + 1};{x + start + 1}H{_written(cells[start:end], ends_line and end == len(cells))}"
            for start, end in runs
        )


class PaintsDifferences(App[int]):
    """An app that writes to the terminal only what is not there yet."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self.canvas = Canvas()
        self.holds_back = False
        """Nothing is written: what stands on the terminal is better than what there is to show."""

    def let_through(self) -> None:
        """No longer hold back."""
        if self.holds_back:
            self.holds_back = False
            self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, (LayoutUpdate, ChopsUpdate)) and not self.is_headless:
            if self.holds_back or self._batch_count or not self._running or self._driver is None:
                return
            colors = self.console._color_system or ColorSystem.TRUECOLOR
            renderable = self.canvas.painted(renderable, (self.size.width, self.size.height), colors)
            at = screen.outer_size.clamp_offset(self.cursor_position)
            if not renderable.text and at == self._previous_cursor_position:
                return
        super()._display(screen, renderable)


def _pieces_of_layout(update: LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield x, y, strip
            x += strip.cell_length


def _pieces_of_chops(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= last and end > first:
                yield x, y, strip.crop(0, min(end, last) - x)


def _cells(strips: Iterable[Strip], colors: ColorSystem) -> Iterator[Cell]:
    for strip in strips:
        for text, style, _control in strip:
            codes = codes_of(style, colors)
            if text.isascii() or cell_len(text) == len(text):
                for character in text:
                    yield character, codes
            else:
                yield from _wide_cells(text, codes)


def _wide_cells(text: str, codes: str) -> Iterator[Cell]:
    """The whole text in its first cell: only the terminal knows where in it which character stands."""
    yield text, codes
    for _ in range(cell_len(text) - 1):
        yield "", codes


def codes_of(style: Style | None, colors: ColorSystem) -> str:
    """SGR codes, without those that say what a terminal does by itself."""
    if style is None:
        return ""
    ansi = style._ansi if style._ansi is not None else Strip.render_ansi(style, colors)
    if "39" in ansi or "49" in ansi:
        return _PLAIN.get(ansi) or _without_defaults(ansi)
    return ansi


_PLAIN: dict[str, str] = {}


def _without_defaults(ansi: str) -> str:
    kept: list[str] = []
    codes = iter(ansi.split(";"))
    for code in codes:
        if code in ("38", "48"):  # a colour by number: 5;n, or 2;r;g;b
            kind = next(codes, "")
            kept += [code, kind, *(next(codes, "") for _ in range(1 if kind == "5" else 3))]
        elif code not in ("39", "49"):
            kept.append(code)
    if len(_PLAIN) < 4096:
        _PLAIN[ansi] = ";".join(kept)
    return ";".join(kept)


def _is_simple(cells: Sequence[Cell]) -> bool:
    return all(len(text) == 1 or codes == "?" for text, codes in cells)


def _differing(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """Where two lines differ, in runs."""
    start = end = -1
    for at, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        if start < 0:
            start = at
        elif at - end > NEAR:
            yield start, end
            start = at
        end = at + 1
    if start >= 0:
        yield start, end


def _written(cells: Sequence[Cell], ends_line: bool) -> str:
    """The cells' bytes."""
    last = len(cells)
    while ends_line and last and cells[last - 1] == BLANK:
        last -= 1
    erases = len(cells) - last >= ERASABLE
    out = []
    for codes, run in groupby(cells[:last] if erases else cells, key=lambda cell: cell[1]):
        text = "".join(character for character, _ in run)
        out.append(f"\x1b[{codes}m{text}\x1b[0m" if codes else text)
    return "".join(out) + ("\x1b[K" if erases else "")

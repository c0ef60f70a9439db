"""The screen, and how what its widgets draw becomes lines: only lines that are seen and that differ are asked for.

Textual asks every widget that lies near a change for all of its lines, also the panels below, of which nothing is
seen. A key that moves a cursor by a line costs a whole screen then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from textual._compositor import Compositor, CompositorMap, ReflowResult
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

Chops = list[dict[int, Strip | None]]
"""By line: the strip that begins at a cut; None: nobody has drawn there yet."""


Bars = tuple[bool, bool]
"""Whether a widget has scrollbars: below, at the right."""


class SparingCompositor(Compositor):
    def __init__(self) -> None:
        super().__init__()
        self.laid_out: dict[Widget, Bars] = {}
        """Widgets that the last layout has settled."""
        self._told: CompositorMap = {}
        """Where the last layout has placed each widget, which was told so."""

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Whoever asks for a place between two layouts has Textual work the map out anew; compared with that one, the
        next layout would find nothing shown or resized, tell no widget its size and paint no line of it."""
        self._full_map = self._told
        result = super().reflow(parent, size)
        self._told = self._full_map
        self.laid_out = {widget: widget.scrollbars_enabled for widget in self.full_map if not widget._layout_required}
        return result

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        cuts = self.cuts
        chops: Chops = [dict.fromkeys(cut_set[:-1]) for cut_set in cuts]
        holes = {y: len(chops[y]) for y in crop.line_range if y < len(chops) and is_rendered_line(y)}
        for widget, (region, clip) in self.visible_widgets.items():  # the front first
            seen = region.intersection(clip)
            wanted = [y for y in seen.line_range if y in holes and _has_hole(chops[y], seen)]
            for first, last in runs_of(wanted):
                part = Region(seen.x - region.x, first - region.y, seen.width, last - first)
                for y, strip in enumerate(widget.render_lines(part), first):
                    holes[y] -= _fill(chops[y], cuts[y], seen, strip)
                    if not holes[y]:
                        del holes[y]
            if not holes:
                break
        return chops  # type: ignore[return-value]  # as Textual's own: a line that is not rendered has no strips


def _has_hole(line: Mapping[int, Strip | None], seen: Region) -> bool:
    return any(strip is None and seen.x <= cut < seen.right for cut, strip in line.items())


def _fill(line: dict[int, Strip | None], cuts: Sequence[int], seen: Region, strip: Strip) -> int:
    """What lies in front stays; how many holes were filled."""
    own = [cut for cut in cuts if seen.x <= cut <= seen.right]
    filled = 0
    for cut, part in zip(own, strip.divide([cut - seen.x for cut in own[1:]]), strict=False):
        if line.get(cut, part) is None:
            line[cut] = part
            filled += 1
    return filled


def runs_of(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as runs without a gap: (first, one past the last)."""
    listed = list(numbers)
    starts = [0, *(at for at, (one, next_one) in enumerate(pairwise(listed), 1) if next_one != one + 1), len(listed)]
    for start, end in pairwise(starts):
        if start < end:
            yield listed[start], listed[end - 1] + 1


class SparingScreen(Screen[int]):
    def __init__(self) -> None:
        super().__init__(id="_default")
        self._compositor: SparingCompositor = SparingCompositor()

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """A widget that is told its size by a layout asks for another one, which would come out the same, unless it has
        got or lost a scrollbar."""
        super()._refresh_layout(size, scroll)
        settled, self._compositor.laid_out = self._compositor.laid_out, {}
        for widget, bars in settled.items():
            if widget._layout_required and widget.scrollbars_enabled == bars:
                widget._layout_required = False

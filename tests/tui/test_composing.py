"""Which lines a paint asks widgets for, and that what comes out is what Textual's own compositor makes of them."""

from __future__ import annotations

import asyncio

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui_flow.tui.composing import SparingScreen, runs_of


@pytest.mark.parametrize(
    ("numbers", "runs"),
    [([], []), ([3], [(3, 4)]), ([1, 2, 3], [(1, 4)]), ([1, 2, 5, 7, 8], [(1, 3), (5, 6), (7, 9)])],
)
def test_runs_without_a_gap(numbers: list[int], runs: list[tuple[int, int]]) -> None:
    assert list(runs_of(numbers)) == runs


class Counted(Widget):
    """Tells which of its lines it was asked for."""

    def __init__(self, letter: str, id: str) -> None:
        super().__init__(id=id)
        self.letter = letter
        self.asked: list[Region] = []
        self.widths: list[int] = []
        """Those that it was told."""

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked.append(crop)
        return super().render_lines(crop)

    def on_resize(self, event: Resize) -> None:
        self.widths.append(event.size.width)

    def render(self) -> str:
        return self.letter * 400


class Stacked(App[None]):
    """A box with two widgets, and a third one that lies across both."""

    CSS = """
    Screen { layers: below above; }
    #one, #two { height: 4; }
    #over { layer: above; width: 6; height: 3; offset: 7 2; }
    """

    def get_default_screen(self) -> Screen[int]:
        return SparingScreen()

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Counted("a", "one")
            yield Counted("b", "two")
        yield Counted("c", "over")


def _texts(strips: list[Strip]) -> list[str]:
    return [strip.text for strip in strips]


def test_lines_are_those_of_textual_itself() -> None:
    async def look() -> None:
        app = Stacked()
        async with app.run_test(size=(20, 10)) as pilot:
            await pilot.pause()
            compositor = app.screen._compositor
            ours = _texts(compositor.render_strips())
            own = Compositor._render_chops(compositor, Region(0, 0, 20, 10), lambda _y: True)
            assert ours == _texts([Strip.join(line.values()) for line in own])
            assert ours[3] == "a" * 7 + "c" * 6 + "a" * 7
            assert ours[9] == " " * 20

    asyncio.run(look())


def test_only_lines_that_changed_are_asked_for() -> None:
    async def look() -> None:
        app = Stacked()
        async with app.run_test(size=(20, 10)) as pilot:
            await pilot.pause()
            one, two, over = (app.query_one(f"#{name}", Counted) for name in ("one", "two", "over"))
            for widget in (one, two, over):
                widget.asked.clear()
            compositor = app.screen._compositor
            compositor._dirty_regions.update({Region(0, 0, 20, 1), Region(0, 5, 20, 1)})
            compositor.render_update()
            assert (one.asked, two.asked) == ([Region(0, 0, 20, 1)], [Region(0, 1, 20, 1)])
            assert over.asked == []

    asyncio.run(look())


def test_a_widget_that_was_asked_for_its_size_before_a_layout_is_told_it_and_painted() -> None:
    async def look() -> None:
        app = Stacked()
        async with app.run_test(size=(20, 10)) as pilot:
            two = app.query_one("#two", Counted)
            two.display = False
            await pilot.pause()
            two.asked.clear()
            two.widths.clear()
            two.display = True
            app.screen._compositor.update_widgets({two})  # it is drawn anew, and was not seen
            assert two.size.width == 20
            await pilot.pause()
            assert two.widths == [20]
            assert two.asked

    asyncio.run(look())

"""A page with tabs: each tab is a pane that reads and shows by itself; only the one that is seen reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import ACTIONS, bindings, shown_key
from tui_flow.tui.line import Part
from tui_flow.tui.page import Page
from tui_flow.tui.panel import PlacePanel
from tui_flow.tui.places import Place


class Pane(PlacePanel):
    """One tab of a page."""

    DEFAULT_CSS = "Pane { height: 1fr; layout: vertical; }"
    TITLE: ClassVar[str]
    ACTION: ClassVar[str] = ""
    """The action that leads here, from `keys`; empty: only by going from tab to tab."""

    def facts(self) -> Sequence[Part]:
        """What stands at the right of the tabs."""
        return ()


class TabbedPage(Page):
    """Panes are made when first seen, and kept."""

    PANES: ClassVar[Mapping[str, Callable[[], Pane]]]
    """By name, in the order of the tabs."""
    BINDINGS = bindings("next_tab", "previous_tab")

    def __init__(self) -> None:
        super().__init__()
        self._choices: dict[str, Any] = {}
        self._read: Pane | None = None
        """The one that what is being read is for; by the time it comes another tab may be seen."""

    def compose(self) -> ComposeResult:
        yield ContentSwitcher(id=f"{self.NAME}-panes")

    @property
    def switcher(self) -> ContentSwitcher:
        return self.query_one(f"#{self.NAME}-panes", ContentSwitcher)

    @property
    def pane(self) -> Pane | None:
        shown = self.switcher.visible_content
        return shown if isinstance(shown, Pane) else None

    def with_tab(self, place: Place) -> Place:
        return place if place.tab in self.PANES else replace(place, tab=next(iter(self.PANES)))

    async def visit(self, place: Place) -> None:
        self.place = self.with_tab(place)
        pane = await self.made_pane(self.place.tab)
        await pane.visit(self.place)
        self.switcher.current = pane.NAME

    async def made_pane(self, name: str) -> Pane:
        """Mounted and not seen where it was not there yet."""
        pane = next((pane for pane in self.switcher.query_children(Pane) if name == pane.NAME), None)
        if pane is None:
            pane = self.PANES[name]()
            pane.display = False
            await self.switcher.mount(pane)
            pane.restore(self._choices.get(name) or {})
        return pane

    def load(self) -> Callable[[Reader], Any]:
        pane = self._read = self.pane
        return pane.load() if pane is not None else _nothing

    def show(self, model: Any) -> None:
        if (pane := self.pane) is not None and pane is self._read and model is not None:
            pane.show(model)

    def is_read(self) -> bool:
        return self.pane is self._read

    def load_cursor(self) -> Callable[[Reader], Any] | None:
        pane = self._read = self.pane
        return pane.load_cursor() if pane is not None else None

    def show_cursor(self, model: Any) -> None:
        if (pane := self.pane) is not None and pane is self._read:
            pane.show_cursor(model)

    def take_focus(self) -> None:
        if (pane := self.pane) is not None:
            pane.take_focus()

    def about(self) -> Place:
        return self.pane.about() if self.pane is not None else self.place

    def hints(self) -> Sequence[str]:
        return self.pane.hints() if self.pane is not None else ()

    def peel(self) -> bool:
        return self.pane is not None and self.pane.peel()

    def minute(self) -> None:
        if (pane := self.pane) is not None:
            pane.minute()

    def choices(self) -> dict[str, Any]:
        return self._choices | {pane.NAME: pane.choices() for pane in self.query(Pane)}

    def restore(self, choices: dict[str, Any]) -> None:
        self._choices = choices

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        parts = [Part(" ")]
        for name, make in self.PANES.items():
            kind = cast("type[Pane]", make)
            key = f"{shown_key(ACTIONS[kind.ACTION], self.desk.keys)} " if kind.ACTION else ""
            is_current = name == self.place.tab
            text = f"[{kind.TITLE}]" if is_current else f"{key}{kind.TITLE}"
            parts += [Part(text, palette.BOLD if is_current else None, kind.ACTION), Part("  ")]
        return parts, self.pane.facts() if self.pane is not None else ()

    def turn_to(self, name: str) -> None:
        self.desk.go_beside(replace(self.place, tab=name))

    def _turn(self, step: int) -> None:
        names = list(self.PANES)
        self.turn_to(names[(names.index(self.place.tab) + step) % len(names)])

    def action_next_tab(self) -> None:
        self._turn(1)

    def action_previous_tab(self) -> None:
        self._turn(-1)


def _nothing(_reader: Reader) -> None:
    return None

"""How things look, changed at once: time zone, theme, signs, and what the page itself offers."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult

from tui_flow.tui import palette
from tui_flow.tui.forms import Choices
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.looks import in_theme
from tui_flow.tui.sheet import Sheet

THEMES = ("ansi-dark", "ansi-light", "textual-dark", "textual-light", "nord", "solarized-light")


class ViewSheet(Sheet):
    HINTS = ("left", "right", "next_pane", "back")
    BINDINGS = bindings("open")
    DEFAULT_CSS = "ViewSheet { height: auto; layout: vertical; }"

    def compose(self) -> ComposeResult:
        desk = self.desk
        yield self.title_line("View")
        yield Choices("Time", ("local", "UTC"), (int(desk.is_utc),), id="view-zone")
        at = THEMES.index(self.app.theme) if self.app.theme in THEMES else 0
        yield Choices("Theme", THEMES, (at,), id="view-theme")
        yield Choices("Signs", ("all", "ASCII"), (int(desk.look.is_ascii),), id="view-signs")
        for choice in desk.page.view_choices() if desk.page else ():
            chosen = sorted(choice.chosen)
            yield Choices(choice.label, choice.options, chosen, many=choice.many, id=f"view-page-{choice.name}")
        kept = Line()
        kept.say([Part("   until it is left; [ui] in tuiflow.toml keeps theme and ascii", palette.DIM)])
        yield kept

    def on_mount(self) -> None:
        self.trap_focus()

    def take_focus(self) -> None:
        self.query_one("#view-zone", Choices).focus()

    def on_choices_changed(self, message: Choices.Changed) -> None:
        desk, index = self.desk, min(message.choices.chosen, default=0)
        match message.choices.id:
            case "view-zone":
                desk.is_utc = index == 1
            case "view-theme":
                self.app.theme = THEMES[index]
                desk.look = in_theme(desk.look, THEMES[index])
            case "view-signs":
                desk.look = replace(desk.look, is_ascii=index == 1)
            case str(name) if name.startswith("view-page-") and desk.page is not None:
                desk.page.choose_view(name.removeprefix("view-page-"), frozenset(message.choices.chosen))
        desk.reload()
        desk.say()

    def action_open(self) -> None:
        self.desk.close_sheet()

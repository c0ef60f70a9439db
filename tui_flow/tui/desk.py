"""What pages and sheets may ask of the program that they are part of."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from textual.widget import Widget

from tui_flow.settings import Home
from tui_flow.spec import Json
from tui_flow.tui.deeds import Deeds
from tui_flow.tui.feed import Feed
from tui_flow.tui.forms import Entered
from tui_flow.tui.holds import Pace
from tui_flow.tui.names import NamesKept
from tui_flow.tui.palette import Palette
from tui_flow.tui.places import Place
from tui_flow.tui.status import Status
from tui_flow.tui.viewing import Viewed


class Desk(Protocol):
    home: Home
    deeds: Deeds
    feed: Feed
    look: Palette
    keys: Mapping[str, str]
    """Keys that the settings give to actions, by action id."""
    names: NamesKept
    user: str
    """Who sits here, for what is signed with a name."""
    drafts: dict[str, Entered]
    """What was entered in forms that were left, by what they are for."""
    status: Status
    pace: Pace
    is_utc: bool

    @property
    def page(self) -> Viewed | None:
        """The one that is shown."""

    @property
    def place(self) -> Place:
        """Where one is."""

    def go(self, place: Place) -> None:
        """To a place below this one: back leads here."""

    def go_beside(self, place: Place) -> None:
        """To a place instead of this one: another run, another tab."""

    def go_home(self, page: str) -> None:
        """To one of the main pages."""

    def reload(self) -> None:
        """Read again what the page shows."""

    def reload_cursor(self) -> None:
        """Read again what the cursor is on, and no more of the page."""

    def say(self) -> None:
        """Bring header, tabs and footer up to date."""

    def is_seen(self, widget: Widget) -> bool:
        """Whether it is on the page that is shown now."""

    def toast(self, text: str) -> None:
        """Say something in the footer for a few seconds."""

    def unsay(self, text: str = "") -> None:
        """It holds no more: where it is still said, it goes; whatever is said, where no text is given."""

    def write_to_terminal(self, text: str) -> None:
        """A control sequence of our own making, such as one that fills the clipboard."""

    def set_aside(self) -> AbstractContextManager[None]:
        """Give the terminal to another program for the moment."""

    async def open_sheet(self, name: str, *args: Any) -> None:
        """Let a sheet rise; its class takes `args`."""

    def close_sheet(self) -> None: ...

    async def do(self, action: str) -> None:
        """An action as if its key had been pressed."""

    async def perform(self, verb: str, **args: Json) -> Json:
        """Do something, in a thread; None and a toast that says why where it was refused."""

    async def rehearse(self, verb: str, **args: Json) -> Json:
        """What `perform` would answer. Raises TuiflowError."""

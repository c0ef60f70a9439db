"""What every page of the dashboard is: a panel with a line of crumbs and a line of tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tui_flow import times
from tui_flow.tui.line import Part
from tui_flow.tui.panel import PlacePanel
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.status import Status
from tui_flow.tui.viewing import ViewChoice


class Page(PlacePanel):
    DEFAULT_CSS = "Page { height: 1fr; layout: vertical; }"
    HAS_NOTICE: ClassVar[bool] = True
    """Whether a line says that the scheduler is off, or what is wrong with the database."""

    def is_at(self, place: Place) -> bool:
        """Whether a visit to that place would show what is shown."""
        return self.place == place

    def is_read(self) -> bool:
        """Whether what was shown last is what is seen."""
        return True

    def sort_anew(self) -> None:
        """Put rows in their order that have kept their places until the user asks."""

    def crumbs(self) -> Sequence[str]:
        """Where this is, for the header: `("DAGs", "etl", "Grid")`."""
        raise NotImplementedError

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        """The line below the header: from the left, from the right."""
        raise NotImplementedError

    def view_choices(self) -> Sequence[ViewChoice]:
        """What the view sheet offers of how this page looks."""
        return ()

    def choose_view(self, name: str, chosen: frozenset[int]) -> None:
        """One of them was changed."""

    def show_problem(self, status: Status) -> None:
        """The database cannot be read; what was shown stays, and the header says since when."""
        text = unread(status, self.desk.is_utc) if status.problem else ""
        for rows in self.query(Rows):
            rows.say_unread(text)


def unread(status: Status, is_utc: bool) -> str:
    """What stands in the place of what cannot be read."""
    since = f" since {status.unread_since.astimezone(times.zone(is_utc)):%H:%M:%S}" if status.unread_since else ""
    return f"not known: the database cannot be read{since}\n4 System says what is known without it"

"""What every page of the dashboard is: a place, a way to read what it shows, a way to show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from textual.containers import Container

from tui_flow.store.reader import Reader
from tui_flow.tui.desk import Desk
from tui_flow.tui.line import Part
from tui_flow.tui.places import Place
from tui_flow.tui.status import Status


class Page(Container):
    """Made once, when first visited, and kept; shown again for another place.

    `load()` says on the screen's thread what is wanted and gives a function that reads it in another; `show` takes
    what that brought. Between the two the place may have changed: the app drops what belongs to another place.
    """

    DEFAULT_CSS = "Page { height: 1fr; layout: vertical; }"
    NAME: ClassVar[str]
    HINTS: ClassVar[tuple[str, ...]] = ()
    """Actions that the footer names, the most useful first."""
    HAS_NOTICE: ClassVar[bool] = True
    """Whether a line says that the scheduler is off, or what is wrong with the database."""

    def __init__(self) -> None:
        super().__init__(id=self.NAME)
        self.place = Place(self.NAME)

    @property
    def desk(self) -> Desk:
        return cast(Desk, self.app)

    async def visit(self, place: Place) -> None:
        """Turn to another place of this page; what was shown stays until the new model is there."""
        self.place = place

    def load(self) -> Callable[[Reader], Any]:
        raise NotImplementedError

    def show(self, model: Any) -> None:
        raise NotImplementedError

    def crumbs(self) -> Sequence[str]:
        """Where this is, for the header: `("DAGs", "etl", "Grid")`."""
        raise NotImplementedError

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        """The line below the header: from the left, from the right."""
        raise NotImplementedError

    def hints(self) -> Sequence[str]:
        return self.HINTS

    def take_focus(self) -> None:
        """Give the keyboard to the widget that keys are meant for."""
        raise NotImplementedError

    def peel(self) -> bool:
        """Take one layer off: a filter, marks. False when there is none, so that back leaves the page."""
        return False

    def choices(self) -> dict[str, Any]:
        """What to remember of how the page was looked at; `restore` gets it back."""
        return {}

    def restore(self, choices: dict[str, Any]) -> None:
        pass

    def show_problem(self, status: Status) -> None:
        """The database cannot be read; what was shown stays, and the header says since when."""

    def minute(self) -> None:
        """A minute has passed: what says `in 3 min` is out of date."""

    # -- what `load` brings is shown on changes only

    def reload(self) -> None:
        """Read again soon; several calls become one."""
        self.desk.reload()

"""What pages, their panes and sheets have in common: they ask the desk, take keys, and peel layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from textual.containers import Container

from tui_flow.store.reader import Reader
from tui_flow.tui.desk import Desk
from tui_flow.tui.places import Place


class Panel(Container):
    HINTS: ClassVar[tuple[str, ...]] = ()
    """Actions that the footer names, the most useful first."""

    @property
    def desk(self) -> Desk:
        return cast(Desk, self.app)

    def hints(self) -> Sequence[str]:
        return self.HINTS

    def take_focus(self) -> None:
        """Give the keyboard to the widget that keys are meant for."""
        raise NotImplementedError

    def peel(self) -> bool:
        """Take one layer off: a filter, marks. False when there is none, so that back leaves the panel."""
        return False


class PlacePanel(Panel):
    """Made once, when first visited, and kept; shown again for another place.

    `load()` says on the screen's thread what is wanted and gives a function that reads it in another; `show` takes
    what that brought. Between the two the place may have changed: the app drops what belongs to another place.
    """

    NAME: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(id=self.NAME)
        self.place = Place(self.NAME)

    async def visit(self, place: Place) -> None:
        """Turn to another place of this panel; what was shown stays until the new model is there."""
        self.place = place

    def about(self) -> Place:
        """What names are copied of: the place, or what the cursor is on there."""
        return self.place

    def load(self) -> Callable[[Reader], Any]:
        raise NotImplementedError

    def show(self, model: Any) -> None:
        raise NotImplementedError

    def load_cursor(self) -> Callable[[Reader], Any] | None:
        """As `load`, for what depends on the cursor alone; None: nothing does. `load` brings that too."""
        return None

    def show_cursor(self, model: Any) -> None:
        """Takes what `load_cursor` brought."""

    def choices(self) -> dict[str, Any]:
        """What to remember of how it was looked at; `restore` gets it back."""
        return {}

    def restore(self, choices: dict[str, Any]) -> None:
        pass

    def minute(self) -> None:
        """A minute has passed: what says `in 3 min` is out of date."""

    def reload(self) -> None:
        """Read again soon; several calls become one."""
        self.desk.reload()

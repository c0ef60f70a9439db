"""What every sheet is: it rises from the bottom over its page, asks or shows, and goes by esc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual.containers import Container

from tui_flow.tui.desk import Desk


class Sheet(Container):
    """Made when it is opened and removed when it is closed; what it is about is given to its class."""

    HINTS: ClassVar[tuple[str, ...]] = ("open", "back")

    @property
    def desk(self) -> Desk:
        return cast(Desk, self.app)

    def hints(self) -> Sequence[str]:
        return self.HINTS

    def take_focus(self) -> None:
        """Give the keyboard to the first thing that takes keys."""
        raise NotImplementedError

    def peel(self) -> bool:
        """Take one layer off; False where the sheet itself is to go."""
        return False

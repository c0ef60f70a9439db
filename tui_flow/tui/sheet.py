"""What every sheet is: it rises from the bottom over its page, asks or shows, and goes by esc."""

from __future__ import annotations

from typing import ClassVar

from tui_flow.tui.panel import Panel


class Sheet(Panel):
    """Made when it is opened and removed when it is closed; what it is about is given to its class."""

    HINTS: ClassVar[tuple[str, ...]] = ("open", "back")

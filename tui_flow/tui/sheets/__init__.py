"""One file for each sheet: forms and previews that rise from the bottom, over the page that they are about."""

from __future__ import annotations

from collections.abc import Callable

from tui_flow.tui.sheet import Sheet

SHEETS: dict[str, Callable[..., Sheet]] = {}
"""By name; imported when they are opened."""

"""A file about a failure of the dashboard itself, for whoever mends it."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

from tui_flow import __version__
from tui_flow.settings import Home


def write_report(home: Home, error: BaseException) -> Path:
    """Where it was written; a home that cannot be written is not worth a second failure."""
    path = home.root / "dashboard-failure.txt"
    told = "".join(traceback.format_exception(error))
    try:
        path.write_text(f"tuiflow {__version__} at {datetime.now(UTC).isoformat()}\n\n{told}", encoding="utf-8")
    except OSError:
        pass
    return path

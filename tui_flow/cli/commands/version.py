"""`tuiflow version`."""

from __future__ import annotations

import platform
import sqlite3
import sys

from tui_flow import __version__
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import AsJson
from tui_flow.cli.show import View, facts
from tui_flow.settings import home_from_environment

app = verb_app()


@command(app, "version", example="tuiflow version --json")
def version(as_json: AsJson = False) -> None:
    """Show the version of tuiflow and what it runs on."""
    found = {
        "tuiflow": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.release()}",
        "home": str(home_from_environment().root),
    }
    facts(found, View(as_json))

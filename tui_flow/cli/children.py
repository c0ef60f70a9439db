"""Starting Python processes of our own."""

from __future__ import annotations

import os
import sys


def python_module(module: str) -> list[str]:
    """A command that runs a module and finds modules where this process does.

    `-m` alone would look in the present folder first, where a user's `calendar.py` could stand."""
    looks_here = sys.path[0] in ("", os.getcwd())
    return [sys.executable, *([] if looks_here else ["-P"]), "-m", module]

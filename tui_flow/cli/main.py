"""Where `tuiflow` starts. `--version` is answered before typer is imported: start-up is a feature."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from tui_flow import __version__


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run one command line and leave with its exit code."""
    words = list(sys.argv[1:] if args is None else args)
    if words == ["--version"]:
        print(f"tuiflow {__version__}")
        sys.exit(0)
    from tui_flow.cli.app import run  # saves typer's 45 ms above

    if os.environ.get("_TUIFLOW_COMPLETE") == "complete_bash":
        from tui_flow.cli.completing import complete_in_bash  # for a shell that waits for it

        complete_in_bash(lambda: run(words))
        sys.exit(0)
    sys.exit(run(words))

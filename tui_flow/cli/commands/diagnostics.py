"""`tuiflow diagnostics`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui_flow import times
from tui_flow.cli.diagnostics import diagnostics_text, write_diagnostics
from tui_flow.cli.inputs import write_file
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.show import say
from tui_flow.settings import home_from_environment

app = verb_app()


@command(app, "diagnostics", example="tuiflow diagnostics")
def diagnostics(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="File to write; - prints it. Without it one in this folder.")
    ] = None,
) -> None:
    """Write what somebody who is to help needs.

    Versions, settings, state, errors, the end of the scheduler's log; what variables and connections hold is masked
    wherever it stands, and so is what URLs log in with.
    """
    home = home_from_environment()
    if file is None:
        say(f"wrote {write_diagnostics(home, Path.cwd())}")
        return
    write_file(file, diagnostics_text(home, times.now()))
    if file != "-":
        say(f"wrote {file}")

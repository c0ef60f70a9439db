"""`tuiflow down`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_flow.cli.background import stop_scheduler, wait_until_stopped
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.show import say
from tui_flow.errors import BadInput
from tui_flow.settings import home_from_environment
from tui_flow.store.lock import read_holder

app = verb_app()


@command(app, "down", example="tuiflow down --drain")
def down(
    drain: Annotated[bool, typer.Option("--drain", help="Start nothing more and wait for running tasks.")] = False,
    kill_tasks: Annotated[bool, typer.Option("--kill-tasks", help="Stop running tasks too.")] = False,
) -> None:
    """Stop the scheduler. Running tasks go on, and the next scheduler records their results, unless told otherwise."""
    if drain and kill_tasks:
        raise BadInput("--drain waits for running tasks, --kill-tasks stops them: choose one")
    home = home_from_environment()
    holder = read_holder(home)
    if holder is None:
        say("no scheduler is running")
        return
    stop_scheduler(home, "drain" if drain else "kill" if kill_tasks else "leave")
    if drain:
        say("waiting for running tasks; Ctrl-C stops the waiting, not the scheduler's draining")
        wait_until_stopped(home, holder.pid, None)
    say("stopped")

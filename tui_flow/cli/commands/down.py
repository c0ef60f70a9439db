"""`tuiflow down`."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

from tui_flow.cli.act import ask
from tui_flow.cli.background import running_scheduler, wait_until_stopped
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.show import say
from tui_flow.errors import BadInput, HomeError, SchedulerUnreachable
from tui_flow.settings import home_from_environment
from tui_flow.store.lock import read_holder

app = verb_app()
STOP_WITHIN_S = 30.0


@command(app, "down", example="tuiflow down --drain")
def down(
    drain: Annotated[bool, typer.Option("--drain", help="Start nothing more and wait for running tasks.")] = False,
    kill_tasks: Annotated[bool, typer.Option("--kill-tasks", help="Stop running tasks too.")] = False,
) -> None:
    """Stop the scheduler. Running tasks go on, and the next scheduler records their results, unless told otherwise."""
    if drain and kill_tasks:
        raise BadInput("--drain waits for running tasks, --kill-tasks stops them: choose one")
    home = home_from_environment()
    holder = read_holder(home)  # a `tuiflow run` that is its own scheduler is stopped too
    if holder is None:
        say("no scheduler is running")
        return
    mode = "drain" if drain else "kill" if kill_tasks else "leave"
    try:
        ask(home, "down", {"mode": mode})
    except SchedulerUnreachable:
        if mode != "leave" or running_scheduler(home) is None:
            raise
        os.kill(holder.pid, signal.SIGTERM)
    if drain:
        say("waiting for running tasks; Ctrl-C stops the waiting, not the scheduler's draining")
    if not wait_until_stopped(home, holder.pid, None if drain else STOP_WITHIN_S):
        raise HomeError(f"the scheduler (pid {holder.pid}) did not stop within {STOP_WITHIN_S:.0f} s")
    say("stopped")

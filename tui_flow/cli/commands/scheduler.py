"""`tuiflow scheduler`."""

from __future__ import annotations

import logging
import time

from tui_flow.cli import dags_option
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.restarting import restarting
from tui_flow.settings import home_from_environment, load_settings

app = verb_app()


@command(app, "scheduler", example="tuiflow scheduler")
def scheduler(dags: dags_option.Dags = None) -> None:
    """Run the scheduler in the foreground.

    It notices DAG files, creates due runs, runs tasks and answers the other commands; one per home. Ctrl-C ends it:
    running tasks go on, and the next scheduler records their results. After a defect of its own it starts again by
    itself, at most four times a minute.
    """
    dags_option.use(dags)
    log_to_stderr()
    restarting(_schedule)


def _schedule() -> None:
    from tui_flow.scheduler import run_scheduler  # the engine, here only

    home = home_from_environment()
    run_scheduler(home, load_settings(home))


def log_to_stderr() -> None:
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)sZ %(levelname)-5s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S"
    )

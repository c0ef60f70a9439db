"""`tuiflow up`."""

from __future__ import annotations

from tui_flow.cli import dags_option
from tui_flow.cli.background import running_scheduler, start_scheduler, wait_until_parsed
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.show import say
from tui_flow.settings import dags_folder, home_from_environment, load_settings

app = verb_app()
PARSE_WITHIN_S = 5.0
"""How long to wait for the first look at the DAG files, so that the next command knows them."""


@command(app, "up", example="tuiflow up --dags ~/airflow/dags")
def up(dags: dags_option.Dags = None) -> None:
    """Start the scheduler in the background; it goes on when you log out.

    With --dags it runs the DAG files of that folder, such as Airflow's. Where the settings name no folder, and the home
    has no DAG files of its own, that is written into tuiflow.toml.
    """
    dags_option.use(dags)
    home = home_from_environment()
    settings = load_settings(home)  # what is wrong in it is said here, not in a log
    if holder := running_scheduler(home):
        say(f"already running: {holder}")
        return
    known = dags_option.known_dags()
    dags_option.keep()
    holder = start_scheduler(home)
    say(f"started: {holder}")
    if not wait_until_parsed(home, PARSE_WITHIN_S):
        say("still parsing DAG files; those that are done can be used")
    say(f"DAGs  {dags_folder(home, settings)}")
    say(f"log   {home.scheduler_log}")
    if words := dags_option.words_on_paused(known):
        say(f"{words}; `tuiflow unpause DAG` once it does not")

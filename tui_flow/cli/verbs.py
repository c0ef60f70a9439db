"""The table of top-level commands: what `tuiflow --help` shows without importing any of them."""

from __future__ import annotations

import keyword
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    help: str
    """One line; the command's own help begins with the same words."""
    section: str

    @property
    def module(self) -> str:
        name = f"{self.name}_" if keyword.iskeyword(self.name) else self.name
        return f"tui_flow.cli.commands.{name}"


RUN, SEE, ACT, HOME = "Run", "See", "Act", "The home"

VERBS = {
    verb.name: verb
    for verb in (
        Verb("run", "Run a DAG once in the foreground and show its progress.", RUN),
        Verb("trigger", "Queue a run of a DAG for the scheduler.", RUN),
        Verb("backfill", "Create the runs of a DAG for a span of dates.", RUN),
        Verb("backfills", "List, show, pause, resume and cancel backfills.", RUN),
        Verb("scheduler", "Run the scheduler in the foreground.", RUN),
        Verb("up", "Start the scheduler in the background.", RUN),
        Verb("down", "Stop the scheduler; running tasks go on unless told otherwise.", RUN),
        Verb("web", "Show the dashboard in a browser of this machine.", SEE),
        Verb("status", "Show whether the scheduler lives, what runs, failed and comes next.", SEE),
        Verb("dags", "List, show, compare and delete DAGs, their next runs and import errors.", SEE),
        Verb("runs", "List, show, compare, note, cancel and delete DAG runs.", SEE),
        Verb("tasks", "List, show and note tasks, and render their templates.", SEE),
        Verb("schedule", "Show what will run in the next day.", SEE),
        Verb("logs", "Print or follow the log of a task.", SEE),
        Verb("why", "Say in words why a task is in its state and what it waits for.", SEE),
        Verb("assets", "List and show assets, run what makes them, record updates.", SEE),
        Verb("xcom", "List, print, set and delete the values that tasks returned or pushed.", SEE),
        Verb("pause", "Pause DAGs: no new scheduled runs.", ACT),
        Verb("unpause", "Let paused DAGs be scheduled again.", ACT),
        Verb("clear", "Clear tasks so that they run again.", ACT),
        Verb("mark", "Mark a task or a whole run as success, failed or skipped.", ACT),
        Verb("answer", "Answer tasks that wait for a person, or list them.", ACT),
        Verb("kill", "Stop running tasks.", ACT),
        Verb("check", "Parse DAG files and report what is wrong in them.", HOME),
        Verb("providers", "List Airflow's provider packages, and try what of them can be imported.", HOME),
        Verb("import", "Make a DAG file of a crontab; bring over what an Airflow holds.", HOME),
        Verb("pools", "List, get, set, delete, import and export pools.", HOME),
        Verb("variables", "List, get, set, delete, import and export variables.", HOME),
        Verb("connections", "List, get, add, set, delete, test, import and export connections.", HOME),
        Verb("db", "Check, back up, clean and query the database.", HOME),
        Verb("clock", "Say that the machine's clock is right where the scheduler doubts it.", HOME),
        Verb("diagnostics", "Write what somebody who is to help needs.", HOME),
        Verb("config", "Show the settings and where they come from.", HOME),
        Verb("version", "Show the version of tuiflow and what it runs on.", HOME),
    )
}

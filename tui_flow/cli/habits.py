"""Words that people know from Airflow, and what they are called here: for the errors about words that do not exist."""

from __future__ import annotations

from collections.abc import Iterable

from tui_flow.errors import did_you_mean

COMMANDS = {
    "dags backfill": "backfill",
    "dags clear": "clear",
    "dags details": "dags show",
    "dags list-import-errors": "dags import-errors",
    "dags list-jobs": "status",
    "dags list-runs": "runs list",
    "dags next-execution": "dags next",
    "dags pause": "pause",
    "dags report": "check",
    "dags reserialize": "dags reparse",
    "dags show-dependencies": "dags dependencies",
    "dags state": "runs show",
    "dags test": "run",
    "dags trigger": "trigger",
    "dags unpause": "unpause",
    "tasks clear": "clear",
    "tasks failed-deps": "why",
    "tasks logs": "logs",
    "tasks run": "run DAG --task TASK",
    "tasks state": "tasks show",
    "tasks states-for-dag-run": "runs show",
    "tasks test": "run DAG --task TASK",
    "backfill create": "backfill DAG --start DATE --end DATE",
    "backfill list": "backfills list",
    "backfill pause": "backfills pause",
    "backfill unpause": "backfills unpause",
    "backfill cancel": "backfills cancel",
    "config get-value": "config show",
    "config list": "config show",
    "db export-archived": "db backup",
    "db init": "up",
    "db migrate": "up",
    "db shell": "db query",
    "db upgrade": "up",
    "jobs check": "status",
    "api-server": "up",
    "celery": "scheduler",
    "cheat-sheet": "--help",
    "dag-processor": "scheduler",
    "info": "version",
    "jobs": "status",
    "plugins": "version",
    "standalone": "up",
    "triggerer": "scheduler",
    "webserver": "up",
    "test": "run",
    "list_dags": "dags list",
    "list_tasks": "tasks list",
    "trigger_dag": "trigger",
    "initdb": "up",
}
"""Airflow's command -> ours; what has no counterpart is not here."""
OPTIONS = {
    "-o": "--json",
    "--output": "--json",
    "--columns": "--json",
    "--exec-date": "--logical-date",
    "--execution-date": "--logical-date",
    "-e": "--end or --logical-date",
    "--start-date": "--start",
    "--end-date": "--end",
    "--from-date": "--start",
    "--to-date": "--end",
    "--reprocess-behavior": "--reprocess",
    "--run-backwards": "--backwards",
    "--dag-run-conf": "--conf",
    "--dag-id": "the DAG as an argument",
    "--no-backfill": "--type scheduled",
    "--overwrite-existing": "--overwrite",
}
"""Airflow's option -> ours, told only where the command does not have it."""


def hint(words: str, known: Iterable[str]) -> str:
    """What to say behind `no command 'x'`."""
    if (ours := COMMANDS.get(words)) is not None:
        return f"; here it is `tuiflow {ours}`"
    return did_you_mean(words.rpartition(" ")[2], known)

"""`tuiflow import ...`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_flow.cli.inputs import read_file
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.show import count, say
from tui_flow.errors import BadInput
from tui_flow.settings import dags_folder, home_from_environment, load_settings

app = group_app("Make a DAG file of a crontab.")


@command(app, "crontab", example="tuiflow import crontab --write")
def import_crontab(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A crontab, - for stdin; yours where none is given.")
    ] = "",
    write: Annotated[bool, typer.Option("--write", help="Write the file into the DAGs folder.")] = False,
) -> None:
    """Show the DAG file that does what a crontab does, or write it; cron itself is never changed."""
    from tui_flow.actions.beginnings import CRON_FILE, users_crontab, write_dag_files
    from tui_flow.crontab import dag_source, parse_crontab  # timetables cost 40 ms

    text = read_file(file) if file else users_crontab()
    crontab = parse_crontab(text)
    for problem in crontab.problems:
        say(f"line {problem.line} is left out: {problem.reason}: {problem.text}")
    if not crontab.entries:
        raise BadInput(f"{file or 'your crontab'} has no entry that a DAG can be made of")
    source = dag_source(crontab, f"the crontab {file}" if file not in ("", "-") else "a crontab")
    if not write:
        sys.stdout.write(source)
        say(f"{count(len(crontab.entries), 'DAG')}; nothing was written: --write puts this into the DAGs folder")
        return
    home = home_from_environment()
    paths = write_dag_files(Path(dags_folder(home, load_settings(home))), {CRON_FILE: source})
    say(f"wrote {paths[0]} with {count(len(crontab.entries), 'DAG')}; they are paused, as cron goes on")

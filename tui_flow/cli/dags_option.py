"""`--dags FOLDER`: DAG files of a folder that the settings do not name, or do not name yet."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from tui_flow.cli.act import ask
from tui_flow.cli.background import running_scheduler
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.show import count, say
from tui_flow.errors import BadInput, DatabaseMissing, DatabaseOlder, UsageError
from tui_flow.settings import Home, home_from_environment, load_settings

SETTING = "TUIFLOW_CORE_DAGS_FOLDER"
Dags = Annotated[
    str | None,
    typer.Option("--dags", metavar="FOLDER", help="Take DAG files from there, whatever the settings say."),
]


def use(folder: str | None) -> None:
    """For this process and what it starts. Raises BadInput for what is no folder, UsageError where a scheduler that
    runs has another one."""
    if folder is None:
        return
    path = Path(folder).expanduser().absolute()
    if not path.is_dir():
        raise BadInput(f"--dags {folder}: there is no such folder; name the one that has the DAG files")
    os.environ[SETTING] = str(path)
    home = home_from_environment()
    if running_scheduler(home) and (other := _folder_of_scheduler(home)) != str(path):
        raise UsageError(f"the scheduler that runs takes its DAGs from {other}; `tuiflow down` first")


def _folder_of_scheduler(home: Home) -> str:
    answer = ask(home, "status", {})
    assert isinstance(answer, dict)
    named = answer["settings"]["core"]["dags_folder"]
    return str(Path(named).expanduser().absolute()) if named else str(home.root / "dags")


def keep() -> None:
    """Write the folder of `--dags` into a `tuiflow.toml` that names none, unless the home has DAG files of its own."""
    named, home = os.environ.get(SETTING), home_from_environment()
    if not named:
        return
    with_it = os.environ.pop(SETTING)
    try:
        in_settings = load_settings(home).core.dags_folder
    finally:
        os.environ[SETTING] = with_it
    if in_settings or any(home.root.glob("dags/*")):
        return
    from tui_flow.actions.beginnings import use_dags_folder  # once in a home's life

    use_dags_folder(home, Path(named))
    say(f"{home.settings_file} names {named} as the DAGs folder from now on")


def known_dags() -> set[str] | None:
    """None: a scheduler has to bring the database up to date before anybody can tell."""
    try:
        with open_reader() as reader:
            return set(reader.dag_ids())
    except DatabaseMissing:
        return set()
    except DatabaseOlder:
        return None


def words_on_paused(before: Collection[str] | None) -> str:
    """That DAGs of Airflow's files, which were not known before, wait for somebody to unpause them; "" without any."""
    if before is None:
        return ""
    number = 0
    with suppress(DatabaseMissing), open_reader() as reader:
        paused = [dag for dag in reader.dags() if dag.is_paused and dag.dag_id not in before]
        number = sum(reader.spec(dag.dag_id, dag.spec_version).dialect != "tui_flow" for dag in paused)
    if not number:
        return ""
    are = "starts" if number == 1 else "start"
    return f"{count(number, 'DAG')} of Airflow's files {are} paused, since a live Airflow may still run them"

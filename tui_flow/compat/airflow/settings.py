"""`airflow.settings`: folders and the time zone, as a DAG file sees them."""

from __future__ import annotations

import os
from typing import Any

from tui_flow.settings import dags_folder, home_from_environment, load_settings

_ENABLE_AIP_44 = False
_ENABLE_AIP_52 = False
"""Switches of Airflow 2 that DAG files look at: its internal API; setup and teardown tasks as 2.6 tried them out."""


def pod_mutation_hook(pod: Any) -> None:
    """Where Airflow's own settings file could change every Kubernetes pod: there is none."""


def __getattr__(name: str) -> Any:
    if name == "TIMEZONE":
        import pendulum  # 70 ms; few files ask

        return pendulum.timezone("UTC")
    home = home_from_environment()
    if name == "AIRFLOW_HOME":
        return os.environ.get("AIRFLOW_HOME") or str(home.root)
    if name == "LOGS_FOLDER":
        return str(home.logs)
    folder = dags_folder(home, load_settings(home))
    if name == "DAGS_FOLDER":
        return str(folder)
    if name == "PLUGINS_FOLDER":
        named, beside = os.environ.get("AIRFLOW__CORE__PLUGINS_FOLDER"), folder.parent / "plugins"
        return os.path.expanduser(named) if named else str(beside if beside.is_dir() else folder / "plugins")
    raise AttributeError(name)

"""Folders of an Airflow beside its DAGs folder, which it has on `sys.path`, too: `plugins/` and `config/`."""

from __future__ import annotations

import os
from pathlib import Path

from tui_flow.loader.permissions import Trust

SETTING = "AIRFLOW__CORE__PLUGINS_FOLDER"
BESIDE = os.path.join("..", "plugins")


def plugins_below(dags_folder: Path) -> str:
    """Relative to the DAGs folder: `../plugins`, or what Airflow's own setting names, whether it is there or not."""
    if named := os.environ.get(SETTING):
        return os.path.relpath(os.path.expanduser(named), dags_folder)
    return BESIDE


def config_below(dags_folder: Path) -> str:
    """`config/` of Airflow's home, which is the folder above or what AIRFLOW_HOME names."""
    if home := os.environ.get("AIRFLOW_HOME"):
        return os.path.relpath(os.path.join(os.path.expanduser(home), "config"), dags_folder)
    return os.path.join("..", "config")


def folders_beside(dags_folder: Path) -> tuple[str, ...]:
    """Both, in Airflow's order."""
    return tuple(dict.fromkeys((config_below(dags_folder), plugins_below(dags_folder))))


def paths_beside(dags_folder: Path) -> tuple[Path, ...]:
    return tuple(Path(os.path.normpath(dags_folder / folder)) for folder in folders_beside(dags_folder))


def why_untrusted(folder: Path) -> str | None:
    """Why nothing may be imported from there: others can change it. None where they cannot, or it is not there."""
    if not folder.is_dir():
        return None
    trust = Trust()
    return trust.why_unsafe(str(folder), folder.stat()) or trust.why_unsafe_above(folder)

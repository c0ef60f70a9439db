"""Airflow's plugins folder: modules that DAG files import by their bare name, beside the DAGs folder or in it."""

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


def plugins_folder(dags_folder: Path) -> Path:
    return Path(os.path.normpath(dags_folder / plugins_below(dags_folder)))


def why_untrusted(folder: Path) -> str | None:
    """Why nothing may be imported from there: others can change it. None where they cannot, or it is not there."""
    if not folder.is_dir():
        return None
    trust = Trust()
    return trust.why_unsafe(str(folder), folder.stat()) or trust.why_unsafe_above(folder)

"""Removal of the logs of runs that are deleted."""

from __future__ import annotations

import shutil

from tui_flow.settings import Home


def delete_logs(home: Home, dag_id: str, run_id: str | None = None) -> None:
    """The logs of a run, or of a whole DAG. Ids that are in the database are safe as names of folders."""
    folder = home.logs / dag_id
    shutil.rmtree(folder / run_id if run_id else folder, ignore_errors=True)

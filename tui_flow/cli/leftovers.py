"""What deleted runs leave behind on the disk."""

from __future__ import annotations

import shutil

from tui_flow.settings import home_from_environment


def delete_logs(dag_id: str, run_id: str | None = None) -> None:
    """The logs of a run, or of a whole DAG. Ids that are in the database are safe as names of folders."""
    folder = home_from_environment().logs / dag_id
    shutil.rmtree(folder / run_id if run_id else folder, ignore_errors=True)

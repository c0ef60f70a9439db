"""What a deed leaves in files once it is committed: the logs of the runs and DAGs that it removed."""

from __future__ import annotations

from tui_flow.logs.removal import set_logs_aside
from tui_flow.settings import Home
from tui_flow.spec import Json

_REMOVING = frozenset({"delete_run", "delete_dag", "clean_runs"})


def set_leftovers_aside(home: Home, verb: str, answer: Json) -> None:
    """To be called by whoever performed `verb`, with its answer."""
    if verb not in _REMOVING or not isinstance(answer, dict):
        return
    runs = answer.get("runs", [answer])
    assert isinstance(runs, list)
    for run in runs:
        assert isinstance(run, dict)
        dag_id, run_id = run["dag_id"], run.get("run_id")
        assert isinstance(dag_id, str) and (run_id is None or isinstance(run_id, str))
        set_logs_aside(home, dag_id, run_id)

"""`tuiflow kill`."""

from __future__ import annotations

from tui_flow.cli.changes import act_after_preview
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import AnyTaskId, AsJson, DagId, DryRun, InRun, MapIndex, Yes

app = verb_app()


@command(app, "kill", example="tuiflow kill etl load")
def kill(
    dag_id: DagId,
    task_id: AnyTaskId = None,
    run_id: InRun = None,
    map_index: MapIndex = -1,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Stop running tasks: one, or all of a run. They fail and are not tried again."""
    index = map_index if task_id is not None and map_index >= 0 else None
    args = {"dag_id": dag_id, "task_id": task_id, "run_id": run_id, "map_index": index}
    question = "Stop {tasks} of DAG " + repr(dag_id) + "?"
    act_after_preview("kill", args, dry_run=dry_run, yes=yes, as_json=as_json, question=question)

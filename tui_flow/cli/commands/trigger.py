"""`tuiflow trigger`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli.act import act
from tui_flow.cli.background import running_scheduler
from tui_flow.cli.inputs import parse_conf
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import find_dag, find_run, open_reader
from tui_flow.cli.options import AsJson, Conf, DagId, InUtc, LogicalDate, ParamPairs
from tui_flow.cli.show import View, facts, say
from tui_flow.errors import UsageError
from tui_flow.settings import home_from_environment
from tui_flow.store.lock import is_held

app = verb_app()


@command(app, "trigger", example="tuiflow trigger etl -p day=2026-05-31 --wait")
def trigger(
    dag_id: DagId,
    conf: Conf = None,
    param: ParamPairs = None,
    run_id: Annotated[
        str | None, typer.Option("--run-id", "-r", metavar="ID", help="Run id; made up without it.")
    ] = None,
    logical_date: LogicalDate = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="A note on the run.")] = None,
    last_good: Annotated[
        bool, typer.Option("--last-good", help="Run the last good version although the file is broken now.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Follow the run; exit 1 when it fails.")] = False,
    logs: Annotated[bool, typer.Option("--logs", help="With --wait: print the tasks' logs.")] = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Queue a run of a DAG for the scheduler."""
    home = home_from_environment()
    if wait and running_scheduler(home) is None:
        raise UsageError(f"--wait needs a scheduler: start one with `tuiflow up`, or use `tuiflow run {dag_id}`")
    with open_reader() as reader:
        find_dag(reader, dag_id)
    answer = trigger_run(dag_id, parse_conf(conf, param), run_id, logical_date, note, last_good, utc)
    with open_reader() as reader:
        run = find_run(reader, dag_id, answer["run_id"])
        if as_json:
            facts(
                {"dag_id": dag_id, "run_id": run.run_id, "state": run.state, "logical_date": run.logical_date},
                View(True),
            )
        else:
            print(run.run_id)
        if wait:
            from tui_flow.cli.following import follow_run  # only where it is followed

            raise typer.Exit(follow_run(home, reader, run, logs, lambda: is_held(home)))
    if running_scheduler(home) is None:
        say("queued; no scheduler is running, so it waits: `tuiflow up` starts one")


def trigger_run(
    dag_id: str,
    conf: dict[str, Any],
    run_id: str | None = None,
    logical_date: str | None = None,
    note: str | None = None,
    last_good: bool = False,
    utc: bool = False,
) -> dict[str, Any]:
    """Create the run; the answer names it."""
    date = times.parse_date(logical_date, times.now(), utc).isoformat() if logical_date else None
    answer = act("trigger", dag_id=dag_id, conf=conf, run_id=run_id, logical_date=date, note=note, last_good=last_good)
    assert isinstance(answer, dict)
    return answer

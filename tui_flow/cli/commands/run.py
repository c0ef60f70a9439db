"""`tuiflow run`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli import dags_option
from tui_flow.cli.act import act, make_home
from tui_flow.cli.background import open_log, running_scheduler, wait_until_parsed
from tui_flow.cli.inputs import parse_conf
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import find_run, open_reader
from tui_flow.cli.options import Conf, DagId, InUtc, LogicalDate, ParamPairs, complete_tasks
from tui_flow.cli.show import say
from tui_flow.errors import BadInput, DatabaseMissing, HomeError, NotPossible
from tui_flow.loader.archives import archive_of, is_file
from tui_flow.runtime.processes import python_module
from tui_flow.settings import Home, dags_folder, home_from_environment, load_settings
from tui_flow.store.lock import is_held

app = verb_app()
SETTLE_S = 30.0


@command(app, "run", example="tuiflow run etl -p day=2026-05-31 --logs")
def run(
    dag_id: DagId,
    file: Annotated[str | None, typer.Option("--file", metavar="FILE", help="The file that has the DAG.")] = None,
    conf: Conf = None,
    param: ParamPairs = None,
    logical_date: LogicalDate = None,
    task: Annotated[
        list[str] | None,
        typer.Option(
            "--task", "-t", metavar="TASK", help="Only this task or group. Repeatable.", autocompletion=complete_tasks
        ),
    ] = None,
    succeeded: Annotated[
        str | None,
        typer.Option("--mark-success-pattern", metavar="REGEX", help="Tasks whose id this matches count as done."),
    ] = None,
    logs: Annotated[bool, typer.Option("--logs", help="Print the tasks' logs as they come.")] = False,
    dags: dags_option.Dags = None,
    utc: InUtc = False,
) -> None:
    """Run a DAG once in the foreground and show its progress; exit code 1 when the run fails.

    A running scheduler is handed the run; without one the run gets a scheduler of its own, which ends with it.
    The first Ctrl-C asks the run to stop, the second leaves it running in the background.
    """
    dags_option.use(dags)
    trigger: dict[str, Any] = {"dag_id": dag_id, "conf": parse_conf(conf, param)}
    if logical_date:
        trigger["logical_date"] = times.parse_date(logical_date, times.now(), utc).isoformat()
    raise typer.Exit(run_to_its_end(trigger, file, task, logs, succeeded)[1])


def run_to_its_end(
    trigger: dict[str, Any],
    file: str | None = None,
    tasks: list[str] | None = None,
    logs: bool = False,
    succeeded: str | None = None,
) -> tuple[str, int]:
    """Make the run that `trigger` describes and follow it; its id and the exit code. Tasks whose ids match `succeeded`
    count as done."""
    from tui_flow.cli.following import follow_run  # only where it is followed

    home = home_from_environment()
    child: subprocess.Popen[str] | None = None
    if running_scheduler(home):
        run_id = _hand_over(home, trigger, file, chooses_tasks=bool(tasks or succeeded))
    else:
        run_id, child = _start(home, trigger, file, {"tasks": tasks, "succeeded": succeeded})

    def is_ours() -> bool:
        return is_held(home) or (child is not None and child.poll() is None)

    with open_reader() as reader:
        run = find_run(reader, trigger["dag_id"], run_id)
        return run_id, follow_run(home, reader, run, logs, is_ours)


def _hand_over(home: Home, trigger: dict[str, Any], file: str | None, *, chooses_tasks: bool) -> str:
    """Queue the run with the running scheduler, once that has seen the newest state of the DAG's file."""
    if chooses_tasks:
        raise NotPossible(
            "a run of some tasks needs a scheduler of its own: stop the one that runs (`tuiflow down`) first"
        )
    name = _below(dags_folder(home, load_settings(home)), file) if file else None
    if file and name is None:
        raise NotPossible(
            f"the running scheduler runs files of its DAGs folder only; put {file} there, or `tuiflow down` first"
        )
    with open_reader() as reader:
        known = reader.dag(trigger["dag_id"])
    if name or known:
        act("reparse", file=name or (known.file if known else None))
    wait_until_parsed(home, SETTLE_S)
    answer = act("trigger", **trigger)
    assert isinstance(answer, dict)
    return str(answer["run_id"])


def _start(
    home: Home, trigger: dict[str, Any], file: str | None, choice: dict[str, Any]
) -> tuple[str, subprocess.Popen[str]]:
    """Start a scheduler for this run in a session of its own; the run's id, once it is queued."""
    folder = dags_folder(home, load_settings(home))
    order = {"dag_id": trigger["dag_id"], "trigger": trigger, **choice, "folder": None}
    order["file"] = _below(folder, file) if file else _known_file(folder, trigger["dag_id"])
    if file and order["file"] is None:
        path = Path(file).absolute()
        root = Path(archive_of(str(path)) or path).parent
        order |= {"folder": str(root), "file": str(path.relative_to(root))}
    make_home(home)
    with open_log(home) as log:
        child = subprocess.Popen(
            python_module("tui_flow.cli.one_run"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert child.stdin is not None and child.stdout is not None
    json.dump(order, child.stdin)
    child.stdin.close()
    answer = _answer_of(child, home)
    if "error" in answer:
        from tui_flow.client import error_from

        child.wait()
        raise error_from(answer["error"])
    return answer["run_id"], child


def _answer_of(child: subprocess.Popen[str], home: Home) -> Any:
    """The run's id or error; while another run has the home, says so once."""
    assert child.stdout is not None
    waits = False
    while line := child.stdout.readline():
        answer = json.loads(line)
        if "waiting_for" not in answer:
            return answer
        if not waits:
            say(f"waiting for another {answer['waiting_for']}")
        waits = True
    raise HomeError(f"the run did not start; {home.scheduler_log} says why")


def _below(folder: Path, file: str) -> str | None:
    """The file's path relative to the DAGs folder; None for one elsewhere. Raises BadInput where there is none."""
    path = Path(file).absolute()
    if not is_file(str(path)):
        raise BadInput(f"there is no file {path}")
    real = Path(os.path.realpath(path))
    return str(real.relative_to(os.path.realpath(folder))) if real.is_relative_to(os.path.realpath(folder)) else None


def _known_file(folder: Path, dag_id: str) -> str | None:
    """The file that the home knows the DAG from, while it is there."""
    try:
        with open_reader() as reader:
            dag = reader.dag(dag_id)
    except DatabaseMissing:
        return None
    return dag.file if dag and not dag.is_missing and is_file(str(folder / dag.file)) else None

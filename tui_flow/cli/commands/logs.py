"""`tuiflow logs`."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import check_task, find_dag, find_run, find_task_instance, newest_spec, open_reader
from tui_flow.cli.options import DagId, InRun, InUtc, MapIndex, TaskId
from tui_flow.cli.reading_logs import read_lines, shown_line
from tui_flow.cli.resources import newest_of_try, summary
from tui_flow.cli.show import say
from tui_flow.errors import NotFound, UsageError
from tui_flow.logs.capped import log_path
from tui_flow.records import DagRun, TaskInstance, TaskInstanceKey
from tui_flow.settings import home_from_environment
from tui_flow.state import ACTIVE_ATTEMPT, FINISHED_TASK, AttemptState

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader

app = verb_app()
_TRY_GOES_ON = ACTIVE_ATTEMPT | {AttemptState.RESCHEDULED, AttemptState.DEFERRED, AttemptState.VOID}


@command(app, "logs", example="tuiflow logs etl load --follow")
def logs(
    dag_id: DagId,
    task_id: TaskId,
    run_id: InRun = None,
    try_number: Annotated[
        int | None, typer.Option("--try", metavar="N", help="Which try; the newest without it.")
    ] = None,
    map_index: MapIndex = -1,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as the log grows, until the task has ended.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Print the file's bytes as they are.")] = False,
    force: Annotated[bool, typer.Option("--force", help="With --raw: print to a terminal even so.")] = False,
    utc: InUtc = False,
) -> None:
    """Print or follow the log of a task.

    Each try of a task has a log of its own; with --follow and without --try the next try is followed too.
    """
    if raw and sys.stdout.isatty() and not force:
        raise UsageError(
            "a raw log may hold codes that steer the terminal; send it to a file or a pager, or add --force"
        )
    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        if reader.run(dag_id) is None:
            check_task(newest_spec(reader, dag), task_id)
        run = find_run(reader, dag_id, run_id)
        ti = find_task_instance(reader, run, task_id, map_index)
        if raw:
            _copy(_existing(run, ti, try_number or ti.try_number))
        elif follow:
            _follow(reader, run, ti, try_number, utc)
        else:
            path = _existing(run, ti, try_number or ti.try_number)
            if attempt := newest_of_try(reader.attempts(ti.key), try_number or ti.try_number):
                say(f"{run.run_id}: {summary(attempt)}")
            for line in read_lines(path, lambda: True):
                print(shown_line(line, utc))


def _path(run: DagRun, ti: TaskInstance, try_number: int) -> Path:
    return log_path(home_from_environment().logs, run.dag_id, run.run_id, ti.task_id, ti.map_index, try_number)


def _existing(run: DagRun, ti: TaskInstance, try_number: int) -> Path:
    path = _path(run, ti, try_number)
    if path.exists():
        return path
    what = f"task {ti.task_id!r} in run {run.run_id!r}"
    if ti.try_number == 0 and ti.state in FINISHED_TASK:
        raise NotFound(f"{what} has no log: it is {ti.state} without ever having had a process")
    if ti.try_number == 0:
        raise NotFound(f"{what} has not started (it is {ti.state}); `tuiflow why {run.dag_id} {ti.task_id}` says why")
    if try_number > ti.try_number:
        raise NotFound(f"{what} has no try {try_number}; its newest is {ti.try_number}")
    raise NotFound(f"{what} has no log of try {try_number}: it wrote nothing, or the log was deleted ({path})")


def _copy(path: Path) -> None:
    sys.stdout.flush()
    with path.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)


def _follow(reader: Reader, run: DagRun, ti: TaskInstance, only_try: int | None, utc: bool) -> None:
    current = only_try or max(ti.try_number, 1)
    while True:
        for line in read_lines(_path(run, ti, current), partial(_try_is_over, reader, ti.key, current)):
            print(shown_line(line, utc), flush=True)
        if only_try or _task_is_over(reader.task_instance(ti.key), current):
            return
        say(f"try {current} has ended, waiting for the next")
        current += 1


def _task_is_over(ti: TaskInstance | None, try_number: int) -> bool:
    return ti is None or (ti.state in FINISHED_TASK and ti.try_number <= try_number)


def _try_is_over(reader: Reader, key: TaskInstanceKey, try_number: int) -> bool:
    """Whether nothing more will come into this try's log."""
    if _task_is_over(reader.task_instance(key), try_number):
        return True
    attempts = [attempt for attempt in reader.attempts(key) if attempt.try_number == try_number]
    return bool(attempts) and attempts[-1].state not in _TRY_GOES_ON

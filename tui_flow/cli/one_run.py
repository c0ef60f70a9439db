"""`python -m tui_flow.cli.one_run`: the scheduler of one run, a child of `tuiflow run` in a session of its own.

Reads an order as JSON from stdin, has the DAG's file parsed, creates the run, tells its id (or the error) in one line
on stdout, and then is the scheduler for that run until it has ended.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tui_flow import times
from tui_flow.actions.dispatch import perform
from tui_flow.cli.act import user_name
from tui_flow.cli.loading import load_files
from tui_flow.client import error_to, new_request_id
from tui_flow.errors import BadDag, BadInput, DagNotFound, HomeLocked, TuiflowError
from tui_flow.loader import archives
from tui_flow.loader.discover import DagsFolder
from tui_flow.loader.loaded import Loaded
from tui_flow.loader.sources import SourceView
from tui_flow.planner.selection import named_tasks
from tui_flow.planner.shape import relatives, upstream_of
from tui_flow.scheduler import prepare_home, run_one
from tui_flow.scheduler.files import place
from tui_flow.settings import Home, Settings, dags_folder, home_from_environment, load_settings
from tui_flow.spec import DagSpec
from tui_flow.state import TaskState
from tui_flow.store.lock import HomeLock, read_holder
from tui_flow.store.writer import Writer


def main() -> None:
    order = json.load(sys.stdin)
    home = home_from_environment()
    settings = load_settings(home)
    os.umask(0o077)
    try:
        settings = prepare_home(home, settings)
        if order["folder"]:
            settings = replace(settings, core=replace(settings.core, dags_folder=order["folder"]))
        loaded = list(parse(home, settings, order["dag_id"], order["file"]))
        lock = wait_for_home(home)
        with Writer(home.database) as writer:
            run_id, number = create_run(writer, loaded, order, settings)
    except TuiflowError as err:
        _tell({"error": error_to(err)})
        sys.exit(err.exit_code)
    _tell({"run_id": run_id})
    sys.stdout.close()
    run_one(home, settings, number, lock)


def wait_for_home(home: Home) -> HomeLock:
    """The home's lock, however long another `tuiflow run` takes. Raises HomeLocked where a scheduler has it."""
    lock = HomeLock(home, "run")
    while True:
        try:
            lock.acquire(wait_s=1.0)
        except HomeLocked:
            holder = read_holder(home)
            if holder is not None and holder.role == "scheduler":
                raise
            _tell({"waiting_for": str(holder or "another command")})
        else:
            return lock


def _tell(answer: dict[str, Any]) -> None:
    """One line for whoever started this."""
    print(json.dumps(answer), flush=True)


def parse(home: Home, settings: Settings, dag_id: str, file: str | None) -> Iterator[Loaded]:
    """The file that has the DAG, or all files up to it where it is not known which.

    Raises BadDag for a file that is broken and was named or mentions the DAG, DagNotFound where no file has the DAG."""
    folder = dags_folder(home, settings)
    files = [file] if file else candidates(folder, dag_id)
    known: list[str] = []
    broken: list[str] = []
    for answer in load_files(folder, files, home.sources, settings):
        loaded = Loaded.from_dict(answer)
        if loaded.failure is not None and file:
            raise BadDag(loaded.failure.message)
        if loaded.failure is not None:
            broken += [loaded.failure.message] if mentions(folder / loaded.file, dag_id) else []
            continue
        yield loaded
        known += [spec.dag_id for spec in loaded.specs]
        if dag_id in known:
            return
    if broken:
        raise BadDag(f"DAG {dag_id!r} not found, but a file that mentions it is broken: {broken[0]}")
    raise DagNotFound(dag_id, known)


def candidates(folder: Path, dag_id: str) -> list[str]:
    """All DAG files, those that mention the id first."""
    listing = DagsFolder(folder).scan()
    if listing.problem:
        raise BadInput(listing.problem)
    return sorted((file.path for file in listing.files), key=lambda path: not mentions(folder / path, dag_id))


def mentions(path: Path, dag_id: str) -> bool:
    return archives.is_file(str(path)) and dag_id.encode() in archives.read_bytes(str(path))


def create_run(writer: Writer, loaded: Sequence[Loaded], order: dict[str, Any], settings: Settings) -> tuple[str, int]:
    """Store what was parsed and queue the run; its id and number."""
    now = times.now()
    for file in loaded:
        manifest = SourceView(home_from_environment().sources, file.source_version).manifest
        stored = writer.store_parsed(
            file.file,
            file.specs,
            file.source_version,
            manifest,
            now,
            lambda s, k: place(s, k, now, settings),
            file.seconds,
        )
        if order["dag_id"] in stored.refused:
            raise BadInput(f"DAG {order['dag_id']!r} belongs to another file of this home; give it another id")
    who = user_name()
    answer = perform("trigger", order["trigger"], writer, now, request_id=new_request_id(), who=who).answer
    run = writer.reads.run(order["dag_id"], answer["run_id"])
    assert run is not None, "it was just created"
    if order["tasks"]:
        spec = writer.reads.spec(run.dag_id, run.spec_version)
        for state, task_ids in left_out(spec, order["tasks"]).items():
            args = {"dag_id": run.dag_id, "run_id": run.run_id, "tasks": task_ids, "state": state}
            perform("mark_task", args, writer, now, who=who)
    if order["succeeded"]:
        spec = writer.reads.spec(run.dag_id, run.spec_version)
        done = named_tasks(spec, pattern=order["succeeded"])
        args = {"dag_id": run.dag_id, "run_id": run.run_id, "tasks": list(done), "state": TaskState.SUCCESS}
        perform("mark_task", args, writer, now, who=who)
    return run.run_id, run.id


def left_out(spec: DagSpec, wanted: Sequence[str]) -> dict[str, list[str]]:
    """How to mark the tasks that were not asked for: what the wanted ones wait for as success, the rest as skipped."""
    chosen = set(named_tasks(spec, wanted))
    above = relatives(chosen, upstream_of(spec)) - chosen
    rest = set(spec.by_id) - chosen - above
    return {state: sorted(ids) for state, ids in (("success", above), ("skipped", rest)) if ids}


if __name__ == "__main__":
    main()

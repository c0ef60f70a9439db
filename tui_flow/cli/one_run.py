"""`python -m tui_flow.cli.one_run`: the scheduler of one run, a child of `tuiflow run` in a session of its own.

Reads an order as JSON from stdin, has the DAG's file parsed, creates the run, tells its id (or the error) in one line
on stdout, and then is the scheduler for that run until it has ended.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_flow.actions import perform
from tui_flow.cli import times
from tui_flow.cli.act import user_name, writing
from tui_flow.cli.loading import load_files
from tui_flow.client import error_to, new_request_id
from tui_flow.errors import BadDag, BadInput, DagNotFound, TuiflowError
from tui_flow.loader.discover import DagsFolder
from tui_flow.loader.loaded import Loaded
from tui_flow.loader.sources import SourceView
from tui_flow.planner.runs import next_run_after, owed_since
from tui_flow.planner.selection import named_tasks
from tui_flow.planner.shape import relatives, upstream_of
from tui_flow.records import Dag
from tui_flow.scheduler import prepare_home, run_one
from tui_flow.settings import Home, Settings, dags_folder, home_from_environment, load_settings
from tui_flow.spec import DagSpec
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer
from tui_flow.timetables import timetable_from_dict


def main() -> None:
    order = json.load(sys.stdin)
    home = home_from_environment()
    settings = load_settings(home)
    try:
        prepare_home(home, settings)
        if order["folder"]:
            settings = replace(settings, core=replace(settings.core, dags_folder=order["folder"]))
        loaded = list(parse(home, settings, order["dag_id"], order["file"]))
        with writing(home, "run") as writer:
            run_id, number = create_run(writer, loaded, order)
    except TuiflowError as err:
        _tell({"error": error_to(err)})
        sys.exit(err.exit_code)
    _tell({"run_id": run_id})
    run_one(home, settings, number)


def _tell(answer: dict[str, Any]) -> None:
    """One line, and the end of stdout: whoever started this may leave."""
    print(json.dumps(answer), flush=True)
    sys.stdout.close()


def parse(home: Home, settings: Settings, dag_id: str, file: str | None) -> Iterator[Loaded]:
    """The file that has the DAG, or all files up to it where it is not known which.

    Raises BadDag for a file that is broken, DagNotFound where no file has the DAG."""
    folder = dags_folder(home, settings)
    files = [file] if file else candidates(folder, dag_id)
    known: list[str] = []
    for answer in load_files(folder, files, home.sources, settings.scheduler):
        loaded = Loaded.from_dict(answer)
        if loaded.failure is not None and file:
            raise BadDag(loaded.failure.message)
        if loaded.failure is not None:
            continue
        yield loaded
        known += [spec.dag_id for spec in loaded.specs]
        if dag_id in known:
            return
    raise DagNotFound(dag_id, known)


def candidates(folder: Path, dag_id: str) -> list[str]:
    """All DAG files, those that mention the id first."""
    listing = DagsFolder(folder).scan()
    if listing.problem:
        raise BadInput(listing.problem)
    word = dag_id.encode()
    return sorted((file.path for file in listing.files), key=lambda path: word not in (folder / path).read_bytes())


def create_run(writer: Writer, loaded: Sequence[Loaded], order: dict[str, Any]) -> tuple[str, int]:
    """Store what was parsed and queue the run; its id and number."""
    now = times.now()
    for file in loaded:
        manifest = SourceView(home_from_environment().sources, file.source_version).manifest
        stored = writer.store_parsed(
            file.file, file.specs, file.source_version, manifest, now, lambda s, k: _place(s, k, now), file.seconds
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
    return run.run_id, run.id


def left_out(spec: DagSpec, wanted: Sequence[str]) -> dict[str, list[str]]:
    """How to mark the tasks that were not asked for: what the wanted ones wait for as success, the rest as skipped."""
    chosen = set(named_tasks(spec, wanted))
    above = relatives(chosen, upstream_of(spec)) - chosen
    rest = set(spec.by_id) - chosen - above
    return {state: sorted(ids) for state, ids in (("success", above), ("skipped", rest)) if ids}


def _place(spec: DagSpec, known: Dag | None, now: datetime) -> Placement:
    since = owed_since(spec, now)
    new = Dag(spec.dag_id, spec.file, False, False, spec.version, 1, "", None, None, None, schedule_since=since)
    is_paused = known.is_paused if known else bool(spec.is_paused_upon_creation) or spec.dialect != "tui_flow"
    return Placement(
        next_run_after(known or new, spec, now), timetable_from_dict(spec.timetable).summary, is_paused, since
    )


if __name__ == "__main__":
    main()

"""`tuiflow xcom ...`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import check_task, find_run, find_task_instance, open_reader
from tui_flow.cli.options import AnyTaskId, AsJson, DagId, InRun, MapIndex, TaskId
from tui_flow.cli.show import View, listing, print_json
from tui_flow.errors import NotFound, did_you_mean
from tui_flow.settings import home_from_environment
from tui_flow.spec import Json

app = group_app("List and print the values that tasks returned or pushed.")


@command(app, "list", example="tuiflow xcom list etl")
def list_xcoms(dag_id: DagId, task_id: AnyTaskId = None, run_id: InRun = None, as_json: AsJson = False) -> None:
    """List the XComs of a run, or of one task in it."""
    with open_reader() as reader:
        run = find_run(reader, dag_id, run_id)
        if task_id is not None:
            check_task(reader.spec(dag_id, run.spec_version), task_id)
        found = reader.xcoms(run.id, None if task_id is None else [task_id])
    rows = [
        {
            "task_id": xcom.task_id,
            "map_index": xcom.map_index if xcom.map_index >= 0 else None,
            "key": xcom.key,
            "value": _value(xcom.value) if as_json else xcom.value,
        }
        for xcom in found
    ]
    empty = f"run {run.run_id!r} of DAG {dag_id!r} has no XComs"
    listing(rows, "task_id map_index key value", View(as_json), empty=empty)


@command(app, "get", example="tuiflow xcom get etl extract")
def get_xcom(
    dag_id: DagId,
    task_id: TaskId,
    key: Annotated[str, typer.Argument(metavar="[KEY]", help="Key; the returned value without it.")] = "return_value",
    run_id: InRun = None,
    map_index: MapIndex = -1,
) -> None:
    """Print one XCom as JSON."""
    with open_reader() as reader:
        run = find_run(reader, dag_id, run_id)
        ti = find_task_instance(reader, run, task_id, map_index)
        xcom = reader.xcom(ti.key, key)
        if xcom is None:
            keys = [found.key for found in reader.xcoms(run.id, [task_id]) if found.map_index == map_index]
            hint = did_you_mean(key, keys) or f"; it has {', '.join(keys)}" if keys else "; it pushed nothing"
            raise NotFound(f"task {task_id!r} has no XCom {key!r} in run {run.run_id!r}{hint}")
    print_json(_value(xcom.value))


def _value(text: str) -> Json:
    """The stored JSON; a value that was too large for the database is read from its file."""
    try:
        value = json.loads(text)
        if isinstance(value, dict) and value.keys() == {"$file"}:
            return json.loads((home_from_environment().spill / Path(value["$file"]).name).read_text(encoding="utf-8"))
        return value
    except (ValueError, RecursionError):
        return text
    except OSError as err:
        raise NotFound(f"the file of this XCom cannot be read: {err}") from err

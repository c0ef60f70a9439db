"""`tuiflow xcom ...`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tui_flow.cli.act import act, preview
from tui_flow.cli.inputs import confirm, json_or_text
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import check_task, find_run, find_task_instance, open_reader
from tui_flow.cli.options import AnyTaskId, AsJson, DagId, InRun, MapIndex, TaskId, Yes
from tui_flow.cli.show import View, count, listing, print_json, say
from tui_flow.errors import NotFound, did_you_mean
from tui_flow.settings import home_from_environment
from tui_flow.spec import Json

app = group_app("List, print, set and delete the values that tasks returned or pushed.")


@command(app, "list", example="tuiflow xcom list etl")
def list_xcoms(dag_id: DagId, task_id: AnyTaskId = None, run_id: InRun = None, as_json: AsJson = False) -> None:
    """List the XComs of a run, or of one task in it; secrets are masked."""
    from tui_flow.store.masked import masked_xcoms  # 10 ms, here only

    with open_reader() as reader:
        run = find_run(reader, dag_id, run_id)
        if task_id is not None:
            check_task(reader.spec(dag_id, run.spec_version), task_id)
        found = masked_xcoms(reader, reader.xcoms(run.id, None if task_id is None else [task_id]))
    rows = [
        {
            "task_id": xcom.task_id,
            "map_index": xcom.map_index if xcom.map_index >= 0 else None,
            "key": xcom.key,
            "value": _value(xcom.value) if as_json else _shown(xcom.value),
        }
        for xcom in found
    ]
    empty = f"run {run.run_id!r} of DAG {dag_id!r} has no XComs"
    listing(rows, "task_id map_index key value", View(as_json), empty=empty)


def _shown(text: str) -> str:
    """In one line; of a large one only where it is."""
    if text.startswith('{"$file":'):
        return "(large: `tuiflow xcom get` prints it)"
    value = _value(text)
    return value if isinstance(value, str) and not text.startswith('"') else json.dumps(value, ensure_ascii=False)


@command(app, "get", example="tuiflow xcom get etl extract")
def get_xcom(
    dag_id: DagId,
    task_id: TaskId,
    key: Annotated[str, typer.Argument(metavar="[KEY]", help="Key; the returned value without it.")] = "return_value",
    run_id: InRun = None,
    map_index: MapIndex = -1,
    raw: Annotated[
        bool, typer.Option("--raw", help="With the types of dates, sets and the like, as it is stored.")
    ] = False,
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
    print_json(_value(xcom.value, raw))


@command(app, "set", example="tuiflow xcom set etl extract rows 12")
def set_xcom(
    dag_id: DagId,
    task_id: TaskId,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key; return_value is what the task returned.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="JSON; what is none is text.")],
    run_id: InRun = None,
    map_index: MapIndex = -1,
) -> None:
    """Give a task in a run an XCom, in the place of the one under that key."""
    text = json.dumps(json_or_text(value))
    args: dict[str, Json] = {"dag_id": dag_id, "task_id": task_id, "key": key, "run_id": run_id, "map_index": map_index}
    done: Any = act("set_xcom", **args, value=text)
    say(f"XCom {key!r} of task {task_id!r} in run {done['run_id']!r} is set")


@command(app, "delete", example="tuiflow xcom delete etl extract -y")
def delete_xcom(
    dag_id: DagId,
    task_id: TaskId,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="Key; all of the task without it.")] = None,
    run_id: InRun = None,
    map_index: MapIndex = -1,
    yes: Yes = False,
) -> None:
    """Delete one XCom of a task in a run, or all of them."""
    args: dict[str, Json] = {"dag_id": dag_id, "task_id": task_id, "key": key, "run_id": run_id, "map_index": map_index}
    found: Any = preview("delete_xcom", **args)
    if len(found["keys"]) > 1:
        confirm(f"Delete {', '.join(found['keys'])} of task {task_id!r} in run {found['run_id']!r}?", yes)
    done: Any = act("delete_xcom", **(args | {"run_id": found["run_id"]}))
    say(f"deleted {count(len(done['keys']), 'XCom')} of task {task_id!r} in run {done['run_id']!r}")


def whole_text(text: str) -> str:
    """A stored value, or what its file holds where it was too large for the database. Raises OSError, ValueError."""
    value = json.loads(text)
    if isinstance(value, dict) and value.keys() == {"$file"}:
        return (home_from_environment().spill / Path(value["$file"]).name).read_text(encoding="utf-8")
    return text


def _value(text: str, raw: bool = False) -> Json:
    """The value for people, or as it is stored; one that was too large for the database is read from its file."""
    from tui_flow.sdk.xcom import plain  # 15 ms, for values only

    try:
        text = whole_text(text)
        return json.loads(text) if raw else plain(text)
    except (ValueError, RecursionError, LookupError, TypeError):
        return text
    except OSError as err:
        raise NotFound(f"the file of this XCom cannot be read: {err}") from err

"""`tuiflow answer`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli.act import act, user_name
from tui_flow.cli.inputs import json_or_text, parse_conf
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import find_dag, open_reader
from tui_flow.cli.options import AnyDagId, AnyTaskId, AsJson, InRun, InUtc, MapIndex, ParamPairs
from tui_flow.cli.show import View, listing, print_json, say
from tui_flow.errors import BadInput
from tui_flow.logs import safe
from tui_flow.spec import Json

if TYPE_CHECKING:
    from tui_flow.records import InputRequest

app = verb_app()
Choose = Annotated[
    list[str] | None,
    typer.Option("--choose", metavar="OPTION", help="What is chosen. Repeatable where several options may be."),
]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Kept with the answer.")]


@command(app, "answer", example='tuiflow answer etl approve --choose Approve --note "looks fine"')
def answer(
    dag_id: AnyDagId = None,
    task_id: AnyTaskId = None,
    run_id: InRun = None,
    map_index: MapIndex = -1,
    choose: Choose = None,
    params: ParamPairs = None,
    note: Note = None,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Answer tasks that wait for a person, or list them.

    Without a task what waits is listed. Without --choose you are asked, where a terminal is attached.
    """
    if dag_id is None or task_id is None:
        if choose or params or note:
            raise BadInput("an answer needs the DAG and the task: tuiflow answer DAG TASK --choose OPTION")
        _list(dag_id, as_json, View(utc=utc))
        return
    entered = parse_conf(None, params)
    if not choose and not entered:
        choose, entered = _ask(dag_id, task_id, run_id, map_index)
    given = act(
        "answer",
        dag_id=dag_id,
        task_id=task_id,
        run_id=run_id,
        map_index=map_index,
        chosen_options=choose or [],
        params_input=entered,
        note=note,
        user=user_name(),
    )
    if as_json:
        print_json(given)
        return
    say(f"answered {dag_id} {task_id} in {given['run_id']}: {', '.join(given['chosen_options'])}")


def _list(dag_id: str | None, as_json: bool, view: View) -> None:
    with open_reader() as reader:
        if dag_id is not None:
            find_dag(reader, dag_id)
        rows = [_row(request) for request in reader.waiting_input(dag_id)]
    if as_json:
        print_json(rows)
        return
    shown = [row | {"options": "; ".join(row["options"]), "params": _params(row["params"])} for row in rows]
    for row in shown:
        row["map_index"] = None if row["map_index"] < 0 else row["map_index"]
    empty = "no task waits for an answer; tasks of HITLOperator and its like do"
    listing(shown, "dag_id run_id task_id map_index subject options params due_at", view, empty=empty)


def _params(schemas: Mapping[str, Json]) -> str:
    """What is to be filled in with --param: each name, with the value that it has without that."""
    found = ((name, schema.get("default") if isinstance(schema, Mapping) else None) for name, schema in schemas.items())
    return "; ".join(name if default is None else f"{name}={default}" for name, default in found)


def _row(request: InputRequest) -> dict[str, Any]:
    return {
        "dag_id": request.dag_id,
        "run_id": request.run_id,
        "task_id": request.key.task_id,
        "map_index": request.key.map_index,
        "subject": request.subject,
        "body": request.body,
        "options": list(request.options),
        "defaults": None if request.defaults is None else list(request.defaults),
        "multiple": request.multiple,
        "params": dict(request.params),
        "assigned_users": list(request.assigned_users),
        "created_at": request.created_at,
        "due_at": request.due_at,
    }


def _ask(dag_id: str, task_id: str, run_id: str | None, map_index: int) -> tuple[list[str], dict[str, Json]]:
    """Show the request and have it answered on the terminal. Raises BadInput where there is none."""
    from tui_flow.actions.answers import find_request  # the actions' side, for a question only

    with open_reader() as reader:
        request = find_request(reader, dag_id, task_id, run_id, map_index)
    if not sys.stdin.isatty():
        raise BadInput(f"nothing is chosen; choose of: {'; '.join(request.options)} (--choose OPTION)")
    _show(request)
    chosen = _read_options(request)
    return chosen, {
        name: value for name, schema in request.params.items() if (value := _read_param(name, schema)) != ""
    }


def _show(request: InputRequest) -> None:
    say(safe(request.subject))
    for line in (request.body or "").splitlines():
        say(f"  {safe(line)}")
    if request.due_at:
        say(f"time is up {times.away(request.due_at, times.now())}")
    for number, option in enumerate(request.options, 1):
        say(f"  {number}  {safe(option)}")


def _read_options(request: InputRequest) -> list[str]:
    several = ", several with commas" if request.multiple else ""
    words = _read(f"Choose a number{several}: ").split(",") if request.multiple else [_read("Choose a number: ")]
    return [_option(word.strip(), request.options) for word in words if word.strip()]


def _option(word: str, options: Sequence[str]) -> str:
    """By its number; any other word stands for itself, and the verb says whether there is such an option."""
    if word.isdigit() and word not in options and 1 <= int(word) <= len(options):
        return options[int(word) - 1]
    return word


def _read_param(name: str, schema: dict[str, Json]) -> Json:
    default = f" [{schema['default']}]" if "default" in schema else ""
    about = f" ({safe(str(schema['description']))})" if schema.get("description") else ""
    text = _read(f"{safe(name)}{about}{default}: ")
    return json_or_text(text) if text else ""


def _read(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()

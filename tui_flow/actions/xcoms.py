"""The verb that gives a task instance an XCom by hand."""

from __future__ import annotations

import json
from datetime import datetime

from tui_flow.actions.plan import Plan, find_run
from tui_flow.errors import BadInput, NotFound
from tui_flow.records import TaskInstanceKey
from tui_flow.spec import Json
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

LONGEST = 100_000
"""Characters of a value; larger ones are files, which tasks alone write."""


def set_xcom(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    task_id: str,
    key: str,
    value: str,
    run_id: str | None = None,
    map_index: int = -1,
    only_new: bool = False,
) -> Plan:
    """Give a task instance a value, which is JSON text, in the place of the one under that key. `only_new` refuses
    where there is one. Answer: the run, the task, the key, and whether it is new."""
    run = find_run(reads, dag_id, run_id)
    ti = TaskInstanceKey(run.id, task_id, map_index)
    if reads.task_instance(ti) is None:
        name = task_id if map_index < 0 else f"{task_id}[{map_index}]"
        raise NotFound(f"run {run.run_id!r} of DAG {dag_id!r} has no task {name!r}; `tuiflow runs show {dag_id}`")
    if not key.strip():
        raise BadInput("an XCom needs a key, such as return_value")
    text = _checked(value)
    is_new = reads.xcom(ti, key) is None
    if only_new and not is_new:
        raise BadInput(f"task {task_id!r} has an XCom {key!r} already")

    def write(writer: Writer) -> None:
        writer.set_xcom(ti, key, text)

    subject: dict[str, Json] = {"dag_id": dag_id, "run_id": run.run_id, "task_id": task_id}
    return Plan({**subject, "key": key, "is_new": is_new}, write=write, subject=subject)


def _checked(value: str) -> str:
    """As it is stored. Raises BadInput."""
    try:
        found = json.loads(value)
        text = json.dumps(found, allow_nan=False)
    except (ValueError, RecursionError) as err:
        raise BadInput(f'the value is not JSON: {err}; text stands in quotes, "like this"') from err
    if len(text) > LONGEST:
        raise BadInput(f"the value has {len(text)} characters; by hand it can have {LONGEST}")
    _refuse_own_keys(found)
    return text


def _refuse_own_keys(value: Json) -> None:
    """Keys that begin with a dollar say how a value is stored."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name.startswith("$"):
                raise BadInput(f"a key of the value cannot begin with $ like {name!r}")
            _refuse_own_keys(part)
    elif isinstance(value, list):
        for part in value:
            _refuse_own_keys(part)

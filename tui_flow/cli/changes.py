"""Show exactly what a verb on task instances will do, ask where it is more than one thing, then do it."""

from __future__ import annotations

from typing import Any

from tui_flow.cli.act import act, preview
from tui_flow.cli.inputs import confirm
from tui_flow.cli.show import View, count, heading, listing, print_json, say
from tui_flow.spec import Json
from tui_flow.state import RunState, TaskState


def act_after_preview(
    verb: str, args: dict[str, Json], *, dry_run: bool, yes: bool, as_json: bool, question: str
) -> None:
    """`question` is asked, with `{tasks}` filled in, unless at most one task instance changes."""
    found = preview(verb, **args)
    assert isinstance(found, dict)
    tasks, runs = len(found["tasks"]), len(found["runs"])
    if not as_json:
        print_changes(found)
    if not dry_run and tasks + runs:
        if tasks + len(found.get("structure", ())) > 1 or runs > 1:
            confirm(question.format(tasks=count(tasks, "task instance")), yes)
        found = act(verb, **args)
        assert isinstance(found, dict)
        say(f"done: {count(len(found['tasks']), 'task instance')}, {count(len(found['runs']), 'run')}")
    if as_json:
        print_json(found)


def print_changes(found: dict[str, Any]) -> None:
    """The task instances and runs that change, from what to what."""
    rows = [
        {
            "run_id": task["run_id"],
            "task_id": task["task_id"],
            "map_index": task["map_index"] if task["map_index"] >= 0 else None,
            "is": TaskState(task["old"]),
            "becomes": TaskState(task["new"]),
            "how": "its process is stopped first" if task["kills"] else None,
        }
        for task in found["tasks"]
    ]
    listing(rows, "run_id task_id map_index is becomes how", View(), empty="no task instance would change")
    for run in found["runs"]:
        if run["old"] != run["new"]:
            heading(f"run {run['run_id']}: {RunState(run['old'])} becomes {RunState(run['new'])}")
    for task in found.get("structure", ()):
        heading(f"run {task['run_id']}: task {task['task_id']} is {task['change']}, as in the newest version")
    if version := found.get("version"):
        say(version_line(version))


def version_line(version: dict[str, Any]) -> str:
    """Which code a cleared task will run."""
    if version["kept"]:
        return "the tasks run the code that their runs had before"
    number = f"the newest code, version {version['number']} (source {str(version['source'])[:12]})"
    return f"the tasks run {number}" + (", the same as before" if version["is_newest"] else ", not that of before")

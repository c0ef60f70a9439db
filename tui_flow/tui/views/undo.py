"""What takes the last pause, or the last mark, back: as verbs of `actions`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tui_flow.spec import Json
from tui_flow.state import FINISHED_RUN, TaskState

TOGETHER = timedelta(seconds=1)
"""Deeds of one kind that follow each other faster were asked for at once."""
UNDO_WITHIN = timedelta(seconds=30)
"""Later than that others may count on what was done."""
_MARKS = frozenset({TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED})
_BEFORE = frozenset({TaskState.NONE, TaskState.SCHEDULED, TaskState.UPSTREAM_FAILED})
"""Of a task that had not started: cleared, it gets there by itself."""

Call = tuple[str, Mapping[str, Json]]
"""A verb and its arguments."""


@dataclass(frozen=True, slots=True)
class Undo:
    kind: str = ""
    """Empty: there is nothing to take back."""
    calls: Sequence[Call] = ()
    names: Sequence[str] = ()
    turned: str = ""
    """How those are afterwards."""
    refused: str = ""
    """Why it cannot be taken back."""
    at: datetime | None = None

    def then(self, later: Undo) -> Undo:
        """With what was done after; what changed nothing leaves this one."""
        if not later.names:
            return self
        is_same = (self.kind, self.turned) == (later.kind, later.turned)
        if not is_same or self.at is None or later.at is None or later.at - self.at >= TOGETHER:
            return later
        names, calls = (*self.names, *later.names), (*self.calls, *later.calls)
        return replace(later, names=names, calls=calls, refused=self.refused or later.refused)

    def problem(self, now: datetime) -> str:
        """Why nothing is taken back; empty: it can be."""
        if self.at is None:
            return "there is nothing to take back: u does it after a pause or a mark"
        if now - self.at > UNDO_WITHIN:
            return f"the last {self.kind} is more than {UNDO_WITHIN.seconds} s ago"
        return self.refused

    @property
    def said(self) -> str:
        names = ", ".join(self.names[:3]) + (" ..." if len(self.names) > 3 else "")
        return f"taken back: {names} {self.turned}"


def undo_of(verb: str, args: Mapping[str, Any], answer: Any, at: datetime) -> Undo:
    """Of something that was just done; nothing to take back for most of it."""
    if verb == "pause_dag":
        calls = [(verb, {"dag_id": dag_id, "is_paused": not answer["is_paused"]}) for dag_id in answer["changed"]]
        turned = "on again" if answer["is_paused"] else "paused"
        return Undo("pause", calls, tuple(answer["changed"]), turned, at=at)
    if verb in ("mark_task", "mark_run"):
        return _undo_of_mark(args["dag_id"], answer, at)
    return Undo()


def _undo_of_mark(dag_id: str, answer: Mapping[str, Any], at: datetime) -> Undo:
    marked = [task for task in answer["tasks"] if TaskState(task["new"]) in _MARKS]
    names = tuple(_name(task) for task in marked) or tuple(run["run_id"] for run in answer["runs"])
    lost = [_name(task) for task in marked if task["kills"] or TaskState(task["old"]) not in _MARKS | _BEFORE]
    if lost:
        return Undo("mark", names=names, refused=f"{lost[0]} was under way and has ended; c lets it start over", at=at)
    by_state: dict[tuple[str, TaskState], list[Json]] = {}
    for task in answer["tasks"]:
        old = TaskState(task["old"])
        if old in _MARKS or task in marked:
            by_state.setdefault((task["run_id"], old if old in _MARKS else TaskState.NONE), []).append(_name(task))
    calls = [_turned_to(dag_id, run_id, state, tasks) for (run_id, state), tasks in by_state.items()]
    again = {run_id for run_id, state in by_state if state is TaskState.NONE}
    for run in answer["runs"]:
        if run["run_id"] not in again and run["old"] in FINISHED_RUN and run["new"] in FINISHED_RUN:
            calls.append(("mark_run", {"dag_id": dag_id, "run_ids": [run["run_id"]], "state": run["old"]}))
    return Undo("mark", calls, names, "as before", at=at)


def _turned_to(dag_id: str, run_id: str, state: TaskState, tasks: list[Json]) -> Call:
    args: dict[str, Json] = {"dag_id": dag_id, "run_ids": [run_id], "tasks": tasks}
    if state is TaskState.NONE:
        return "clear", args | {"downstream": False, "same_version": True}
    return "mark_task", args | {"state": str(state)}


def _name(task: Mapping[str, Any]) -> str:
    index = task.get("map_index", -1)
    return f"{task['task_id']}[{index}]" if index >= 0 else str(task["task_id"])

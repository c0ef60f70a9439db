"""From what was chosen in a sheet to verbs of `actions`, the command that does the same, and lines of what will
change. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.style import Style

from tui_flow.spec import Json
from tui_flow.state import RunState, TaskState
from tui_flow.tui.palette import BAD, BOLD, DIM, WARN, Palette
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views.run_names import run_name

TaskKey = tuple[str, str, int]
"""(run_id, task_id, map_index); -1 stands for a task that is not mapped, or all of one that is."""
ASK_TWICE_ABOVE = 50
"""So many task instances are changed by enter alone; for more the number is typed."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One verb, and the command line that does the same."""

    verb: str
    args: Mapping[str, Json]
    command: str


def command(*words: object) -> str:
    """A line for a shell; empty words are left out."""
    return " ".join(["tuiflow", *(shlex.quote(str(word)) for word in words if word not in ("", None))])


def stop_deeds(dag_id: str, run_ids: Sequence[str], keys: Sequence[TaskKey]) -> list[Deed]:
    """End what runs of these tasks; without keys the whole runs."""
    if not keys:
        return [
            Deed("cancel_run", {"dag_id": dag_id, "run_id": run_id}, command("runs", "cancel", dag_id, run_id))
            for run_id in run_ids
        ]
    deeds = []
    for run, task_id, map_index in keys:
        args: dict[str, Json] = {"dag_id": dag_id, "run_id": run, "task_id": task_id}
        index = () if map_index < 0 else ("--map-index", map_index)
        if map_index >= 0:
            args["map_index"] = map_index
        deeds.append(Deed("kill", args, command("kill", dag_id, task_id, "--run", run, *index)))
    return deeds


def note_deeds(dag_id: str, run_ids: Sequence[str], keys: Sequence[TaskKey], note: str) -> list[Deed]:
    """The note on these tasks; without keys on the runs."""
    if not keys:
        return [
            Deed(
                "note_run",
                {"dag_id": dag_id, "run_id": run, "note": note},
                f"{command('runs', 'note', dag_id, run)} {shlex.quote(note)}",
            )
            for run in run_ids
        ]
    deeds = []
    for run, task_id, map_index in keys:
        args: dict[str, Json] = {"dag_id": dag_id, "run_id": run, "task_id": task_id, "note": note}
        index = () if map_index < 0 else ("--map-index", map_index)
        line = f"{command('tasks', 'note', dag_id, task_id, '--run', run, *index)} {shlex.quote(note)}"
        deeds.append(Deed("note_task", args | {"map_index": map_index}, line))
    return deeds


def about_tasks(keys: Sequence[TaskKey]) -> str:
    """Names of tasks for a title, of mapped ones with the instance: `work[7]`; empty for no tasks."""
    names = sorted({task_id + (f"[{map_index}]" if map_index >= 0 else "") for _run, task_id, map_index in keys})
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def about_runs(run_id: str, run_ids: Sequence[str], is_utc: bool) -> str:
    """For titles: the run, or how many."""
    return f"{len(run_ids)} runs" if len(run_ids) > 1 else f"run {run_name(run_id, is_utc)}"


def trigger_deed(dag_id: str, conf: Mapping[str, Json], run_id: str, logical_date: str, note: str) -> Deed:
    args: dict[str, Json] = {"dag_id": dag_id}
    words: list[object] = ["trigger", dag_id]
    for name, flag, value in (
        ("run_id", "--run-id", run_id),
        ("logical_date", "--logical-date", logical_date),
        ("note", "--note", note),
    ):
        if value:
            args[name] = value
            words += [flag, value]
    if conf:
        args["conf"] = dict(conf)
        words += ["--conf", json.dumps(conf)]
    return Deed("trigger", args, command(*words))


# -- what will change


@dataclass(frozen=True, slots=True)
class Preview:
    """What the deeds would do, from their dry runs."""

    rows: Sequence[Row] = ()
    tasks: int = 0
    kills: int = 0
    runs: int = 0
    note: str = ""
    problem: str = ""
    is_unfinished: bool = False
    """The problem is only that something is still to be entered."""

    @property
    def needs_number(self) -> bool:
        return self.tasks > ASK_TWICE_ABOVE


def preview_of(answers: Sequence[Mapping[str, Any]], look: Palette, is_utc: bool) -> Preview:
    """From the answers of clear, mark, kill or cancel."""
    tasks = tasks_in(answers)
    runs = list({run["run_id"]: run for answer in answers for run in answer.get("runs", ())}.values())
    seen = {task["run_id"] for task in tasks} | {run["run_id"] for run in runs}
    rows = [_run_row(index, run, look, is_utc) for index, run in enumerate(runs)]
    rows += [
        _task_row(len(rows) + index, task, look, run_name(task["run_id"], is_utc) if len(seen) > 1 else "")
        for index, task in enumerate(tasks)
    ]
    notes = [answer["version"] for answer in answers if isinstance(answer.get("version"), Mapping)]
    return Preview(rows, len(tasks), sum(bool(task.get("kills")) for task in tasks), len(seen), _version(notes))


def tasks_in(answers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each task instance once, whichever deed changes it first."""
    found: dict[TaskKey, Mapping[str, Any]] = {}
    for task in (task for answer in answers for task in answer.get("tasks", ())):
        found.setdefault((task["run_id"], task["task_id"], task.get("map_index", -1)), task)
    return list(found.values())


def _version(versions: Sequence[Mapping[str, Any]]) -> str:
    if not versions:
        return ""
    version = versions[0]
    if version.get("kept"):
        return "with the code that the run had"
    if version.get("is_newest"):
        return f"with the code that the run had, the newest, source {str(version.get('source'))[:8]}"
    return f"with the newest code, version {version.get('number')}, source {str(version.get('source'))[:8]}"


def _run_row(index: int, run: Mapping[str, Any], look: Palette, is_utc: bool) -> Row:
    old, new = RunState(run["old"]), RunState(run["new"])
    pieces: list[Piece] = [
        (f"  {look.glyph(old)} ", look.style(old)),
        (fit(plain(f"run {run_name(run['run_id'], is_utc)}"), 32), BOLD),
        (f" {fit(_word(old), 16)} {look.line('→')} {_word(new)}", None),
    ]
    return Row(index, tuple(pieces))


def _word(state: RunState | TaskState) -> str:
    return "not yet" if state is TaskState.NONE else str(state).replace("_", " ")


def _task_row(index: int, task: Mapping[str, Any], look: Palette, run: str) -> Row:
    """`run`: its name, where tasks of several are listed."""
    old, new = TaskState(task["old"]), TaskState(task["new"])
    name = task["task_id"] + (f"[{task['map_index']}]" if task.get("map_index", -1) >= 0 else "")
    then = "runs again" if new is TaskState.NONE else _word(new)
    style: Style | None = BAD if task.get("kills") else None
    kills = "is stopped, then " if task.get("kills") else ""
    pieces: list[Piece] = [
        (f"  {look.glyph(old)} ", look.style(old)),
        (fit(plain(name), 32), None),
        (f" {fit(_word(old), 16)} {look.line('→')} {kills}{then}", style),
        (f"  {plain(run)}" if run else "", DIM),
    ]
    return Row(index, tuple(pieces))


def said(preview: Preview, verb: str) -> list[Piece]:
    """The sentence over the list: how much, and whether something that runs is stopped."""
    if preview.problem:
        return [(plain(preview.problem), DIM if preview.is_unfinished else BAD)]
    if not preview.tasks and not preview.runs:
        return [("nothing would change", WARN)]
    tasks = f"{preview.tasks} task instance{'s' if preview.tasks != 1 else ''}"
    runs = f"{preview.runs} run{'s' if preview.runs != 1 else ''}"
    stops = "Nothing that runs is stopped."
    if preview.kills:
        stops = f"{preview.kills} that {'runs is' if preview.kills == 1 else 'run are'} stopped first."
    note = f" {preview.note[0].upper()}{preview.note[1:]}." if preview.note else ""
    return [(f"This will {verb} {tasks} in {runs}. ", BOLD), (stops, BAD if preview.kills else DIM), (note, DIM)]

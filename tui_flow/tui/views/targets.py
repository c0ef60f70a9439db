"""What goes with a hit of the command line: what else can be done about it, its key, and its command. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tui_flow.tui.keys import ACTIONS, shown_key
from tui_flow.tui.places import Place
from tui_flow.tui.views.commands import Target
from tui_flow.tui.views.deeds import command

_SHOW: tuple[str, ...] = ("dags", "show")
_TABS = {"runs": (("runs", "list"), ""), "diagram": (_SHOW, "--graph"), "source": (_SHOW, "--source")}
"""The words before a DAG's id and after it."""
_PAGES = {"dags": ("dags", "list"), "activity": ("runs", "list"), "upcoming": ("schedule",), "system": ("status",)}
_KEYS = {"trigger": "trigger", "backfill": "backfill", "clear": "clear", "mark": "mark_state", "stop": "stop_run"}
"""Sheets that have a key of their own, with the action that it does."""


def beside(target: Target) -> list[Target]:
    """Of a task its log and what runs it again; of a run what runs it again; of both their DAG."""
    place = target.place
    if place is None or target.kind not in ("task", "run"):
        return []
    dag_id, run, task = place.dag_id, place.run_id, place.task_id
    whole, found = Place("run", dag_id, run), []
    if run and task:
        found.append(Target("log", f"{dag_id} {task}", run, Place("log", dag_id, run, task)))
        found.append(Target("do", f"clear {task} of {dag_id}", run, sheet=("clear", whole, ((run, task, -1),))))
    found.append(Target("DAG", dag_id, "", Place("dag", dag_id, tab="grid")))
    if run:
        found.append(Target("do", f"clear failed tasks of {dag_id}", run, sheet=("clear", whole, ())))
    found += [
        Target("do", f"trigger {dag_id}", sheet=("trigger", [dag_id])),
        Target("do", f"backfill {dag_id}", sheet=("backfill", dag_id)),
        Target("go", f"source {dag_id}", "", Place("dag", dag_id, tab="source")),
    ]
    return found


def key_of(target: Target, keymap: Mapping[str, str]) -> str:
    """What does the same where one stands on it; empty: no key."""
    sheet = str(target.sheet[0]) if target.sheet else ""
    tab = target.place.tab if target.place and target.kind == "go" else ""
    action = target.action or ("pause" if target.pause else "") or _KEYS.get(sheet, "") or tab
    action = "log" if target.kind == "log" else action
    return shown_key(ACTIONS[action], keymap) if action in ACTIONS else ""


def command_of(target: Target) -> str:
    """The command line that does, or shows, the same; empty: there is none."""
    if target.pause is not None:
        return command("unpause" if target.pause.is_paused else "pause", target.pause.dag_id)
    if target.sheet:
        return _of_sheet(*target.sheet)
    return _of_place(target.place) if target.place else ""


def _of_sheet(name: object, about: object = None, *rest: object) -> str:
    if name == "down":
        return command("down")
    if name == "trigger" and isinstance(about, list):
        return command("trigger", *about)
    if name == "backfill":
        return command("backfill", about)
    if name == "delete_dag":
        return command("dags", "delete", about)
    if not isinstance(about, Place):
        return ""
    tasks = [key[1] for key in rest[0]] if rest and isinstance(rest[0], tuple) else []
    match name:
        case "clear":
            return command("clear", about.dag_id, *tasks, "--run", about.run_id, "" if tasks else "--only-failed")
        case "stop":
            return command("runs", "cancel", about.dag_id, about.run_id)
        case "delete_run":
            return command("runs", "delete", about.dag_id, about.run_id)
        case _:
            return ""


def _of_place(place: Place) -> str:
    if place.page == "log":
        return command("logs", place.dag_id, place.task_id, "--run", place.run_id)
    if place.run_id and place.task_id:
        return command("tasks", "show", place.dag_id, place.task_id, "--run", place.run_id)
    if place.run_id:
        return command("runs", "show", place.dag_id, place.run_id)
    if place.dag_id:
        before, after = _TABS.get(place.tab, (_SHOW, ""))
        return command(*before, place.dag_id, after)
    return command(*_PAGES[place.page]) if place.page in _PAGES else ""

"""Clear and mark: what was chosen, in which runs, as verbs of `actions`; and choices in words that say how much each
would change. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_flow.records import RunsBeside
from tui_flow.spec import Json
from tui_flow.state import TaskState
from tui_flow.tui.views.deeds import Deed, TaskKey, command

CLEAR_WHAT = ("these and what follows", "only these", "failed ones", "the whole run")
WITHOUT_TASKS = 2
"""From this one on they need no tasks."""
LATER, EARLIER, ALL = 1, 2, 3
"""Indexes in what `reach_words` gives; 0 is no more than what was chosen."""
MARK_STATES = (TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED)
MARK_ALSO = ("what follows", "what comes before", "later runs", "earlier runs")


@dataclass(frozen=True, slots=True)
class ClearChoice:
    dag_id: str
    run_id: str
    keys: Sequence[TaskKey] = ()
    what: int = 0
    """Index in CLEAR_WHAT."""
    reach: int = 0
    """Index in `reach_words`."""
    upstream: bool = False
    same_version: bool = False
    run_ids: Sequence[str] = ()
    """Whole runs, where no tasks are named."""


def clear_deeds(choice: ClearChoice) -> list[Deed]:
    past, future = choice.reach in (EARLIER, ALL), choice.reach in (LATER, ALL)
    keys = [] if choice.what >= WITHOUT_TASKS else choice.keys
    whole = choice.run_ids or list(dict.fromkeys(run for run, _, _ in choice.keys)) or [choice.run_id]
    deeds = []
    for run_ids, tasks in _runs_by_tasks(keys) or [(list(whole), [])]:
        args: dict[str, Json] = {
            "dag_id": choice.dag_id,
            "run_ids": [*run_ids],
            "tasks": [*tasks] or None,
            "downstream": choice.what != 1,
            "upstream": choice.upstream,
            "only_failed": choice.what == 2,
            "past": past,
            "future": future,
            "same_version": choice.same_version,
        }
        flags = [
            "--only" if choice.what == 1 else "",
            "--upstream" if choice.upstream else "",
            "--only-failed" if choice.what == 2 else "",
            "--past" if past else "",
            "--future" if future else "",
            "--same-version" if choice.same_version else "",
        ]
        deeds.append(Deed("clear", args, command("clear", choice.dag_id, *tasks, *_named(run_ids), *flags)))
    return deeds


@dataclass(frozen=True, slots=True)
class MarkChoice:
    dag_id: str
    run_id: str
    keys: Sequence[TaskKey] = ()
    """None: the run."""
    state: int = 0
    also: frozenset[int] = frozenset()
    """Indexes in MARK_ALSO."""
    run_ids: Sequence[str] = ()
    """Whole runs, where no tasks are named."""


def mark_deeds(choice: MarkChoice) -> list[Deed]:
    state = str(MARK_STATES[choice.state])
    if not choice.keys:
        run_ids = [*choice.run_ids] or [choice.run_id]
        args: dict[str, Json] = {"dag_id": choice.dag_id, "run_ids": [*run_ids], "state": state}
        line = command("mark", choice.dag_id, state, *_named(run_ids))
        return [Deed("mark_run", args, line)]
    names = ("downstream", "upstream", "future", "past")
    flags = {name: index in choice.also for index, name in enumerate(names)}
    deeds = []
    for run_ids, tasks in _runs_by_tasks(choice.keys):
        args = {"dag_id": choice.dag_id, "run_ids": [*run_ids], "tasks": [*tasks], "state": state, **flags}
        shown = [f"--{name}" for name, on in flags.items() if on]
        line = command("mark", choice.dag_id, *tasks, state, *_named(run_ids), *shown)
        deeds.append(Deed("mark_task", args, line))
    return deeds


def _runs_by_tasks(keys: Sequence[TaskKey]) -> list[tuple[list[str], list[str]]]:
    """Runs in which the same tasks are meant, with these: one deed does what is to happen in all of them."""
    by_run: dict[str, list[str]] = {}
    for run, task_id, map_index in keys:
        by_run.setdefault(run, []).append(task_id if map_index < 0 else f"{task_id}[{map_index}]")
    by_tasks: dict[frozenset[str], list[str]] = {}
    for run, tasks in by_run.items():
        by_tasks.setdefault(frozenset(tasks), []).append(run)
    return [(runs, by_run[runs[0]]) for runs in by_tasks.values()]


def _named(run_ids: Sequence[str]) -> list[str]:
    return [word for run_id in run_ids for word in ("--run", run_id)]


# -- the choices in words


def what_words(counts: Mapping[int, int], has_tasks: bool) -> list[str]:
    """With how many task instances each would clear, as far as that is known, by index in CLEAR_WHAT."""
    first = 0 if has_tasks else WITHOUT_TASKS
    return [_counted(word, counts.get(first + nth)) for nth, word in enumerate(CLEAR_WHAT[first:])]


def these_words(count: int) -> str:
    return "this task" if count == 1 else f"these {count} tasks"


def whole_words(runs: int) -> str:
    return "the whole run" if runs == 1 else f"the {runs} whole runs"


def reach_words(chosen: int, beside: RunsBeside | None) -> list[str]:
    """Which runs, with how many more each brings."""
    this = "this" if chosen == 1 else f"these {chosen}"
    counts = (None, None, None) if beside is None else (beside.later, beside.earlier, beside.others + chosen)
    return [this, *map(_counted, ("and later", "and earlier", "all"), counts)]


def mark_also_words(beside: RunsBeside | None) -> list[str]:
    counts = (None, None, None, None) if beside is None else (None, None, beside.later, beside.earlier)
    return list(map(_counted, MARK_ALSO, counts))


def _counted(word: str, count: int | None) -> str:
    return word if count is None else f"{word} ({count:,})"

"""What a verb gives back, and how verbs find what they are told to act on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tui_flow.errors import BadInput, DagNotFound, NotPossible, RunNotFound
from tui_flow.planner.decisions import Decision, KillAttempt, MoveRun, MoveTask, ResumeTask
from tui_flow.planner.run_ends import SETTLED_ENDS
from tui_flow.planner.selection import RunTasks, runs_in_reach
from tui_flow.records import Dag, DagRun
from tui_flow.spec import DagSpec, Json
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer


@dataclass(frozen=True, slots=True)
class Plan:
    """What a verb would do. The answer is the same for a preview and for the deed."""

    answer: Json
    decisions: Sequence[Decision] = ()
    write: Callable[[Writer], Mapping[str, Json] | None] | None = None
    """What is not a decision; done first, in the same transaction. What it gives is added to the answer."""
    subject: Mapping[str, str | None] = field(default_factory=dict)
    """dag_id, run_id, task_id for the audit trail."""
    before: Json = None
    """What was there, for the audit trail."""


def find_dag(reads: Reads, dag_id: str) -> Dag:
    dag = reads.dag(dag_id)
    if dag is None:
        raise DagNotFound(dag_id, reads.dag_ids(), len(reads.import_errors()))
    return dag


def find_run(reads: Reads, dag_id: str, run_id: str | None) -> DagRun:
    """The named run, or the newest. Raises DagNotFound or RunNotFound."""
    find_dag(reads, dag_id)
    run = reads.run(dag_id, run_id)
    if run is None:
        raise RunNotFound(dag_id, run_id or "latest", reads.run_ids(dag_id))
    return run


def chosen_runs(
    reads: Reads,
    dag_id: str,
    run_id: str | None = None,
    run_ids: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    past: bool = False,
    future: bool = False,
) -> list[DagRun]:
    """The runs that are named, or the newest; by a span of dates; with all earlier or later ones."""
    start, end = read_date(since, "start"), read_date(until, "end")
    if run_ids is not None and run_id is not None:
        raise BadInput("name runs either one by one or as a list, not both")
    names: list[str | None] = [*run_ids] if run_ids else [run_id]
    if start is not None or end is not None:
        if names != [None]:
            raise BadInput("name either a run or a span of dates, not both")
        runs = reads.runs_between(dag_id, start, end)
        if not runs:
            raise NotPossible(
                f"DAG {dag_id!r} has no runs with a logical date in that span; `tuiflow runs list {dag_id}`"
            )
        return runs
    others = reads.runs_between(dag_id, None, None) if past or future else []
    found: dict[int, DagRun] = {}
    for name in names:
        run = find_run(reads, dag_id, name)
        found |= {each.id: each for each in runs_in_reach(run, others, past=past, future=future)}
    return sorted(found.values(), key=lambda each: (each.logical_date or each.run_after, each.id))


def check_run_type(spec: DagSpec, run_type: str) -> None:
    """Raises NotPossible for a run of a type that the DAG's author does not allow."""
    if not spec.may_have(run_type):
        raise NotPossible(
            f"DAG {spec.dag_id!r} has no {run_type} runs: "
            f"its file says allowed_run_types={list(spec.allowed_run_types)}"
        )


def view_of(reads: Reads, run: DagRun) -> RunTasks:
    active = {attempt.key: attempt.id for attempt in reads.active_attempts(run.id)}
    return RunTasks(run, tuple(reads.task_instances(run.id)), active)


def read_date(text: str | None, name: str) -> datetime | None:
    """ISO 8601 with its zone, as UTC."""
    if text is None:
        return None
    try:
        date = datetime.fromisoformat(text)
    except ValueError as err:
        raise BadInput(f"{name} {text!r} is not a date; write it like 2026-01-31T00:00:00+00:00") from err
    if date.tzinfo is None:
        raise BadInput(f"{name} {text!r} has no zone; add one, like {text}+00:00")
    try:
        return date.astimezone(UTC)
    except OverflowError as err:
        raise BadInput(f"{name} {text!r} is out of range") from err


def changes_of(decisions: Iterable[Decision], views: Iterable[RunTasks]) -> dict[str, Json]:
    """Decisions about runs and their task instances, in words that a preview and an answer can show."""
    run_ids = {view.run.id: view.run.run_id for view in views}
    states = {ti.key: ti.state for view in views for ti in view.tis}
    tasks: list[Json] = []
    runs: list[Json] = []
    for decision in decisions:
        match decision:
            case MoveRun():
                new_run = SETTLED_ENDS.get(decision.reason or "", decision.new)
                runs.append({"run_id": run_ids[decision.run], "old": decision.old, "new": new_run})
            case MoveTask() | KillAttempt() | ResumeTask():
                kills = isinstance(decision, KillAttempt)
                key = decision.key
                change = {"run_id": run_ids[key.run], "task_id": key.task_id, "map_index": key.map_index}
                new = decision.after if isinstance(decision, KillAttempt) else decision.new
                tasks.append(change | {"old": states[key], "new": new, "kills": kills})
            case _:
                raise TypeError(f"{decision} changes no run")
    return {"tasks": tasks, "runs": runs}

"""Verbs on DAG runs: trigger, mark, cancel, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_flow.actions.conf import check_conf
from tui_flow.actions.plan import Plan, changes_of, check_run_type, chosen_runs, find_dag, find_run, read_date, view_of
from tui_flow.errors import BadInput, NotPossible, RunAlreadyExists
from tui_flow.planner.clear import plan_clear
from tui_flow.planner.decisions import CreateRun
from tui_flow.planner.mark import plan_mark_run
from tui_flow.planner.runs import manual_run
from tui_flow.records import Dag, DagRun
from tui_flow.spec import DagSpec, Json
from tui_flow.state import FINISHED_RUN, RunState, RunType
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

_ASKED_FOR = frozenset({RunType.MANUAL, RunType.OPERATOR_TRIGGERED})


def trigger(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    run_id: str | None = None,
    logical_date: str | None = None,
    conf: Mapping[str, Json] | None = None,
    note: str | None = None,
    triggered_by: str = "",
    run_type: str = RunType.MANUAL,
    reset: bool = False,
    last_good: bool = False,
) -> Plan:
    """Queue a run; its logical date is now unless one is given.

    `reset`: where the run id or logical date is taken, clear that run instead. `last_good`: although the file has an
    import error, with its last good version; a run that a task asks for never minds.
    Answer: dag_id, run_id, logical_date, run_after, conf, is_paused, is_new.
    """
    dag = find_dag(reads, dag_id)
    _check_can_run(dag, run_type, last_good)
    spec = reads.spec(dag_id, dag.spec_version)
    check_run_type(spec, run_type)
    check_conf(spec, conf or {})
    date = read_date(logical_date, "logical date")
    asked = _Asked(RunType(run_type), run_id, date, conf or {}, triggered_by, note)
    decision, taken = _new_run(reads, dag, spec, asked, now)
    if taken is None:
        return Plan(_described(decision, dag), [decision], subject={"dag_id": dag_id, "run_id": decision.run_id})
    if not reset:
        raise RunAlreadyExists(dag_id, taken.run_id)
    views = [view_of(reads, taken)]
    cleared = plan_clear(spec, views, spec.by_id, spec_version=dag.spec_version, source_version=dag.source_version)
    answer = _described(decision, dag) | {"run_id": taken.run_id, "conf": dict(taken.conf), "is_new": False}
    return Plan(answer, cleared, subject={"dag_id": dag_id, "run_id": taken.run_id})


def mark_run(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    state: str,
    run_id: str | None = None,
    run_ids: list[str] | None = None,
    note: str | None = None,
) -> Plan:
    """End runs (the newest where none is named) as success or failed, whatever their tasks do, and give them a note.

    Answer: the changed tasks and runs.
    """
    if state not in FINISHED_RUN:
        raise BadInput(f"runs can be marked {RunState.SUCCESS} or {RunState.FAILED}, not {state!r}")
    views = [view_of(reads, run) for run in chosen_runs(reads, dag_id, run_id, run_ids)]
    decisions = [
        decision
        for view in views
        for decision in plan_mark_run(reads.spec(dag_id, view.run.spec_version), view, RunState(state))
    ]

    def write(writer: Writer) -> None:
        for view in views:
            writer.set_note(view.run.id, note)

    subject = {"dag_id": dag_id, "run_id": views[0].run.run_id if len(views) == 1 else None}
    return Plan(changes_of(decisions, views), decisions, write=None if note is None else write, subject=subject)


def note_run(reads: Reads, now: datetime, *, dag_id: str, note: str, run_id: str | None = None) -> Plan:
    """Give a run a note in place of the one that it has; an empty one takes it away."""
    run = find_run(reads, dag_id, run_id)

    def write(writer: Writer) -> None:
        writer.set_note(run.id, note or None)

    answer = {"dag_id": dag_id, "run_id": run.run_id, "note": note or None}
    return Plan(answer, write=write, subject={"dag_id": dag_id, "run_id": run.run_id}, before=run.note)


def cancel_run(reads: Reads, now: datetime, *, dag_id: str, run_id: str | None = None) -> Plan:
    """Stop a run that has not finished: what runs is killed, what has not started is skipped, the run fails."""
    run = find_run(reads, dag_id, run_id)
    if run.state in FINISHED_RUN:
        raise NotPossible(f"run {run.run_id!r} of DAG {dag_id!r} has ended already: it is {run.state}")
    return mark_run(reads, now, dag_id=dag_id, run_id=run.run_id, state=RunState.FAILED)


def delete_run(reads: Reads, now: datetime, *, dag_id: str, run_id: str) -> Plan:
    """Remove a run and its history. Raises NotPossible while something of it is alive."""
    run = find_run(reads, dag_id, run_id)
    alive = reads.active_attempts(run.id)
    if alive:
        raise NotPossible(
            f"run {run_id!r} of DAG {dag_id!r} has {len(alive)} running tasks; `tuiflow runs cancel {dag_id} {run_id}` "
            "ends them first"
        )
    return Plan(
        {"dag_id": dag_id, "run_id": run_id, "state": run.state},
        write=lambda writer: _delete(writer, run.id),
        subject={"dag_id": dag_id, "run_id": run_id},
    )


def _check_can_run(dag: Dag, run_type: str, last_good: bool) -> None:
    if run_type not in _ASKED_FOR:
        raise BadInput(f"runs of type {run_type!r} are not triggered")
    if dag.is_missing:
        raise NotPossible(f"DAG {dag.dag_id!r} is gone from {dag.file}; put the file back to run it")
    if dag.import_error and run_type == RunType.MANUAL and not last_good:
        raise NotPossible(
            f"{dag.file} has an import error, so DAG {dag.dag_id!r} would run its last good version; mend the file "
            "(`tuiflow dags import-errors`) or ask for that with --last-good"
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    run_type: RunType
    run_id: str | None
    logical_date: datetime | None
    conf: Mapping[str, Json]
    triggered_by: str
    note: str | None


def _new_run(reads: Reads, dag: Dag, spec: DagSpec, asked: _Asked, now: datetime) -> tuple[CreateRun, DagRun | None]:
    """The run, and the one that has its run id or logical date already; where neither was named the next free one."""
    while True:
        decision = manual_run(
            dag,
            spec,
            now,
            run_type=asked.run_type,
            run_id=asked.run_id,
            logical_date=asked.logical_date,
            conf=asked.conf,
            triggered_by=asked.triggered_by,
            note=asked.note,
        )
        taken = _taken(reads, decision)
        if taken is None or asked.run_id is not None or asked.logical_date is not None:
            return decision, taken
        now += timedelta(microseconds=1)


def _taken(reads: Reads, decision: CreateRun) -> DagRun | None:
    date = decision.logical_date
    return reads.run(decision.dag_id, decision.run_id) or (reads.run_at(decision.dag_id, date) if date else None)


def _described(decision: CreateRun, dag: Dag) -> dict[str, Json]:
    date = decision.logical_date
    return {
        "dag_id": decision.dag_id,
        "run_id": decision.run_id,
        "logical_date": date.isoformat() if date else None,
        "run_after": decision.run_after.isoformat(),
        "conf": dict(decision.conf),
        "is_paused": dag.is_paused,
        "is_new": True,
    }


def _delete(writer: Writer, run: int) -> None:
    writer.delete_run(run)

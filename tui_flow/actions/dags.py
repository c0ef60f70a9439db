"""Verbs on DAGs and their files: pause, delete, reparse."""

from __future__ import annotations

import re
from datetime import datetime

from tui_flow.actions.plan import Plan, find_dag
from tui_flow.errors import BadInput, NotFound, NotPossible, did_you_mean
from tui_flow.planner.decisions import PauseDag
from tui_flow.planner.runs import owed_runs
from tui_flow.records import Dag
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

MOST_DUE = 1000
"""So many slots that have passed are counted."""


def pause_dag(reads: Reads, now: datetime, *, dag_id: str, is_paused: bool, is_regex: bool = False) -> Plan:
    """Pause DAGs, or let them be scheduled again. `is_regex`: all whose id the pattern matches as a whole.

    Answer: the ids that it means, those that change and, of DAGs that become active, how many slots are due then.
    """
    if is_regex:
        try:
            matches = re.compile(dag_id).fullmatch
        except re.error as err:
            raise BadInput(f"{dag_id!r} is not a regular expression: {err}") from err
        dags = [dag for dag in reads.dags() if matches(dag.dag_id)]
        if not dags:
            raise NotFound(f"no DAG id matches {dag_id!r}; `tuiflow dags list` shows what is there")
    else:
        dags = [find_dag(reads, dag_id)]
    subject = {"dag_id": None if is_regex else dag_id}
    changed = [dag.dag_id for dag in dags if dag.is_paused != is_paused]
    due = {} if is_paused else {dag.dag_id: _due(reads, dag, now) for dag in dags if dag.is_paused}
    answer = {"dag_ids": [dag.dag_id for dag in dags], "changed": changed, "is_paused": is_paused, "due": due}
    return Plan(answer, [PauseDag(changed_id, is_paused) for changed_id in changed], subject=subject)


def slots_due(number: int) -> str:
    """What becomes of slots that have passed, where a DAG is let go on; empty: there are none."""
    if number == 0:
        return ""
    if number == 1:
        return "1 slot that passed becomes a run now"
    return f"{number:,} slots {'or more ' if number == MOST_DUE else ''}that passed become runs now"


def _due(reads: Reads, dag: Dag, now: datetime) -> int:
    if dag.is_missing:
        return 0
    return owed_runs(dag, reads.spec(dag.dag_id, dag.spec_version), now, MOST_DUE, reads.planned_runs(dag.dag_id))


def delete_dag(reads: Reads, now: datetime, *, dag_id: str) -> Plan:
    """Remove a DAG and its whole history; a file that still defines it brings it back, without history.

    Raises NotPossible while something of it is alive.
    """
    dag = find_dag(reads, dag_id)
    alive = [run.run_id for run in reads.unfinished_runs(dag_id) if reads.active_attempts(run.id)]
    if alive:
        raise NotPossible(
            f"DAG {dag_id!r} has running tasks in {', '.join(alive)}; "
            f"`tuiflow runs cancel {dag_id} {alive[0]}` ends them"
        )

    answer = {"dag_id": dag_id, "file": None if dag.is_missing else dag.file}
    return Plan(answer, write=lambda writer: _delete(writer, dag_id), subject={"dag_id": dag_id})


def _delete(writer: Writer, dag_id: str) -> None:
    writer.delete_dag(dag_id)


def reparse(reads: Reads, now: datetime, *, file: str | None = None) -> Plan:
    """Have a DAG file, or all of them, parsed again. Answer: the files; whoever schedules parses them."""
    known = [each.path for each in reads.files()]
    if file is not None and file not in known:
        raise NotFound(f"no DAG file {file!r}{did_you_mean(file, known)}; `tuiflow dags list` shows the files")
    return Plan({"files": known if file is None else [file]})

"""From the database onto the board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tui_flow.planner.board import Board
from tui_flow.planner.past import needs_past, passes_over_manual
from tui_flow.records import DagRun, TaskAttempt, TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import RunState


class RunReads(Protocol):
    """What is read of the database here."""

    def run_by_id(self, run: int) -> DagRun | None: ...

    def active_attempts(self, run: int | None = None) -> list[TaskAttempt]: ...

    def task_instances(self, run: int) -> list[TaskInstance]: ...

    def previous_run(self, run: DagRun, catchup: bool) -> DagRun | None: ...

    def spec(self, dag_id: str, version: str) -> DagSpec: ...


def put_on_board(board: Board, reads: RunReads, run_id: int, allows: Callable[[DagRun], bool]) -> None:
    """The run as the database has it; one that has ended, is gone or is not ours leaves the board."""
    run = reads.run_by_id(run_id)
    attempts = reads.active_attempts(run_id) if run else []
    if run is None or not allows(run) or (run.state is not RunState.RUNNING and not attempts):
        board.drop_run(run_id)
        return
    spec = reads.spec(run.dag_id, run.spec_version)
    previous = reads.previous_run(run, passes_over_manual(spec)) if needs_past(spec) else None
    past = reads.task_instances(previous.id) if previous else ()
    board.add_run(run, spec, reads.task_instances(run_id), past, previous=previous, attempts=attempts)

"""Reads of the grid and the run's page: what their viewports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from tui_flow.records import DagRun
from tui_flow.state import FAILED_TASK, TaskState
from tui_flow.store import rows
from tui_flow.store.read_base import ReadBase, marks


class GridReads(ReadBase):
    def run_numbers(self, dag_id: str) -> list[int]:
        """The numbers of all runs of a DAG, the oldest first; from an index alone."""
        sql = "SELECT id FROM dag_run WHERE dag_id = ? ORDER BY run_after, id"
        return [number for (number,) in self._all(sql, (dag_id,))]

    def runs_by_number(self, numbers: Collection[int]) -> dict[int, DagRun]:
        sql = f"SELECT {rows.RUN} FROM dag_run WHERE id IN ({marks(len(numbers))})"
        return {run.id: run for run in map(rows.dag_run, self._all(sql, tuple(numbers)))}

    def failed_task_ids(self, numbers: Sequence[int]) -> set[str]:
        """Tasks that failed, or could not run for that, in any of these runs."""
        states = sorted(FAILED_TASK)
        sql = f"SELECT DISTINCT task_id FROM task_instance WHERE run = ? AND state IN ({marks(len(states))})"
        return {task_id for number in numbers for (task_id,) in self._all(sql, (number, *states))}

    def grid_cells(
        self, numbers: Sequence[int], task_ids: Collection[str]
    ) -> dict[tuple[int, str], Counter[TaskState]]:
        """Task instances by state, by run and task id: for each run of a page and each task of it."""
        found: dict[tuple[int, str], Counter[TaskState]] = {}
        sql = f"""SELECT run, task_id, state, count(*) FROM task_instance
            WHERE run = ? AND task_id IN ({marks(len(task_ids))}) GROUP BY task_id, state"""
        for number in numbers:
            for run, task_id, state, count in self._all(sql, (number, *task_ids)):
                found.setdefault((run, task_id), Counter())[TaskState(state)] = count
        return found

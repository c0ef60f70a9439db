"""Reads of the grid and the run's page: what their viewports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from tui_flow.records import DagRun, TaskInstance
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
        alone: dict[tuple[str, int], Counter[TaskState]] = {}  # most cells are equal, and making one costs
        sql = f"""SELECT run, task_id, state, count(*) FROM task_instance
            WHERE run = ? AND task_id IN ({marks(len(task_ids))}) GROUP BY task_id, state"""
        for number in numbers:
            for run, task_id, state, count in self._all(sql, (number, *task_ids)):
                only = alone.get((state, count))
                if only is None:
                    only = alone[state, count] = Counter({TaskState(state): count})
                before = found.get((run, task_id))
                found[run, task_id] = only if before is None else before + only
        return found

    def first_instance(self, run: int, task_id: str, state: TaskState) -> TaskInstance | None:
        """The first of a task's instances in this state."""
        sql = f"""SELECT {rows.TASK} FROM task_instance WHERE run = ? AND task_id = ? AND state = ?
            ORDER BY map_index LIMIT 1"""
        row = self._one(sql, (run, task_id, state))
        return rows.task_instance(row) if row else None

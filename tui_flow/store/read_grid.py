"""Reads of the grid and the run's page: what their viewports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from tui_flow.records import DagRun, TaskInstance
from tui_flow.state import FAILED_TASK, FINISHED_TASK, TaskState
from tui_flow.store import rows
from tui_flow.store.connect import Row
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

    def telling_instances(self, run: int, most: int) -> list[TaskInstance]:
        """Of each task of a run at most so many instances: those that failed first, then those that have not ended;
        and whichever started first and ended last."""
        sql = "SELECT task_id, count(*) FROM task_instance WHERE run = ? GROUP BY task_id"
        counts = {str(task_id): count for task_id, count in self._all(sql, (run,))}
        few = [task_id for task_id, count in counts.items() if count <= most]
        sql = f"SELECT {rows.TASK} FROM task_instance WHERE run = ? AND task_id IN ({marks(len(few))})"
        found = self._all(sql, (run, *few))
        for task_id in counts.keys() - set(few):
            found += self._telling(run, task_id, most)
        return sorted(map(rows.task_instance, found), key=lambda ti: (ti.task_id, ti.map_index))

    def _telling(self, run: int, task_id: str, most: int) -> set[Row]:
        """Rows of one task with many instances."""
        failed = ", ".join(repr(str(state)) for state in sorted(FAILED_TASK))
        ended = ", ".join(repr(str(state)) for state in sorted(FINISHED_TASK))
        orders = (
            (f"state NOT IN ({failed}), state IN ({ended}), map_index", most),
            ("started_at IS NULL, started_at", 1),
            ("ended_at DESC", 1),
        )
        sql = f"SELECT {rows.TASK} FROM task_instance WHERE run = ? AND task_id = ?"
        return {
            row
            for order, limit in orders
            for row in self._all(f"{sql} ORDER BY {order} LIMIT ?", (run, task_id, limit))
        }

    def first_instance(self, run: int, task_id: str, state: TaskState) -> TaskInstance | None:
        """The first of a task's instances in this state."""
        sql = f"""SELECT {rows.TASK} FROM task_instance WHERE run = ? AND task_id = ? AND state = ?
            ORDER BY map_index LIMIT 1"""
        row = self._one(sql, (run, task_id, state))
        return rows.task_instance(row) if row else None

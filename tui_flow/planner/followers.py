"""Runs on the board that wait for an earlier run of their DAG: depends_on_past and wait_for_downstream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tui_flow.planner.cells import BoardRun, Cell
from tui_flow.planner.past import past_states
from tui_flow.planner.shape import TaskShape
from tui_flow.records import TaskInstance, TaskInstanceKey


class Followers:
    """Knows of each run on the board which runs have it as their previous one, and tells them how its tasks end."""

    def __init__(self, runs: Mapping[int, BoardRun], look_at: Callable[[Cell], None]) -> None:
        self._runs = runs
        self._look_at = look_at
        self._of: dict[int, set[int]] = {}

    def of(self, run_id: int) -> tuple[int, ...]:
        return tuple(sorted(self._of.get(run_id, ())))

    def link(self, run: BoardRun, past: Iterable[TaskInstance]) -> None:
        """`past`: all task instances of its previous run; what the board has of that run is newer."""
        run_id = run.run.id
        if run.previous is not None:
            self._of.setdefault(run.previous.id, set()).add(run_id)
            run.past = past_states(past)
            if previous := self._runs.get(run.previous.id):
                self._copy_past(run, previous)
        for follower_id in self._of.get(run_id, ()):
            self._copy_past(self._runs[follower_id], run)

    def unlink(self, run: BoardRun) -> None:
        if run.previous is not None:
            waiting = self._of[run.previous.id]
            waiting.discard(run.run.id)
            if not waiting:
                del self._of[run.previous.id]

    def tell_end(self, cell: Cell) -> None:
        """The task instance has ended."""
        for run_id in self._of.get(cell.run.run.id, ()):
            self._tell(self._runs[run_id], cell)

    def tell_expansion(self, run: BoardRun, task: TaskShape, cells: Iterable[Cell]) -> None:
        """These are the task's instances now: the followers forget the one that stood for all."""
        for follower_id in self._of.get(run.run.id, ()):
            follower = self._runs[follower_id]
            follower.past[task.spec.task_id] = {cell.key.map_index: cell.state for cell in cells}
            for watcher_id in task.past_watchers:
                self._look_at_all(follower, watcher_id)

    def _copy_past(self, run: BoardRun, previous: BoardRun) -> None:
        for cell in previous.by_key.values():
            if cell.task.past_watchers:
                self._tell(run, cell)

    def _tell(self, follower: BoardRun, cell: Cell) -> None:
        """Another task than the one that has ended waits for all its instances, itself index by index."""
        task_id, index = cell.key.task_id, cell.key.map_index
        follower.past.setdefault(task_id, {})[index] = cell.state
        for watcher_id in cell.task.past_watchers:
            same = follower.by_key.get(TaskInstanceKey(follower.run.id, task_id, index))
            if watcher_id == task_id and index >= 0 and same is not None:
                self._look_at(same)
            else:
                self._look_at_all(follower, watcher_id)

    def _look_at_all(self, follower: BoardRun, task_id: str) -> None:
        for cell in follower.cells.get(task_id, ()):
            self._look_at(cell)

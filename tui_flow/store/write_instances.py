"""Writes of which task instances a run has: when it is made, when a mapped task expands, when the DAG is another."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tui_flow.mapping import first_indexes
from tui_flow.planner.decisions import ExpandTask
from tui_flow.spec import DagSpec
from tui_flow.state import OCCUPIED_TASK
from tui_flow.store.schema import in_list
from tui_flow.store.write_base import WriteBase

_ADD = """INSERT OR IGNORE INTO task_instance (run, task_id, map_index, state, max_tries)
    VALUES (?, ?, ?, 'none', ?)"""
_ADD_OR_RESTORE = """INSERT INTO task_instance (run, task_id, map_index, state, max_tries)
    SELECT ?, ?, value, 'none', ? FROM json_each(?) WHERE true
    ON CONFLICT DO UPDATE SET state = 'none', max_tries = try_number + excluded.max_tries, queued_at = NULL,
        started_at = NULL, ended_at = NULL, due_at = NULL, first_started_at = NULL, poke_count = 0, skips = NULL,
        after_kill = NULL, reason = NULL, resume = NULL, map_length = NULL, rendered_map_index = NULL
    WHERE state = 'removed'"""
_FORGET = "DELETE FROM task_instance WHERE run = ? AND task_id = ? AND map_index = -1 AND state = 'none'"
_REMOVE = """UPDATE task_instance SET state = 'removed', reason = 'the task maps over fewer elements now'
    WHERE run = ? AND task_id = ? AND map_index = ? AND state = 'none'"""
_RESTORE = (
    "UPDATE task_instance SET state = 'none' WHERE run = ? AND task_id = ? AND map_index = ? AND state = 'removed'"
)
_WITHDRAW = f"""UPDATE task_instance SET state = 'removed', reason = 'the task is mapped in another way now'
    WHERE run = ? AND task_id = ? AND map_index {{}} AND state != 'removed' AND NOT {in_list("state", OCCUPIED_TASK)}"""


class InstanceWrites(WriteBase):
    def expand_task(self, decision: ExpandTask) -> bool:
        """False where the task instances are not those that it was decided on; then some of it may have been done."""
        run, task_id = decision.run, decision.task_id
        with self.transaction() as connection:
            removed = sum(self._remove(run, task_id, index) for index in decision.removed)
            wanted = json.dumps(decision.added)
            added = connection.execute(_ADD_OR_RESTORE, (run, task_id, decision.retries, wanted)).rowcount
        return (added, removed) == (len(decision.added), len(decision.removed))

    def _remove(self, run: int, task_id: str, index: int) -> int:
        """What has never begun under index -1 is deleted: it stood for instances that are there now."""
        forgotten = self.change(f"{_FORGET} AND try_number = 0", (run, task_id)) if index < 0 else 0
        return forgotten or self.change(_REMOVE, (run, task_id, index))

    def add_tasks(self, run: int, spec: DagSpec) -> None:
        """The task instances of a run that is made."""
        indexes = first_indexes(spec)
        rows = ((run, task.task_id, index, task.retries) for task in spec.tasks for index in indexes[task.task_id])
        with self.transaction() as connection:
            connection.executemany(_ADD, rows)

    def follow_spec(self, run: int, spec: DagSpec) -> None:
        """The run goes on with another version: tasks that were removed are back, those that are new get instances."""
        found: dict[str, list[int]] = {}
        for ti in self.reads.task_instances(run):
            found.setdefault(ti.task_id, []).append(ti.map_index)
        literal = first_indexes(spec)
        with self.transaction() as connection:
            for task in spec.tasks:
                there = found.get(task.task_id, [])
                wanted = self._wanted(task.task_id in spec.levels, literal[task.task_id], there)
                if any((index < 0) != (wanted[0] < 0) for index in there):
                    connection.execute(_WITHDRAW.format(">= 0" if wanted[0] < 0 else "< 0"), (run, task.task_id))
                connection.executemany(_RESTORE, [(run, task.task_id, index) for index in wanted])
                connection.executemany(_ADD, [(run, task.task_id, index, task.retries) for index in wanted])

    def _wanted(self, is_mapped: bool, literal: range, there: Iterable[int]) -> list[int]:
        """A task that maps over a result keeps the instances that it has; their number is looked at when it has run."""
        expanded = [index for index in there if index >= 0]
        if is_mapped and literal[0] < 0 and expanded:
            return expanded
        return list(literal)

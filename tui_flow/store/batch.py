"""The task instances that one transaction changes: each is loaded once, moved in memory, written once.

Theory of operation. Several decisions of a list often concern the same task instance (scheduled, then launched;
started, then finished). `moves` compares each with what the ones before it made; the writer's lock makes that the same
as comparing in the database. `flush` writes ended attempts before new ones, so that the index that allows one active
attempt per task instance holds at every statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

from tui_flow.planner.decisions import FinishAttempt, KillAttempt, LaunchAttempt, MoveTask, ResumeTask, StartAttempt
from tui_flow.records import TaskAttempt, TaskInstanceKey
from tui_flow.state import ACTIVE_ATTEMPT, TaskState
from tui_flow.store import moves, rows
from tui_flow.store.schema import ACTIVE_ATTEMPTS

_TASK_COLUMNS = rows.TASK.split(", ")
_ATTEMPT_COLUMNS = rows.ATTEMPT.split(", ")
_LOAD = f"""SELECT {", ".join(f"t.{c}" for c in _TASK_COLUMNS)}, {", ".join(f"a.{c}" for c in _ATTEMPT_COLUMNS)}
    FROM task_instance t LEFT JOIN task_attempt a
    ON a.run = t.run AND a.task_id = t.task_id AND a.map_index = t.map_index AND a.{ACTIVE_ATTEMPTS}
    WHERE t.run = ? AND t.task_id = ? AND t.map_index = ?"""
_WRITE_TASK = f"""UPDATE task_instance SET {", ".join(f"{column} = ?" for column in _TASK_COLUMNS[3:])}
    WHERE run = ? AND task_id = ? AND map_index = ?"""
_CHANGING = _ATTEMPT_COLUMNS[5:]
_WRITE_ATTEMPT = f"UPDATE task_attempt SET {', '.join(f'{column} = ?' for column in _CHANGING)} WHERE id = ?"
_ADD_ATTEMPT = f"""INSERT INTO task_attempt ({", ".join(_ATTEMPT_COLUMNS[1:])})
    VALUES ({", ".join("?" * (len(_ATTEMPT_COLUMNS) - 1))})"""
_TAKE_DEFAULTS = """UPDATE input_request SET responded_at = ?, chosen_options = defaults,
    params_input = (SELECT json_group_object(key, json_extract(value, '$.default')) FROM json_each(params))
    WHERE run = ? AND task_id = ? AND map_index = ? AND responded_at IS NULL AND defaults IS NOT NULL"""
"""Nobody has answered in time."""
_HIDE_XCOMS = "DELETE FROM xcom WHERE run = ? AND task_id = ? AND map_index = ?"


class Batch:
    """Moves task instances inside the caller's open transaction. Each method says whether the decision took effect."""

    def __init__(self, connection: sqlite3.Connection, now: datetime, boot_id: str) -> None:
        self.launched: list[tuple[LaunchAttempt, int]] = []
        """Filled by `flush`, in the order of the decisions."""
        self._connection = connection
        self._now = now
        self._boot_id = boot_id
        self._held: dict[TaskInstanceKey, moves.Pair] = {}
        self._moved: dict[TaskInstanceKey, None] = {}
        self._changed_attempts: dict[int, TaskAttempt] = {}
        self._launches: list[tuple[LaunchAttempt, TaskAttempt]] = []

    def move(self, decision: MoveTask) -> bool:
        taken = self._take(decision.key, lambda pair: moves.move_task(pair, decision, self._now))
        if taken and decision.new is TaskState.NONE and decision.try_number > 0:
            self._connection.execute(_HIDE_XCOMS, decision.key)
        return taken

    def resume(self, decision: ResumeTask, push: Callable[[TaskInstanceKey, str, str], None]) -> bool:
        taken = self._take(decision.key, lambda pair: moves.resume(pair, decision, self._now))
        for name, value in decision.xcoms if taken else ():
            push(decision.key, name, value)
        if taken and decision.old is TaskState.AWAITING_INPUT and decision.wait_id is None:
            self._connection.execute(_TAKE_DEFAULTS, (rows.micros(self._now), *decision.key))
        return taken

    def launch(self, decision: LaunchAttempt) -> bool:
        taken = self._take(decision.key, lambda pair: moves.launch(pair, decision, self._now, self._boot_id))
        if taken:
            attempt = self._held[decision.key][1]
            assert attempt is not None
            self._launches.append((decision, attempt))
            if 0 < decision.old_try_number < decision.try_number:
                self._connection.execute(_HIDE_XCOMS, decision.key)
        return taken

    def start(self, decision: StartAttempt) -> bool:
        return self._take(decision.key, lambda pair: moves.start(pair, decision))

    def kill(self, decision: KillAttempt) -> bool:
        return self._take(decision.key, lambda pair: moves.kill(pair, decision))

    def finish(self, decision: FinishAttempt, write_effects: Callable[[FinishAttempt], None]) -> bool:
        """`write_effects` is called only when the decision takes effect."""
        taken = self._take(decision.key, lambda pair: moves.finish(pair, decision))
        if taken:
            write_effects(decision)
            if decision.new is TaskState.NONE:
                self._connection.execute(_HIDE_XCOMS, decision.key)
        return taken

    def flush(self) -> None:
        """Write what was moved, and forget it."""
        execute = self._connection.execute
        ended = [(*rows.attempt_values(attempt)[4:], id) for id, attempt in self._changed_attempts.items()]
        self._connection.executemany(_WRITE_ATTEMPT, ended)
        for decision, attempt in self._launches:
            attempt_id = execute(_ADD_ATTEMPT, rows.attempt_values(attempt)).lastrowid
            assert attempt_id is not None
            self.launched.append((decision, attempt_id))
        moved = [rows.task_values(self._held[key][0]) for key in self._moved]
        self._connection.executemany(_WRITE_TASK, [(*values[3:], *values[:3]) for values in moved])
        for done in (self._held, self._moved, self._changed_attempts, self._launches):
            done.clear()

    def _take(self, key: TaskInstanceKey, change: Callable[[moves.Pair], moves.Pair | None]) -> bool:
        before = self._held.get(key) or self._load(key)
        after = None if before is None else change(before)
        if after is None:
            return False
        ti, attempt = after
        self._moved[key] = None
        if attempt is not None and attempt.id:
            self._changed_attempts[attempt.id] = attempt
        self._held[key] = (ti, attempt if attempt is not None and attempt.state in ACTIVE_ATTEMPT else None)
        return True

    def _load(self, key: TaskInstanceKey) -> moves.Pair | None:
        row = self._connection.execute(_LOAD, key).fetchone()
        if row is None:
            return None
        split = len(_TASK_COLUMNS)
        attempt = rows.task_attempt(row[split:]) if row[split] is not None else None
        pair = self._held[key] = (rows.task_instance(row[:split]), attempt)
        return pair

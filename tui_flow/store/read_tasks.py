"""Reads of task instances, attempts, XComs and what holds pool slots."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from tui_flow.records import PoolUse, TaskAttempt, TaskInstance, TaskInstanceKey, XCom
from tui_flow.spec import TaskSpec
from tui_flow.state import TaskState
from tui_flow.store import rows
from tui_flow.store.read_base import ReadBase, marks
from tui_flow.store.schema import ACTIVE_ATTEMPTS, LIVE_TASKS

_XComKey = tuple[int, str, int, str]
_KEY = "run = ? AND task_id = ? AND map_index = ?"
_INSTANCES = "run = ? AND task_id = ? AND map_index >= ? AND map_index < ? AND key = ?"


class TaskReads(ReadBase):
    def task_instances(self, run: int, task_ids: Collection[str] | None = None) -> list[TaskInstance]:
        """Of one run, by task id and map index; None: all of them."""
        sql = f"SELECT {rows.TASK} FROM task_instance WHERE run = ?"
        if task_ids is None:
            return [rows.task_instance(row) for row in self._all(f"{sql} ORDER BY task_id, map_index", (run,))]
        found: list[TaskInstance] = []
        for task_id in sorted(task_ids):
            found += map(rows.task_instance, self._all(f"{sql} AND task_id = ? ORDER BY map_index", (run, task_id)))
        return found

    def task_instance(self, key: TaskInstanceKey) -> TaskInstance | None:
        row = self._one(f"SELECT {rows.TASK} FROM task_instance WHERE {_KEY}", key)
        return rows.task_instance(row) if row else None

    def last_ended(self, run: int, state: TaskState) -> TaskInstance | None:
        """The task instance of a run that was the last to end in this state; None when none has."""
        row = self._one(
            f"SELECT {rows.TASK} FROM task_instance WHERE run = ? AND state = ? ORDER BY ended_at DESC LIMIT 1",
            (run, state),
        )
        return rows.task_instance(row) if row else None

    def deferred(self) -> list[TaskInstance]:
        """All that wait for a trigger."""
        found = self._all(f"SELECT {rows.TASK} FROM task_instance WHERE {LIVE_TASKS} AND state = 'deferred'")
        return [rows.task_instance(row) for row in found]

    def attempts(self, key: TaskInstanceKey) -> list[TaskAttempt]:
        """All attempts of a task instance, the oldest first."""
        found = self._all(f"SELECT {rows.ATTEMPT} FROM task_attempt WHERE {_KEY} ORDER BY id", key)
        return [rows.task_attempt(row) for row in found]

    def run_attempts(self, run: int) -> list[TaskAttempt]:
        """All attempts of a run, the oldest first."""
        found = self._all(f"SELECT {rows.ATTEMPT} FROM task_attempt WHERE run = ? ORDER BY id", (run,))
        return [rows.task_attempt(row) for row in found]

    def attempt(self, attempt_id: int) -> TaskAttempt | None:
        row = self._one(f"SELECT {rows.ATTEMPT} FROM task_attempt WHERE id = ?", (attempt_id,))
        return rows.task_attempt(row) if row else None

    def active_attempts(self, run: int | None = None) -> list[TaskAttempt]:
        """Those that are launching or running, of one run or of all, the oldest first."""
        where, values = ("", ()) if run is None else (" AND run = ?", (run,))
        found = self._all(
            f"SELECT {rows.ATTEMPT} FROM task_attempt WHERE {ACTIVE_ATTEMPTS}{where} ORDER BY +id", values
        )
        return [rows.task_attempt(row) for row in found]

    def xcoms(self, run: int, task_ids: Iterable[str] | None = None, map_index: int | None = None) -> list[XCom]:
        """Of one run; of the given tasks, or all; of these tasks' instances with one map index, or all."""
        sql = f"SELECT {rows.XCOM} FROM xcom WHERE run = ?"
        if task_ids is None:
            return [rows.xcom(row) for row in self._all(f"{sql} ORDER BY task_id, map_index, key", (run,))]
        wanted = tuple(task_ids)
        sql, values = f"{sql} AND task_id IN ({marks(len(wanted))})", (run, *wanted)
        if map_index is not None:
            sql, values = f"{sql} AND map_index = ?", (*values, map_index)
        return [rows.xcom(row) for row in self._all(sql, values)] if wanted else []

    def xcom(self, key: TaskInstanceKey, name: str) -> XCom | None:
        row = self._one(f"SELECT {rows.XCOM} FROM xcom WHERE {_KEY} AND key = ?", (*key, name))
        return rows.xcom(row) if row else None

    def spilled_files(self, after: _XComKey, limit: int) -> tuple[set[str], _XComKey | None]:
        """Names of the files that a page of XComs refers to, and the last one's key (None: there are no more)."""
        found = self._all(
            """SELECT run, task_id, map_index, key, CASE WHEN substr(value, 1, 9) = '{"$file":' THEN value END
            FROM xcom WHERE (run, task_id, map_index, key) > (?, ?, ?, ?)
            ORDER BY run, task_id, map_index, key LIMIT ?""",
            (*after, limit),
        )
        names = {str(json.loads(row[4])["$file"]) for row in found if row[4] is not None}
        return names, found[-1][:4] if len(found) == limit else None

    def count_instance_xcoms(self, run: int, task_id: str, key: str, indexes: range) -> int:
        """How many task instances with these map indexes have an XCom of this key."""
        found = self._one(f"SELECT count(*) FROM xcom WHERE {_INSTANCES}", (run, task_id, *_bounds(indexes), key))
        return int(found[0]) if found else 0

    def instance_xcoms(self, run: int, task_id: str, key: str, indexes: range, *, limit: int) -> list[XCom]:
        """The first of them, in the order of their map indexes."""
        sql = f"SELECT {rows.XCOM} FROM xcom WHERE {_INSTANCES} ORDER BY map_index LIMIT ?"
        return [rows.xcom(row) for row in self._all(sql, (run, task_id, *_bounds(indexes), key, limit))]

    def instance_xcom_at(self, run: int, task_id: str, key: str, indexes: range, place: int) -> str | None:
        """The value at a place in that order. Where all task instances up to it have one, that is a single look."""
        likely = TaskInstanceKey(run, task_id, indexes.start + place)
        before = range(indexes.start, indexes.start + place)
        if self.count_instance_xcoms(run, task_id, key, before) == place and (row := self.xcom(likely, key)):
            return row.value
        sql = f"SELECT value FROM xcom WHERE {_INSTANCES} ORDER BY map_index LIMIT 1 OFFSET ?"
        found = self._one(sql, (run, task_id, *_bounds(indexes), key, place))
        return str(found[0]) if found else None

    def task_counts(self, runs: Collection[int]) -> dict[int, Counter[TaskState]]:
        """Task instances by state, for each of a page of runs."""
        sql = f"SELECT run, state, count(*) FROM task_instance WHERE run IN ({marks(len(runs))}) GROUP BY run, state"
        counts: dict[int, Counter[TaskState]] = {run: Counter() for run in runs}
        for run, state, count in self._all(sql, tuple(runs)):
            counts[run][TaskState(state)] = count
        return counts

    def live_counts(self) -> dict[TaskState, int]:
        """Task instances by state, over those that run or wait for something other than their dependencies."""
        found = self._all(f"SELECT state, count(*) FROM task_instance WHERE {LIVE_TASKS} GROUP BY state")
        return {TaskState(state): count for state, count in found}

    def pools(self) -> list[PoolUse]:
        """By name, with the slots that are taken; finished task instances are not looked at."""
        found = self._all(f"SELECT {rows.POOL} FROM pool ORDER BY name")
        use = {row[0]: PoolUse(rows.pool(row)) for row in found}
        for task, state in self._live_tasks():
            if task.pool in use:
                use[task.pool] = _with_taken(use[task.pool], state, task.pool_slots)
        return list(use.values())

    def missing_pools(self) -> dict[str, int]:
        """Pools that tasks name and that do not exist: how many task instances wait for each."""
        known = {name for (name,) in self._all("SELECT name FROM pool")}
        return dict(Counter(task.pool for task, _ in self._live_tasks() if task.pool not in known))

    def _live_tasks(self) -> Iterator[tuple[TaskSpec, TaskState]]:
        """Of the task instances that have not ended, each with what the DAG says of it."""
        sql = f"""SELECT r.dag_id, r.spec_version, t.task_id, t.state
            FROM (SELECT run, task_id, state FROM task_instance WHERE {LIVE_TASKS}) t JOIN dag_run r ON r.id = t.run"""
        for dag_id, version, task_id, state in self._all(sql):
            task = self.spec(dag_id, version).by_id.get(task_id)
            if task is not None:
                yield task, TaskState(state)


def _bounds(indexes: range) -> tuple[int, int]:
    return indexes.start, indexes.stop


def _with_taken(use: PoolUse, state: TaskState, slots: int) -> PoolUse:
    match state:
        case TaskState.RUNNING | TaskState.RESTARTING:
            return replace(use, running=use.running + slots)
        case TaskState.QUEUED:
            return replace(use, queued=use.queued + slots)
        case TaskState.DEFERRED:
            return replace(use, deferred=use.deferred + slots)
        case _:
            return use

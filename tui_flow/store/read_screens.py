"""Reads that the dashboard's pages ask for: each looks at what a screen shows, never at a whole history."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property

from tui_flow.records import Dag, DagRun, TaskAttempt, TaskInstance
from tui_flow.state import FAILED_TASK, FINISHED_TASK, RunState, TaskState
from tui_flow.store import rows
from tui_flow.store.read_base import Kept, ReadBase, marks
from tui_flow.store.schema import LIVE_TASKS

_NEWEST_OF_DAG = "SELECT id FROM dag_run r WHERE r.dag_id = dag.dag_id ORDER BY run_after DESC, id DESC LIMIT ?"
_NOT_WAITING = tuple(sorted({*FINISHED_TASK, TaskState.RUNNING}))
_RUN = ", ".join(f"dag_run.{column}" for column in rows.RUN.split(", "))


class ScreenReads(ReadBase):
    @cached_property
    def _dags_kept(self) -> Kept[Dag]:
        return Kept(rows.dag)

    @cached_property
    def _newest_kept(self) -> Kept[DagRun]:
        return Kept(rows.dag_run)

    def listed_dags(self) -> dict[str, Dag]:
        """All DAGs by dag_id, in its order; cheaper than `dags` where they are read again and again."""
        sql = f"SELECT {rows.DAG} FROM {rows.DAG_TABLES} ORDER BY dag.dag_id"
        return self._dags_kept.records(self._all(sql))

    def newest_runs(self) -> dict[str, DagRun]:
        """The newest run of every DAG that has one, by dag_id."""
        sql = f"SELECT {_RUN} FROM dag JOIN dag_run ON dag_run.id = ({_NEWEST_OF_DAG})"
        return self._newest_kept.records(self._all(sql, (1,)), key=1)

    def histories(self, dag_ids: Collection[str], limit: int) -> dict[str, list[DagRun]]:
        """The newest runs of each of these DAGs, the oldest first; a DAG without runs has an empty list."""
        found: dict[str, list[DagRun]] = {dag_id: [] for dag_id in dag_ids}
        sql = f"""SELECT {_RUN} FROM dag JOIN dag_run ON dag_run.id IN ({_NEWEST_OF_DAG})
            WHERE dag.dag_id IN ({marks(len(found))}) ORDER BY dag_run.run_after, dag_run.id"""
        for row in self._all(sql, (limit, *found)):
            run = rows.dag_run(row)
            found[run.dag_id].append(run)
        return found

    def usual_run_durations(self, dag_ids: Collection[str], limit: int) -> dict[str, list[float]]:
        """How long those of the newest runs of each of these DAGs took that went well, in seconds, the oldest first."""
        found: dict[str, list[float]] = {dag_id: [] for dag_id in dag_ids}
        sql = f"""SELECT dag_run.dag_id, ended_at - started_at FROM dag JOIN dag_run ON dag_run.id IN ({_NEWEST_OF_DAG})
            WHERE dag.dag_id IN ({marks(len(found))}) AND state = 'success' AND ended_at >= started_at
            ORDER BY dag_run.run_after, dag_run.id"""
        for dag_id, micros in self._all(sql, (limit, *found)):
            found[dag_id].append(micros / 1e6)
        return found

    def count_failed_since(self, since: datetime) -> int:
        """Runs that were due since then and failed."""
        sql = "SELECT count(*) FROM dag_run WHERE run_after >= ? AND state = ?"
        return int(self._all(sql, (rows.micros(since), RunState.FAILED))[0][0])

    def failed_tasks(self, run: int, limit: int = 20) -> list[TaskInstance]:
        """The task instances of a run that failed by themselves, then those that could not run for it; the first to
        end first."""
        states = sorted(FAILED_TASK)
        sql = f"""SELECT {rows.TASK} FROM task_instance WHERE run = ? AND state IN ({marks(len(states))})
            ORDER BY state != 'failed', ended_at, task_id, map_index LIMIT ?"""
        return [rows.task_instance(row) for row in self._all(sql, (run, *states, limit))]

    def busiest_task(self, run: int) -> TaskInstance | None:
        """The task instance of a run that runs, else the one that ended last, else None."""
        sql = f"""SELECT {rows.TASK} FROM task_instance WHERE run = ? AND started_at IS NOT NULL
            ORDER BY state = 'running' DESC, coalesce(ended_at, started_at) DESC, task_id, map_index LIMIT 1"""
        row = self._one(sql, (run,))
        return rows.task_instance(row) if row else None

    def waiting_task(self, run: int) -> TaskInstance | None:
        """Of a run's task instances that have neither ended nor run now one that waits for something else than the
        others, else any, else None."""
        sql = f"""SELECT {rows.TASK} FROM task_instance WHERE run = ? AND state NOT IN ({marks(len(_NOT_WAITING))})
            ORDER BY state = 'none', coalesce(queued_at, due_at), task_id, map_index LIMIT 1"""
        row = self._one(sql, (run, *_NOT_WAITING))
        return rows.task_instance(row) if row else None

    def next_tries(self, runs: Collection[int]) -> dict[int, TaskInstance]:
        """Of each of these runs the task instance that is tried again first, where any is."""
        sql = f"""SELECT {rows.TASK} FROM task_instance WHERE run IN ({marks(len(runs))}) AND state = 'up_for_retry'
            ORDER BY due_at DESC, task_id DESC, map_index DESC"""
        found = map(rows.task_instance, self._all(sql, tuple(runs))) if runs else ()
        return {ti.run: ti for ti in found}  # the last of each is the first in time

    def last_attempt(self, ti: TaskInstance) -> TaskAttempt | None:
        sql = f"""SELECT {rows.ATTEMPT} FROM task_attempt WHERE run = ? AND task_id = ? AND map_index = ?
            ORDER BY id DESC LIMIT 1"""
        row = self._one(sql, ti.key)
        return rows.task_attempt(row) if row else None

    def live_tasks(self, limit: int = 1000) -> list[tuple[DagRun, TaskInstance]]:
        """Task instances that run or wait for something other than their dependencies, the longest first."""
        task = ", ".join(f"t.{column}" for column in rows.TASK.split(", "))
        sql = f"""SELECT {task}, {_RUN} FROM (SELECT {rows.TASK} FROM task_instance WHERE {LIVE_TASKS}) t
            JOIN dag_run ON dag_run.id = t.run ORDER BY coalesce(t.started_at, t.queued_at, t.due_at) LIMIT ?"""
        width = len(rows.TASK.split(", "))
        return [(rows.dag_run(row[width:]), rows.task_instance(row[:width])) for row in self._all(sql, (limit,))]

    def ended_runs(self, limit: int) -> list[DagRun]:
        """Of the newest runs those that have ended, the last to end first."""
        sql = f"""SELECT {rows.RUN} FROM dag_run WHERE ended_at IS NOT NULL
            AND id IN (SELECT id FROM dag_run ORDER BY run_after DESC, id DESC LIMIT ?) ORDER BY ended_at DESC"""
        return [rows.dag_run(row) for row in self._all(sql, (limit,))]

    def task_names(self, dag_ids: Sequence[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
        """The newest version of each of these DAGs, and the ids of its tasks."""
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        for start in range(0, len(dag_ids), 500):
            some = dag_ids[start : start + 500]
            sql = f"""SELECT dag.dag_id, dag.spec_version, json_extract(spec, '$.tasks') FROM dag JOIN spec_version s
                ON s.dag_id = dag.dag_id AND s.version = dag.spec_version WHERE dag.dag_id IN ({marks(len(some))})"""
            for dag_id, version, tasks in self._all(sql, tuple(some)):
                found[dag_id] = version, tuple(task["task_id"] for task in json.loads(tasks or "[]"))
        return found

    def usual_durations(self, dag_id: str, task_ids: Sequence[str], runs: int = 20) -> dict[str, list[float]]:
        """How long each task took when it succeeded in the newest runs, in seconds, the newest first."""
        found: dict[str, list[float]] = {task_id: [] for task_id in task_ids}
        sql = f"""SELECT task_id, ended_at - started_at FROM task_instance
            WHERE run IN (SELECT id FROM dag_run WHERE dag_id = ? ORDER BY run_after DESC, id DESC LIMIT ?)
              AND task_id IN ({marks(len(found))}) AND state = 'success' AND started_at IS NOT NULL ORDER BY run DESC"""
        for task_id, micros in self._all(sql, (dag_id, runs, *found)):
            found[task_id].append(micros / 1e6)
        return found

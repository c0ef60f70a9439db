"""Writes of DAG runs and their XComs, schedules and callbacks, in the caller's transaction or one of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tui_flow.planner.decisions import AddCallback, AdvanceSchedule, CreateRun, MissDeadline, MoveRun, PauseDag
from tui_flow.records import TaskInstanceKey
from tui_flow.spec import Json
from tui_flow.state import FINISHED_RUN, RUN_MOVES, CallbackKind, CallbackState, RunState
from tui_flow.store.connect import Row
from tui_flow.store.moves import plain
from tui_flow.store.rows import micros, to_text
from tui_flow.store.write_assets import AssetWrites
from tui_flow.store.write_instances import InstanceWrites

_ADD_RUN = """INSERT INTO dag_run (dag_id, run_id, run_type, state, logical_date, data_interval_start,
        data_interval_end, run_after, queued_at, spec_version, source_version, conf, backfill_id, note, triggered_by)
    VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id"""


class RunWrites(AssetWrites, InstanceWrites):
    def create_run(self, decision: CreateRun, now: datetime) -> int | None:
        """The new run's id; None when its run id or logical date is taken."""
        with self.transaction() as connection:
            values = (
                decision.dag_id,
                decision.run_id,
                decision.run_type,
                micros(decision.logical_date),
                micros(decision.data_interval_start),
                micros(decision.data_interval_end),
                micros(decision.run_after),
                micros(now),
                decision.spec_version,
                decision.source_version,
                to_text(dict(decision.conf)),
                decision.backfill_id,
                plain(decision.note),
                decision.triggered_by,
            )
            found = connection.execute(_ADD_RUN, values).fetchall()
            if not found:
                return None
            run: int = found[0][0]
            self.add_tasks(run, self.reads.spec(decision.dag_id, decision.spec_version))
            if decision.consumes_assets:
                self.consume_assets(decision.dag_id, run)
            return run

    def move_run(self, decision: MoveRun, now: datetime) -> bool:
        """With a `spec_version` its new tasks are added and those that were removed are back."""
        if decision.old is not decision.new and decision.new not in RUN_MOVES[decision.old]:
            raise ValueError(f"run {decision.run}: {decision.old} -> {decision.new} is not a legal move")
        at = micros(now)
        values: Row = ()
        match decision.new:
            case state if state is decision.old:
                moved, values = ", reason = coalesce(?, reason)", (decision.reason,)
            case RunState.QUEUED:
                moved = (
                    ", started_at = NULL, ended_at = NULL, queued_at = ?, clear_number = clear_number + 1, reason = ?"
                )
                values = (at, decision.reason)
            case RunState.RUNNING:
                moved, values = ", started_at = ?, ended_at = NULL, reason = ?", (at, decision.reason)
            case state:
                assert state in FINISHED_RUN
                moved, values = ", ended_at = ?, reason = ?", (at, decision.reason)
        changed = self.change(
            f"""UPDATE dag_run SET state = ?, spec_version = coalesce(?, spec_version),
            source_version = coalesce(?, source_version){moved} WHERE id = ? AND state = ?""",
            (decision.new, decision.spec_version, decision.source_version, *values, decision.run, decision.old),
        )
        if changed and decision.spec_version is not None:
            run = self.reads.run_by_id(decision.run)
            assert run is not None, "it was just changed"
            self.follow_spec(run.id, self.reads.spec(run.dag_id, run.spec_version))
        return changed == 1

    def advance_schedule(self, decision: AdvanceSchedule) -> bool:
        moved = ""
        values: Row = ()
        if decision.last_interval:
            moved = ", last_interval_start = ?, last_interval_end = ?"
            values = (micros(decision.last_interval[0]), micros(decision.last_interval[1]))
        sql = f"UPDATE dag SET next_run_after = ?{moved} WHERE dag_id = ? AND next_run_after IS ?"
        return self.change(sql, (micros(decision.new), *values, decision.dag_id, micros(decision.old))) == 1

    def set_paused(self, decision: PauseDag) -> bool:
        """False when the DAG is unknown, or is so already."""
        sql = "UPDATE dag SET is_paused = ? WHERE dag_id = ? AND is_paused != ?"
        return self.change(sql, (decision.is_paused, decision.dag_id, decision.is_paused)) == 1

    def add_callback(self, decision: AddCallback, now: datetime) -> bool:
        task = (decision.key.task_id, decision.key.map_index) if decision.key else (None, None)
        sql = """INSERT INTO callback (run, task_id, map_index, kind, reason, try_number, error, state, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?)"""
        words = (plain(decision.reason), decision.try_number, plain(decision.error))
        return self.change(sql, (decision.run, *task, decision.kind, *words, micros(now))) == 1

    def miss_deadline(self, decision: MissDeadline, now: datetime) -> bool:
        """False when it is recorded already."""
        sql = """INSERT OR IGNORE INTO missed_deadline (run, number, clear_number, name, due_at, missed_at)
            VALUES (?, ?, ?, ?, ?, ?)"""
        which = (decision.run, decision.number, decision.clear_number, plain(decision.name))
        if not self.change(sql, (*which, micros(decision.due_at), micros(now))):
            return False
        reason = f"{decision.name} was missed: the run should have ended by {decision.due_at.isoformat()}"
        kind = CallbackKind.RUN_DEADLINE
        return self.add_callback(AddCallback(decision.run, None, kind, reason, decision.number), now)

    def move_callback(self, callback_id: int, old: CallbackState, new: CallbackState, now: datetime) -> bool:
        """False when it is not in the old state any more."""
        column, more = ("started_at", ", starts = starts + 1") if new is CallbackState.RUNNING else ("ended_at", "")
        sql = f"UPDATE callback SET state = ?, {column} = ?{more} WHERE id = ? AND state = ?"
        return self.change(sql, (new, micros(now), callback_id, old)) == 1

    def adopt_run(self, run: int, backfill_id: int, conf: Mapping[str, Json] | None) -> None:
        """A run that is there becomes one of a backfill; conf None keeps its own."""
        text = None if conf is None else to_text(dict(conf))
        sql = "UPDATE dag_run SET run_type = 'backfill', backfill_id = ?, conf = coalesce(?, conf) WHERE id = ?"
        self.change(sql, (backfill_id, text, run))

    def set_note(self, run: int, note: str | None) -> bool:
        return self.change("UPDATE dag_run SET note = ? WHERE id = ?", (plain(note), run)) == 1

    def set_task_note(self, key: TaskInstanceKey, note: str | None) -> bool:
        sql = "UPDATE task_instance SET note = ? WHERE run = ? AND task_id = ? AND map_index = ?"
        return self.change(sql, (plain(note), *key)) == 1

    def delete_run(self, run: int) -> bool:
        """With all that belongs to it. The caller sees to it that nothing of it is alive."""
        return self.change("DELETE FROM dag_run WHERE id = ?", (run,)) == 1

    def set_xcom(self, key: TaskInstanceKey, name: str, value: str) -> None:
        """Replaces what is there under the same name."""
        sql = "INSERT OR REPLACE INTO xcom (run, task_id, map_index, key, value) VALUES (?, ?, ?, ?, ?)"
        self.change(sql, (*key, plain(name), plain(value)))

    def delete_xcom(self, key: TaskInstanceKey, name: str | None = None) -> int:
        """None: all of the task instance's."""
        sql = "DELETE FROM xcom WHERE run = ? AND task_id = ? AND map_index = ?"
        return self.change(sql, key) if name is None else self.change(f"{sql} AND key = ?", (*key, plain(name)))

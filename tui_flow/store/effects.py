"""What a running task asked to be written. It may arrive twice, through the channel and with the attempt's result:
XComs are the same when written twice, all else is performed once per (attempt, sequence number), by the request table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tui_flow.errors import DagNotFound, TuiflowError
from tui_flow.planner.runs import manual_run
from tui_flow.records import TaskInstanceKey
from tui_flow.spec import Json
from tui_flow.state import RunType
from tui_flow.store.write_runs import RunWrites
from tui_flow.store.write_settings import SettingsWrites


class EffectWrites(RunWrites, SettingsWrites):
    """Performs effects inside the transaction of the result, or in one of their own."""

    def record_effect(self, attempt_id: int, seq: int, effect: Mapping[str, Json], now: datetime) -> bool:
        """An effect that came through the channel. False when the attempt is no longer active: then it is dropped."""
        with self.transaction():
            attempt = self.reads.attempt(attempt_id)
            if attempt is None or attempt.ended_at is not None:
                return False
            self._perform_effect(attempt.key, attempt_id, seq, effect, now)
            return True

    def record_callback_effect(
        self, callback_id: int, key: TaskInstanceKey, seq: int, effect: Mapping[str, Json], now: datetime
    ) -> None:
        """An effect of a user callback that runs in a process of its own; `key` is the task instance it tells of."""
        with self.transaction():
            self._perform_effect(key, -callback_id, seq, effect, now)

    def _perform_effect(
        self, key: TaskInstanceKey, attempt_id: int, seq: int, effect: Mapping[str, Json], now: datetime
    ) -> None:
        match effect:
            case {"kind": "xcom", "key": str(name), "value": str(value)}:
                self.set_xcom(key, name, value)
            case {"kind": "xcom_delete"}:
                self.delete_xcom(key, effect.get("key"))
            case _:
                self._perform_once(f"{attempt_id}:e{seq}", effect, now)

    def _perform_once(self, request_id: str, effect: Mapping[str, Json], now: datetime) -> None:
        """What fails must not keep the attempt's result from being recorded: the failure becomes the stored answer."""
        if self.reads.answer(request_id) is not None:
            return
        try:
            answer = self._perform_other(effect, now)
        except (TuiflowError, TypeError, ValueError) as err:
            answer = {"error": str(err)}
        self.store_answer(request_id, str(effect.get("kind")), answer, now)

    def announce(self, key: TaskInstanceKey, events: Sequence[Mapping[str, Json]], now: datetime) -> None:
        """Updates of assets by a task instance's success. One that cannot be recorded must not keep the result from
        being recorded: it is left out, and the audit trail tells why."""
        run = self.reads.run_by_id(key.run)
        assert run is not None, "attempts go with their run"
        source = {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": key.task_id, "map_index": key.map_index}
        try:
            self.record_asset_events(events, source, now)
        except (TuiflowError, KeyError, TypeError, ValueError) as err:
            subject = {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": key.task_id}
            self.add_event("", "asset_events", now, subject, after={"error": str(err)})

    def _perform_other(self, effect: Mapping[str, Json], now: datetime) -> Json:
        match effect:
            case {"kind": "variable_set", "key": str(name), "value": str(value)}:
                self.set_variable(name, value, effect.get("description"), now)
                return {}
            case {"kind": "variable_delete", "key": str(name)}:
                return {"deleted": self.delete_variable(name)}
            case {"kind": "trigger_run", "dag_id": str(dag_id), "run_id": str(run_id)}:
                return {"run": self._trigger(dag_id, run_id, effect, now)}
            case _:
                return {"error": "not an effect that is known here"}

    def _trigger(self, dag_id: str, run_id: str, effect: Mapping[str, Json], now: datetime) -> int | None:
        """None when the run is there already."""
        dag = self.reads.dag(dag_id)
        if dag is None:
            raise DagNotFound(dag_id)
        date = effect.get("logical_date")
        decision = manual_run(
            dag,
            self.reads.spec(dag_id, dag.spec_version),
            now,
            run_type=RunType.OPERATOR_TRIGGERED,
            run_id=run_id,
            logical_date=datetime.fromisoformat(date) if date else None,
            conf=dict(effect.get("conf") or {}),
            triggered_by=str(effect.get("triggered_by", "")),
            note=effect.get("note"),
        )
        return self.create_run(decision, now)

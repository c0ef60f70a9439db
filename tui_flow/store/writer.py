"""The one writer of the database: whoever holds the home lock. `apply` is how everything that is decided comes true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from tui_flow.planner.decisions import (
    AddCallback,
    AdvanceSchedule,
    CreateRun,
    Decision,
    ExpandTask,
    FinishAttempt,
    KillAttempt,
    LaunchAttempt,
    MissDeadline,
    MoveRun,
    MoveTask,
    PauseDag,
    ResumeTask,
    StartAttempt,
)
from tui_flow.spec import Json
from tui_flow.state import AttemptState, TaskState
from tui_flow.store.batch import Batch
from tui_flow.store.effects import EffectWrites
from tui_flow.store.maintenance import Maintenance
from tui_flow.store.write_dags import DagWrites
from tui_flow.store.write_input import InputWrites
from tui_flow.store.write_state_store import StateStoreWrites


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a list of decisions."""

    took_effect: tuple[bool, ...]
    """For each decision, in order."""
    launched: tuple[tuple[LaunchAttempt, int], ...] = ()
    """With the ids of the new attempts."""
    created: tuple[tuple[CreateRun, int], ...] = ()
    """With the numbers of the new runs."""

    @property
    def is_complete(self) -> bool:
        """False: something else had happened; reload the runs concerned and plan again."""
        return all(self.took_effect)


class Writer(EffectWrites, InputWrites, StateStoreWrites, DagWrites, Maintenance):
    """See `WriteBase` for opening and transactions."""

    def apply(self, decisions: Sequence[Decision], now: datetime) -> Applied:
        """Carry out decisions in order, all in one transaction (or in the one that is open).

        Each is compared with the state that it was decided on; one that no longer fits is left out. Raises DiskFull and
        its like with nothing changed.
        """
        created: list[tuple[CreateRun, int]] = []
        with self.transaction() as connection:
            batch = Batch(connection, now, self.boot_id)
            took_effect = tuple([self._carry_out(decision, batch, created, now) for decision in decisions])
            batch.flush()
        return Applied(took_effect, tuple(batch.launched), tuple(created))

    def _carry_out(self, decision: Decision, batch: Batch, created: list[tuple[CreateRun, int]], now: datetime) -> bool:
        match decision:
            case FinishAttempt():
                return batch.finish(decision, lambda finish: self._perform_effects(finish, now))
            case MoveTask():
                return batch.move(decision)
            case ResumeTask():
                took_effect = batch.resume(decision, self.set_xcom)
                if took_effect and decision.updates:
                    events = [{"asset": asset, "extra": {}, "alias": None} for asset in decision.updates]
                    self.announce(decision.key, events, now)
                return took_effect
            case LaunchAttempt():
                return batch.launch(decision)
            case StartAttempt():
                return batch.start(decision)
            case KillAttempt():
                return batch.kill(decision)
            case ExpandTask():
                batch.flush()
                return self.expand_task(decision)
            case MoveRun():
                batch.flush()
                return self.move_run(decision, now)
            case CreateRun():
                if (run := self.create_run(decision, now)) is not None:
                    created.append((decision, run))
                return run is not None
            case AdvanceSchedule():
                return self.advance_schedule(decision)
            case AddCallback():
                return self.add_callback(decision, now)
            case MissDeadline():
                return self.miss_deadline(decision, now)
            case PauseDag():
                return self.set_paused(decision)
            case _:
                assert_never(decision)

    def _announce(self, decision: FinishAttempt, effect: Mapping[str, Json], now: datetime) -> None:
        """The updates of assets that a task's success means; whatever else became of it means none."""
        if decision.attempt_state is AttemptState.SUCCESS and decision.new is TaskState.SUCCESS:
            self.announce(decision.key, effect.get("events", ()), now)

    def _perform_effects(self, decision: FinishAttempt, now: datetime) -> None:
        for index, effect in enumerate(decision.report.effects):
            if effect["kind"] == "asset_events":
                self._announce(decision, effect, now)
                continue
            if effect["kind"] == "input_request":
                if decision.new is TaskState.AWAITING_INPUT:
                    self.ask_for_input(decision.attempt_id, decision.key, effect, now)
                continue
            self._perform_effect(decision.key, decision.attempt_id, effect.get("seq", index), effect, now)

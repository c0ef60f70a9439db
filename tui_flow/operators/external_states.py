"""How far other DAGs' runs and tasks are, and triggers that wait for them: `WorkflowTrigger`, `DagStateTrigger`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from tui_flow.sdk.backend import Backend, current_backend
from tui_flow.sdk.trigger import BaseTrigger, TriggerEvent

T = TypeVar("T")
_asking = ThreadPoolExecutor(1, thread_name_prefix="asking")
"""Answers come one after the other anyway; while no scheduler gives any, one thread waits for it and not all."""


async def ask(call: Callable[..., T], *args: Any) -> T:
    """Call a function that asks the home, without holding up other triggers."""
    return await asyncio.get_running_loop().run_in_executor(_asking, call, *args)


def found_states(
    backend: Backend, dag_id: str, dates: Sequence[datetime], task_ids: Sequence[str], allowed: Collection[str]
) -> list[str]:
    """One state for each run, or for each task of each run; a mapped task counts once, when its instances agree."""
    if not task_ids:
        return [row.state for row in backend.run_states(dag_id, logical_dates=dates)]
    by_task: dict[tuple[str, str], list[str]] = {}
    for row in backend.task_states(dag_id, logical_dates=dates, task_ids=task_ids):
        by_task.setdefault((row.run_id, row.task_id), []).append(row.state)
    return [_joint_state(states, allowed) for states in by_task.values()]


def _joint_state(states: list[str], allowed: Collection[str]) -> str:
    return next((state for state in states if state not in allowed), states[0])


class WorkflowTrigger(BaseTrigger):
    """Fires when the runs at these logical dates, or tasks of them, are in a state that is allowed, failed or skipped:
    `{"status": "success" | "failed" | "skipped"}`."""

    def __init__(
        self,
        external_dag_id: str,
        logical_dates: Sequence[datetime] | None = None,
        execution_dates: Sequence[datetime] | None = None,
        external_task_ids: Collection[str] | None = None,
        failed_states: Collection[str] | None = None,
        skipped_states: Collection[str] | None = None,
        allowed_states: Collection[str] | None = None,
        poke_interval: float = 2.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.logical_dates = list(logical_dates or execution_dates or ())
        self.external_task_ids = list(external_task_ids or ())
        self.failed_states = [str(state) for state in failed_states or ()]
        self.skipped_states = [str(state) for state in skipped_states or ()]
        self.allowed_states = [str(state) for state in allowed_states or ("success",)]
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        names = (
            "external_dag_id",
            "logical_dates",
            "external_task_ids",
            "failed_states",
            "skipped_states",
            "allowed_states",
            "poke_interval",
        )
        return "tui_flow.operators.external_states.WorkflowTrigger", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (status := self._status(await ask(self._states))) is None:
            await asyncio.sleep(self.poke_interval)
        yield TriggerEvent({"status": status})

    def _states(self) -> list[str]:
        backend = current_backend("another DAG")
        return found_states(
            backend, self.external_dag_id, self.logical_dates, self.external_task_ids, self.allowed_states
        )

    def _status(self, states: Sequence[str]) -> str | None:
        if any(state in self.failed_states for state in states):
            return "failed"
        if any(state in self.skipped_states for state in states):
            return "skipped"
        wanted = len(self.logical_dates) * max(len(self.external_task_ids), 1)
        return "success" if sum(state in self.allowed_states for state in states) >= wanted else None


class DagStateTrigger(BaseTrigger):
    """Fires when all the named runs are in one of `states`, with their states by run id."""

    def __init__(
        self,
        dag_id: str,
        states: Collection[str],
        logical_dates: Sequence[datetime] | None = None,
        execution_dates: Sequence[datetime] | None = None,
        run_ids: Sequence[str] | None = None,
        poll_interval: float = 5.0,
        gone_counts: bool = False,
    ) -> None:
        """`gone_counts`: a run that does not exist is not waited for."""
        super().__init__()
        self.dag_id, self.states = dag_id, [str(state) for state in states]
        self.logical_dates, self.run_ids = list(logical_dates or execution_dates or ()), list(run_ids or ())
        self.poll_interval, self.gone_counts = poll_interval, gone_counts

    def serialize(self) -> tuple[str, dict[str, Any]]:
        names = ("dag_id", "states", "logical_dates", "run_ids", "poll_interval", "gone_counts")
        return "tui_flow.operators.external_states.DagStateTrigger", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while not self._is_over(found := await ask(self._found)):
            await asyncio.sleep(self.poll_interval)
        yield TriggerEvent(found)

    def _found(self) -> dict[str, str]:
        backend = current_backend("a run")
        rows = backend.run_states(self.dag_id, run_ids=self.run_ids, logical_dates=self.logical_dates)
        return {row.run_id: row.state for row in rows}

    def _is_over(self, found: dict[str, str]) -> bool:
        wanted = len(self.run_ids) + len(self.logical_dates)
        return all(state in self.states for state in found.values()) and (len(found) >= wanted or self.gone_counts)

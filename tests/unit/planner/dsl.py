"""A few letters for a DAG, and a world in which its attempts start and end as a test says.

`dag_of("a >> [b, c] >> d")` is a DagSpec; several chains are separated by `;` or line ends. Task settings come as
keywords: `dag_of("a >> b", b={"trigger_rule": "all_done"})`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_flow.mapping import first_indexes
from tui_flow.messages import Report, WaitOver
from tui_flow.planner.board import Board
from tui_flow.planner.decisions import (
    AddCallback,
    Decision,
    ExpandTask,
    FinishAttempt,
    KillAttempt,
    LaunchAttempt,
    MoveRun,
    MoveTask,
    ResumeTask,
    StartAttempt,
)
from tui_flow.planner.plan import plan_tick
from tui_flow.planner.settle import AT_ONCE
from tui_flow.records import DagRun, Pool, TaskInstance, TaskInstanceKey
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import (
    FINISHED_TASK,
    OCCUPIED_TASK,
    RUN_MOVES,
    TASK_MOVES,
    RunState,
    RunType,
    TaskState,
    TriggerRule,
    WeightRule,
)

T = TaskState
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PART = re.compile(r"\[[^\]]*\]|[^>\s]+")


def dag_of(text: str, *, tasks: Mapping[str, Mapping[str, Any]] | None = None, **settings: Any) -> DagSpec:
    """Keywords that are task ids hold settings of that task, as does `tasks`; the others are the DAG's."""
    upstream: dict[str, set[str]] = {}
    for chain in re.split(r"[;\n]", text):
        parts = [re.findall(r"[\w.-]+", part) for part in _PART.findall(chain)]
        for part in parts:
            for task_id in part:
                upstream.setdefault(task_id, set())
        for left, right in zip(parts, parts[1:], strict=False):
            for task_id in right:
                upstream[task_id].update(left)
    per_task = {**(tasks or {}), **{name: settings.pop(name) for name in list(settings) if name in upstream}}
    specs = tuple(task_of(task_id, above, **per_task.get(task_id, {})) for task_id, above in upstream.items())
    return DagSpec(**{"dag_id": "d", "file": "d.py", "tasks": specs, **settings})


def task_of(task_id: str, upstream: Iterable[str] = (), **settings: Any) -> TaskSpec:
    if "trigger_rule" in settings:
        settings["trigger_rule"] = TriggerRule(settings["trigger_rule"])
    if "weight_rule" in settings:
        settings["weight_rule"] = WeightRule(settings["weight_rule"])
    return TaskSpec(task_id, upstream=tuple(sorted(upstream)), **settings)


def run_of(spec: DagSpec, number: int = 1, **values: Any) -> DagRun:
    """Run `number`, running; its logical date is as many days after NOW's month began."""
    date = values.pop("logical_date", NOW + timedelta(days=number))
    facts: dict[str, Any] = {
        "id": number,
        "dag_id": spec.dag_id,
        "run_id": f"r{number}",
        "run_type": RunType.SCHEDULED,
        "state": RunState.RUNNING,
        "logical_date": date,
        "data_interval_start": date,
        "data_interval_end": date,
        "run_after": date,
        "queued_at": NOW,
        "started_at": NOW,
        "ended_at": None,
        "spec_version": spec.version,
        "source_version": "source",
    }
    return DagRun(**{**facts, **values})


def ti_of(run: DagRun, task: TaskSpec, state: str | None = None, try_number: int = 0, **values: Any) -> TaskInstance:
    return TaskInstance(run.id, task.task_id, -1, TaskState(state or "none"), try_number, task.retries, **values)


def tis_of(run: DagRun, spec: DagSpec, **states: str | None) -> list[TaskInstance]:
    """The task instances of a run as it is made; those that are or were running have begun their first try."""
    tis = []
    indexes = first_indexes(spec)
    for task in spec.tasks:
        state = TaskState(states.get(task.task_id) or "none")
        tried = state not in (T.NONE, T.SCHEDULED, T.UPSTREAM_FAILED, T.SKIPPED, T.REMOVED)
        tis += [replace(ti_of(run, task, state, int(tried)), map_index=index) for index in indexes[task.task_id]]
    return tis


class World:
    """The board with what a database and an executor would add: ids of attempts, states as the decisions leave them.

    Every decision is checked against the table of legal moves, against the state it expects, and against the tries that
    a task has.
    """

    def __init__(self, parallelism: int = 32, pools: Iterable[Pool] = (Pool("default_pool", 128),)) -> None:
        self.board = Board(parallelism)
        self.at_most = AT_ONCE
        self.board.set_pools(pools)
        self.now = NOW
        self.specs: dict[int, DagSpec] = {}
        self.runs: dict[int, DagRun] = {}
        self.tis: dict[TaskInstanceKey, TaskInstance] = {}
        self.attempts: dict[TaskInstanceKey, int] = {}
        self.callbacks: list[AddCallback] = []
        self.kills: list[KillAttempt] = []
        self.log: list[Decision] = []
        self._next_attempt = 1

    def add(
        self, spec: DagSpec, run: DagRun | None = None, tis: Iterable[TaskInstance] | None = None, **more: Any
    ) -> DagRun:
        run = run or run_of(spec, len(self.runs) + 1)
        self.specs[run.id] = spec
        self.runs[run.id] = run
        self.tis.update({ti.key: ti for ti in (tis_of(run, spec) if tis is None else tis)})
        self.board.add_run(run, spec, [ti for ti in self.tis.values() if ti.run == run.id], **more)
        return run

    def tick(
        self, *reports: tuple[Report, TaskInstanceKey], seconds: float = 0, waits_over: Iterable[WaitOver] = ()
    ) -> list[Decision]:
        self.now += timedelta(seconds=seconds)
        decisions = plan_tick(self.board, reports, self.now, waits_over=waits_over, at_most=self.at_most)
        for decision in decisions:
            self._apply(decision)
        self.log += decisions
        return decisions

    def start(self, task_id: str, run: int = 1) -> list[Decision]:
        return self.tick(self.report(task_id, "running", run))

    def finish(self, task_id: str, state: str = "success", run: int = 1, **facts: Any) -> list[Decision]:
        return self.tick(self.report(task_id, state, run, **facts))

    def report(self, task_id: str, state: str, run: int = 1, **facts: Any) -> tuple[Report, TaskInstanceKey]:
        """`task_id` may be `t[2]`: the task instance of that index."""
        name, _, index = task_id.partition("[")
        key = TaskInstanceKey(run, name, int(index.rstrip("]")) if index else -1)
        return Report(self.attempts.get(key, 0), state, **{"at": self.now.isoformat(), **facts}), key

    def run_state(self, run: int = 1) -> RunState:
        return self.runs[run].state

    def states(self, run: int = 1) -> dict[str, str]:
        """By task id, `t[2]` for the instances of a mapped task."""
        return {name_of(key): str(ti.state) for key, ti in sorted(self.tis.items()) if key.run == run}

    def live(self) -> list[TaskInstanceKey]:
        return [key for key, ti in self.tis.items() if ti.state in OCCUPIED_TASK]

    def _apply(self, decision: Decision) -> None:
        match decision:
            case MoveTask(key, old, new, try_number, reason, due_at, max_tries, is_a_try):
                assert key not in self.attempts, "a task instance with a live attempt is moved"
                ti = self._moved(key, old, new, try_number)
                ti = replace(ti, try_number=ti.try_number + is_a_try)
                self.tis[key] = replace(ti, reason=reason, due_at=due_at, max_tries=max_tries or ti.max_tries)
            case ResumeTask(key, old, new, try_number):
                self.tis[key] = replace(self._moved(key, old, new, try_number), due_at=None, reason=decision.reason)
            case LaunchAttempt(key, old_try, try_number):
                assert key not in self.attempts, "two attempts of one task instance live"
                self.tis[key] = replace(self._moved(key, T.SCHEDULED, T.QUEUED, old_try), try_number=try_number)
                self.attempts[key] = self._next_attempt
                self.board.set_attempt(key, self._next_attempt)
                self._next_attempt += 1
            case ExpandTask():
                self._expand(decision)
            case StartAttempt(attempt_id, key):
                assert self.attempts[key] == attempt_id
                self.tis[key] = self._moved(key, T.QUEUED, T.RUNNING, self.tis[key].try_number)
            case FinishAttempt():
                self._finish(decision)
            case KillAttempt():
                self._kill(decision)
            case AddCallback():
                self.callbacks.append(decision)
            case MoveRun(run_id, old, new, reason):
                run = self.runs[run_id]
                assert run.state is old and (new is old or new in RUN_MOVES[old])
                self.runs[run_id] = replace(run, state=new, reason=reason)
            case _:
                raise AssertionError(f"not a decision of a tick: {decision}")

    def _expand(self, decision: ExpandTask) -> None:
        for index in decision.removed:
            key = TaskInstanceKey(decision.run, decision.task_id, index)
            assert self.tis[key].state is T.NONE, "only what waits is removed"
            if index < 0 and self.tis[key].try_number == 0:
                del self.tis[key]
            else:
                self.tis[key] = replace(self.tis[key], state=T.REMOVED)
        for index in decision.added:
            key = TaskInstanceKey(decision.run, decision.task_id, index)
            tried = 0
            if known := self.tis.get(key):
                assert known.state is T.REMOVED, "what is there is not added"
                tried = known.try_number
            self.tis[key] = TaskInstance(*key, T.NONE, tried, tried + decision.retries)

    def _finish(self, decision: FinishAttempt) -> None:
        key = decision.key
        assert self.attempts.pop(key) == decision.attempt_id
        ti = self._moved(key, decision.old, decision.new, decision.try_number)
        was_first_launch = ti.poke_count == 0
        given_back = int(decision.attempt_state == "void" and was_first_launch)
        pokes = ti.poke_count + (decision.attempt_state == "rescheduled") if decision.new is not T.UP_FOR_RETRY else 0
        self.tis[key] = replace(
            ti,
            try_number=ti.try_number - given_back,
            due_at=decision.due_at,
            after_kill=None,
            poke_count=pokes,
            skips=decision.report.skips,
            map_length=decision.map_length,
            max_tries=decision.max_tries if decision.max_tries is not None else ti.max_tries,
        )

    def _kill(self, decision: KillAttempt) -> None:
        ti = self.tis[decision.key]
        assert self.attempts[decision.key] == decision.attempt_id
        state = T.RESTARTING if decision.after is T.NONE else ti.state
        self.tis[decision.key] = replace(ti, state=state, after_kill=decision.after)
        self.kills.append(decision)

    def _moved(self, key: TaskInstanceKey, old: TaskState, new: TaskState, try_number: int) -> TaskInstance:
        ti = self.tis[key]
        assert ti.state is old, (ti, old, new)
        assert new in TASK_MOVES[old], (ti, new)
        assert ti.try_number == try_number, (ti, try_number)
        return replace(ti, state=new)


def name_of(key: TaskInstanceKey) -> str:
    return key.task_id if key.map_index < 0 else f"{key.task_id}[{key.map_index}]"


def is_over(run: DagRun) -> bool:
    return run.state in (RunState.SUCCESS, RunState.FAILED)


def unfinished(world: World, run: int) -> list[TaskInstanceKey]:
    return [key for key, ti in world.tis.items() if key.run == run and ti.state not in FINISHED_TASK]

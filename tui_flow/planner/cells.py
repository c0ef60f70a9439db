"""The pieces on the board: a run, its task instances and what these wait for, mutable because they mirror what is about
to be committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tui_flow.planner.past import unmet_past
from tui_flow.planner.shape import Shape, TaskShape
from tui_flow.planner.slots import Limit, ReadyQueue, SortKey
from tui_flow.planner.trigger_rules import Counts
from tui_flow.records import DagRun, TaskInstance, TaskInstanceKey
from tui_flow.spec import TaskSpec
from tui_flow.state import FINISHED_TASK, OCCUPIED_TASK, RunState, TaskState, TriggerRule

_LONGEST = timedelta(days=36_500)


@dataclass(slots=True)
class Front(Counts):
    """What one or more task instances of a task wait for together: they have the same upstream task instances."""

    cells: list[Cell] = field(default_factory=list)
    told: TaskState = TaskState.NONE
    """What the trigger rule said of the counts when they were last told."""
    branch_skips: dict[str, int] | None = None
    """How many task instances of each branch upstream had them skipped."""

    @property
    def skipped_by(self) -> str:
        """In words."""
        named = ", ".join(repr(task_id) for task_id in sorted(self.branch_skips or ()))
        return f"skipped by {named}" if named else "skipped by a branch"

    @property
    def rule(self) -> TriggerRule:
        return self.cells[0].task.spec.trigger_rule


class Cell:
    """One task instance."""

    __slots__ = (
        "after_kill",
        "attempt_id",
        "counts",
        "due_at",
        "is_branch_skipped",
        "is_dirty",
        "is_same_try",
        "key",
        "map_length",
        "max_tries",
        "queue",
        "ready_key",
        "run",
        "skips",
        "state",
        "task",
        "try_number",
    )

    def __init__(
        self, run: BoardRun, task: TaskShape, key: TaskInstanceKey, queue: ReadyQueue[Cell], tried: int = 0
    ) -> None:
        """One that waits for its upstream tasks, with its retries before it."""
        self.run = run
        self.task = task
        self.key = key
        self.state = TaskState.NONE
        self.try_number = tried
        self.max_tries = tried + task.spec.retries
        self.due_at: datetime | None = None
        self.skips: tuple[str, ...] = ()
        self.after_kill: TaskState | None = None
        self.attempt_id: int | None = None
        """The live attempt, once its id is known."""
        self.is_same_try = False
        """Whether the next launch goes on with the present try: a rescheduled sensor, a resumed deferral."""
        self.is_branch_skipped = False
        """A branch or short circuit told it to skip."""
        self.is_dirty = False
        """It stands in the board's list of what to look at."""
        self.counts = NOT_COUNTED
        """The front that it is in."""
        self.map_length: int | None = None
        """How many elements its result has for those that map over it."""
        self.queue = queue
        self.ready_key: SortKey | None = None

    def load(self, ti: TaskInstance) -> None:
        """Take over what the database says of it."""
        self.state = ti.state
        self.try_number = ti.try_number
        self.max_tries = ti.max_tries
        self.due_at = ti.due_at
        self.skips = ti.skips
        self.after_kill = ti.after_kill
        self.is_same_try = ti.state is not TaskState.UP_FOR_RETRY and (ti.poke_count > 0 or ti.resume is not None)
        self.map_length = ti.map_length


class BoardRun:
    """A run with its task instances, and what is counted over them."""

    __slots__ = (
        "blocked_by_past",
        "by_key",
        "cells",
        "ends_as",
        "failed",
        "fronts",
        "gate",
        "is_running",
        "left",
        "lengths",
        "occupied",
        "past",
        "previous",
        "queues",
        "run",
        "shape",
        "started",
        "strays",
        "unfinished",
    )

    def __init__(self, run: DagRun, shape: Shape, gate: Limit[Cell] | None, previous: DagRun | None) -> None:
        self.run = run
        self.shape = shape
        self.gate = gate
        """Without room while the DAG is paused; None for a run that goes on all the same."""
        self.previous = previous
        self.is_running = run.state is RunState.RUNNING
        """False for a run that is only here until its last attempts have ended."""
        self.ends_as = run.reason
        """What is settled of its end while its teardowns still run, see `run_ends.SETTLED_ENDS`."""
        self.cells: dict[str, list[Cell]] = {}
        """By task id, in order of map_index; a task without any is not in this run. One that is mapped and not expanded
        yet has one, with map_index -1; once it is, the place in the list is the map_index."""
        self.fronts: dict[str, list[Front]] = {}
        """By task id: as many as its bound levels have combinations; one for a task that has none."""
        self.lengths: dict[str, int] = dict(shape.literals)
        """Of the levels (see `mapping`) whose length is known."""
        self.left: dict[str, int] = {}
        """Of DAGs that map: how many task instances of each task have not finished; kept for those that are mapped
        over."""
        self.queues: Mapping[str, ReadyQueue[Cell]] = {}
        self.by_key: dict[TaskInstanceKey, Cell] = {}
        """In the order of the file and of map_index."""
        self.strays: list[TaskInstance] = []
        """Unfinished task instances whose task is no longer in the DAG."""
        self.past: dict[str, dict[int, TaskState]] = {}
        """States of the previous run: by task id, then by map_index."""
        self.unfinished = 0
        self.started = 0
        """Unfinished and beyond NONE: something will still report or fall due."""
        self.failed = 0
        """Failed or upstream_failed."""
        self.occupied = 0
        """Task instances with a live attempt."""
        self.blocked_by_past: set[TaskInstanceKey] = set()

    def fill(self, tis: Iterable[TaskInstance], queues: Mapping[str, ReadyQueue[Cell]]) -> None:
        """Takes the task instances in, in any order; the counts that `Board.move` keeps are not touched."""
        self.queues = queues
        tasks = self.shape.tasks
        known: list[tuple[TaskShape, TaskInstance]] = []
        for ti in tis:
            task = tasks.get(ti.task_id) or _gone(ti)
            if task is not None:
                known.append((task, ti))
            elif ti.state not in FINISHED_TASK:
                self.strays.append(ti)
        expanded = {ti.task_id for task, ti in known if task.levels and _is_instance(ti)}
        for task, ti in sorted(known, key=lambda item: (item[0].order, item[1].map_index)):
            self._take(task, ti, (ti.map_index >= 0) == (ti.task_id in expanded))

    def _take(self, task: TaskShape, ti: TaskInstance, fits: bool) -> None:
        """`fits`: whether an instance of this index belongs to the task as it is expanded now."""
        if not fits and ti.state not in FINISHED_TASK and ti.state not in OCCUPIED_TASK:
            self.strays.append(ti)
            return
        shape = task if fits else _gone(ti) or task
        cell = Cell(self, shape, ti.key, self.queues.get(ti.task_id, _NO_QUEUE))
        cell.load(ti)
        self.by_key[cell.key] = cell
        if shape is not self.shape.tasks.get(ti.task_id):
            cell.after_kill = TaskState.REMOVED
        if fits:
            self.cells.setdefault(ti.task_id, []).append(cell)

    def timeout_at(self) -> datetime | None:
        seconds, started_at = self.shape.spec.dagrun_timeout_s, self.run.started_at
        if seconds is None or started_at is None:
            return None
        return started_at + min(timedelta(seconds=min(seconds, 1e10)), _LONGEST)

    def unmet_past(self, cell: Cell) -> str | None:
        """What the task instance waits for in the previous run, in words."""
        if self.previous is None or not cell.task.needs_past:
            return None
        return unmet_past(cell.task.spec, cell.task.downstream, self.run, self.previous, self.past, cell.key.map_index)


_NO_QUEUE: ReadyQueue[Cell] = ReadyQueue(())
NOT_COUNTED = Front()


def _is_instance(ti: TaskInstance) -> bool:
    return ti.map_index >= 0 and ti.state is not TaskState.REMOVED


def _gone(ti: TaskInstance) -> TaskShape | None:
    """A task that the DAG no longer has, in the place of one while an attempt of it lives."""
    if ti.state not in OCCUPIED_TASK:
        return None
    return TaskShape(TaskSpec(ti.task_id), order=-1, weight=1, downstream=())

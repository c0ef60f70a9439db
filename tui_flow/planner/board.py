"""The planner's working memory: runs that are going on, with the counts that make each decision local.

Theory of operation. The board mirrors what the database holds once the present plan is committed. `move` is the one
place where a task instance changes its state here: it keeps the counts of its run, its slots, the counts of its
neighbours, and notes whom to look at again (`dirty`). The rules read those counts; none looks at a whole run. Where a
commit fails, or drops a decision, the caller drops the run and adds it again from the database.

Mutable, but pure: no clock, no I/O.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import count

from tui_flow.planner.cells import BoardRun, Cell, Front
from tui_flow.planner.dues import Dues
from tui_flow.planner.followers import Followers
from tui_flow.planner.fronts import add_branch_skip, build_fronts, fronts_near, skip_front
from tui_flow.planner.lengths import learn_length, learn_lengths
from tui_flow.planner.limits import Limits
from tui_flow.planner.shape import Shape, shape_of
from tui_flow.planner.slots import UNLIMITED, Slots
from tui_flow.planner.trigger_rules import evaluate
from tui_flow.records import DagRun, Pool, TaskAttempt, TaskInstance, TaskInstanceKey
from tui_flow.spec import DagSpec
from tui_flow.state import FAILED_TASK, FINISHED_TASK, OCCUPIED_TASK, WAITING_TASK, RunType, TaskState

T = TaskState
_AGING_S = 600
"""A task instance that waits for a slot gains one point of priority in this time."""


class Board:
    """Holds the runs that are running, and finished ones until their last attempt has ended."""

    def __init__(self, parallelism: int) -> None:
        self.slots: Slots[Cell] = Slots(parallelism)
        self.limits = Limits()
        self.runs: dict[int, BoardRun] = {}
        self.dirty: deque[Cell] = deque()
        """Task instances to look at again."""
        self.unsettled: deque[tuple[BoardRun, str]] = deque()
        """Mapped tasks (by id) whose length has become known, or may be another."""
        self.touched: dict[int, BoardRun] = {}
        """Runs that may have ended."""
        self._held: dict[str, list[Cell]] = {}
        """Empty tasks that a paused DAG holds back, by dag_id."""
        self.dues = Dues(self.is_running)
        self._followers = Followers(self.runs, self.look_at)
        self._shapes: dict[str, Shape] = {}
        self._serial = count()

    # -- what the scheduler says

    def set_pools(self, pools: Iterable[Pool]) -> None:
        """All pools that there are; a pool that is missing here has no slots."""
        for limit, size in self.limits.take_pools(pools):
            self.slots.resize(limit, size)

    def set_paused(self, dag_id: str, is_paused: bool) -> None:
        self.slots.resize(self.limits.gate(dag_id), 0 if is_paused else UNLIMITED)
        if not is_paused:
            for cell in self._held.pop(dag_id, ()):
                self.look_at(cell)

    def add_run(
        self,
        run: DagRun,
        spec: DagSpec,
        tis: Iterable[TaskInstance],
        past: Iterable[TaskInstance] = (),
        *,
        previous: DagRun | None = None,
        attempts: Iterable[TaskAttempt] = (),
    ) -> None:
        """Puts a run that is running, or has attempts that live still, on the board; one that is there is replaced.

        `previous` is the previous run (see `past.passes_over_manual`) and `past` all of its task instances; needed only
        where `past.needs_past(spec)`. `attempts` are those that are active.
        """
        self.drop_run(run.id)
        gate = None if run.run_type is RunType.MANUAL else self.limits.gate(run.dag_id)
        board_run = BoardRun(run, self._shape(spec), gate, previous)
        self.runs[run.id] = board_run
        board_run.fill(tis, self.limits.queues_of(run, spec, gate))
        self._count_up(board_run)
        self._followers.link(board_run, past)
        for attempt in attempts:
            self.set_attempt(attempt.key, attempt.id)
        for cell in board_run.by_key.values():
            self._bring_in(cell)
        self.dues.add_timeout(board_run)
        self.touched[run.id] = board_run

    def drop_run(self, run_id: int) -> None:
        run = self.runs.pop(run_id, None)
        if run is None:
            return
        self.touched.pop(run_id, None)
        self._followers.unlink(run)
        for cell in run.by_key.values():
            self._leave(cell, cell.state)

    @property
    def is_settled(self) -> bool:
        """Whether the last tick has decided all that it could."""
        return not self.dirty and not self.unsettled

    def has_run(self, run_id: int) -> bool:
        return run_id in self.runs

    def followers(self, run_id: int) -> tuple[int, ...]:
        """Runs on the board that wait for this one (depends_on_past): add them again when a user has changed it."""
        return self._followers.of(run_id)

    def set_attempt(self, key: TaskInstanceKey, attempt_id: int) -> None:
        """The id that a launched attempt got; a plan cannot kill an attempt whose id it does not know."""
        if cell := self.cell(key):
            cell.attempt_id = attempt_id

    # -- what the rules use

    def cell(self, key: TaskInstanceKey) -> Cell | None:
        run = self.runs.get(key.run)
        return run.by_key.get(key) if run else None

    def look_at(self, cell: Cell) -> None:
        if not cell.is_dirty:
            cell.is_dirty = True
            self.dirty.append(cell)

    def hold(self, cell: Cell) -> None:
        """An empty task of a paused DAG: looked at again when it is unpaused."""
        self._held.setdefault(cell.run.run.dag_id, []).append(cell)

    def move(self, cell: Cell, new: TaskState) -> None:
        """The unfinished task instance is now in this state. One that becomes queued has been given its slots."""
        old, cell.state = cell.state, new
        run = cell.run
        run.started += (old is T.NONE) - (new is T.NONE)
        self.touched[run.run.id] = run
        if new in OCCUPIED_TASK:
            run.occupied += old not in OCCUPIED_TASK
            return
        self._leave(cell, old)
        if new in FINISHED_TASK:
            run.unfinished -= 1
            run.started -= 1
            run.failed += new in FAILED_TASK
            self._tell_neighbours(cell)
        elif new in WAITING_TASK:
            self._wait(cell)
        elif not cell.is_dirty:
            cell.is_dirty = True
            self.dirty.appendleft(cell)  # what may start stands in line before the next is looked at

    def expand(self, run: BoardRun, task_id: str, added: Collection[int], removed: Collection[int]) -> None:
        """The task gets the instances `added`, new or back again; those in `removed` have not begun and go."""
        task, by_key = run.shape.tasks[task_id], run.by_key
        for index in removed:
            self._drop_instance(run, by_key[TaskInstanceKey(run.run.id, task_id, index)])
        by_index = {cell.key.map_index: cell for cell in run.cells[task_id] if cell.key in by_key}
        for index in added:
            key = TaskInstanceKey(run.run.id, task_id, index)
            gone = by_key.get(key)
            cell = by_index[index] = by_key[key] = Cell(
                run, task, key, run.queues[task_id], gone.try_number if gone else 0
            )
            self.look_at(cell)
        run.unfinished += len(added)
        cells = [by_index[index] for index in sorted(by_index)]
        is_expanded = any(cell.key.map_index >= 0 and cell.state is not T.REMOVED for cell in cells)
        run.cells[task_id] = [cell for cell in cells if (cell.key.map_index >= 0) is is_expanded]
        run.left[task_id] = sum(cell.state not in FINISHED_TASK for cell in run.cells[task_id])
        for changed in (task_id, *task.downstream, *task.setup_watchers):
            self._recount(run, changed)
        if task.past_watchers:
            self._followers.tell_expansion(run, task, cells)
        self.touched[run.run.id] = run

    def _drop_instance(self, run: BoardRun, cell: Cell) -> None:
        cell.state = T.REMOVED
        run.unfinished -= 1
        if cell.key.map_index < 0 and cell.try_number == 0:
            del run.by_key[cell.key]

    def line_up(self, cell: Cell, now: datetime) -> None:
        """A scheduled task instance stands in line for its slots."""
        run = cell.run.run
        date = (run.logical_date or run.run_after).timestamp()
        coming_try = cell.try_number + (not cell.is_same_try)
        priority = int(now.timestamp()) // _AGING_S - cell.task.weight_of(coming_try)
        key = (priority, date, run.id, cell.task.order, cell.key.map_index, next(self._serial))
        self.slots.push(cell.queue, key, cell)

    def is_running(self, run: BoardRun) -> bool:
        """Whether the run is on the board (not an older copy of it) and tasks of it may start."""
        return run.is_running and self.runs.get(run.run.id) is run

    # -- bookkeeping

    def _shape(self, spec: DagSpec) -> Shape:
        shape = self._shapes.get(spec.dag_id)
        if shape is None or (shape.spec is not spec and shape.spec != spec):
            shape = self._shapes[spec.dag_id] = shape_of(spec)
        return shape

    def _count_up(self, run: BoardRun) -> None:
        """What each task instance of a loaded run waits for."""
        if run.shape.spec.mapped_levels:
            for task_id, cells in run.cells.items():
                run.left[task_id] = sum(cell.state not in FINISHED_TASK for cell in cells)
            learn_lengths(run)
            self.unsettled.extend((run, task_id) for task_id in run.shape.spec.levels)
        for task_id in run.cells:
            build_fronts(run, task_id)
            for front in run.fronts[task_id]:
                front.told = evaluate(front.rule, front)

    def _recount(self, run: BoardRun, task_id: str) -> None:
        build_fronts(run, task_id)
        for front in run.fronts.get(task_id, ()):
            self._tell(front)

    def _bring_in(self, cell: Cell) -> None:
        """What `move` would have done on the way to the state in which the task instance was loaded."""
        state, run = cell.state, cell.run
        if state in FINISHED_TASK:
            run.failed += state in FAILED_TASK
            return
        run.unfinished += 1
        run.started += state is not T.NONE
        if state in OCCUPIED_TASK:
            run.occupied += 1
            self.slots.occupy(cell.queue)
        elif state in WAITING_TASK:
            self._wait(cell)
        else:
            self.look_at(cell)

    def _tell_neighbours(self, cell: Cell) -> None:
        """Counts a finished task instance where others wait for it, in its run and in the next."""
        run, task, state = cell.run, cell.task, cell.state
        skips = cell.skips
        for task_id in task.downstream:
            for front in fronts_near(run, cell, task_id):
                front.add(state)
                if skips and task_id in skips:
                    self._branch_skip(front, cell)
                self._tell(front)
        for task_id in task.setup_watchers:
            for front in fronts_near(run, cell, task_id):
                front.add_setup(state)
                self._tell(front)
        if task.feeds:
            self._feed(cell)
        if task.past_watchers:
            self._followers.tell_end(cell)

    def _feed(self, cell: Cell) -> None:
        """The last task instance of a source that ends gives those that map over it their length."""
        run = cell.run
        run.left[cell.key.task_id] -= 1
        if run.left[cell.key.task_id] == 0:
            for level in cell.task.feeds:
                learn_length(run, level)
                self.unsettled.extend((run, task_id) for task_id in run.shape.members.get(level, ()))

    def _tell(self, front: Front) -> None:
        """Has those that wait at the front looked at, when the counts now mean something else to them."""
        says = evaluate(front.rule, front)
        if says is not front.told:
            front.told = says
            self._look_at_waiting(front)

    def _branch_skip(self, front: Front, branch: Cell) -> None:
        if add_branch_skip(branch.run, front, branch):
            skip_front(front)
            self._look_at_waiting(front)

    def _look_at_waiting(self, front: Front) -> None:
        for cell in front.cells:
            if cell.state is T.NONE:
                self.look_at(cell)

    def _wait(self, cell: Cell) -> None:
        if cell.state is T.DEFERRED:
            self._count_deferred(cell, +1)
        self.dues.add_wait(cell)

    def _leave(self, cell: Cell, state: TaskState) -> None:
        """What the task instance held in this state is free."""
        if state in OCCUPIED_TASK:
            cell.run.occupied -= 1
            self.slots.release(cell.queue)
        elif state is T.DEFERRED:
            self._count_deferred(cell, -1)
        else:
            cell.ready_key = None

    def _count_deferred(self, cell: Cell, sign: int) -> None:
        spec = cell.task.spec
        self.slots.change_deferred(self.limits.pool(spec.pool), sign * spec.pool_slots)

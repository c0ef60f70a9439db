"""Which limits a task instance stands before: its DAG's pause, the DAG, its pool, and limits of the task itself."""

from __future__ import annotations

from collections.abc import Iterable

from tui_flow.planner.cells import Cell
from tui_flow.planner.slots import UNLIMITED, Limit, ReadyQueue
from tui_flow.records import DagRun, Pool
from tui_flow.spec import DagSpec, TaskSpec

_Needs = tuple[tuple[Limit[Cell], int], ...]


class Limits:
    """All limits by name, and the queues before them."""

    def __init__(self) -> None:
        self.pools: dict[str, Limit[Cell]] = {}
        self.known_pools: frozenset[str] = frozenset()
        """Those that exist."""
        self._gates: dict[str, Limit[Cell]] = {}
        self._shared: dict[tuple[str, str | None], Limit[Cell]] = {}
        """Of a DAG over all its runs, of a task over all runs: by dag_id and task_id (None: the DAG's own)."""
        self._newest: dict[tuple[str, str | None], int] = {}
        """Which run has set the size of a shared limit: the newest run's version of the DAG decides."""
        self._queues: dict[_Needs, ReadyQueue[Cell]] = {}

    def gate(self, dag_id: str) -> Limit[Cell]:
        if dag_id not in self._gates:
            self._gates[dag_id] = Limit(f"DAG {dag_id!r}")
        return self._gates[dag_id]

    def pool(self, name: str) -> Limit[Cell]:
        """A pool that does not exist has no slots."""
        if name not in self.pools:
            self.pools[name] = Limit(f"pool {name!r}", 0)
        return self.pools[name]

    def queues_of(self, run: DagRun, spec: DagSpec, gate: Limit[Cell] | None) -> dict[str, ReadyQueue[Cell]]:
        """The queue of each task of a run, by task id; tasks with equal limits share one."""
        if spec.max_active_tasks_per_run:
            tasks: Limit[Cell] = Limit(f"max_active_tasks of run {run.run_id}", spec.max_active_tasks)
        else:
            tasks = self._shared_limit(run, None, spec.max_active_tasks, f"max_active_tasks of DAG {run.dag_id!r}")
        common = ((gate, 1), (tasks, 1)) if gate else ((tasks, 1),)
        own: dict[_Needs, ReadyQueue[Cell]] = {}
        queues = {}
        for task in spec.tasks:
            needs = (*common, (self.pool(task.pool), task.pool_slots), *self._of_task(run, task))
            known = own if spec.max_active_tasks_per_run or task.max_active_tis_per_dagrun else self._queues
            queues[task.task_id] = known.setdefault(needs, ReadyQueue(needs))
        return queues

    def _of_task(self, run: DagRun, task: TaskSpec) -> Iterable[tuple[Limit[Cell], int]]:
        if task.max_active_tis_per_dag:
            name = f"max_active_tis_per_dag of task {task.task_id!r}"
            yield self._shared_limit(run, task.task_id, task.max_active_tis_per_dag, name), 1
        if task.max_active_tis_per_dagrun:
            yield Limit(f"max_active_tis_per_dagrun of task {task.task_id!r}", task.max_active_tis_per_dagrun), 1

    def _shared_limit(self, run: DagRun, task_id: str | None, size: int, name: str) -> Limit[Cell]:
        key = (run.dag_id, task_id)
        limit = self._shared.setdefault(key, Limit(name, size))
        if run.id >= self._newest.get(key, run.id):
            self._newest[key] = run.id
            limit.size = size
        return limit

    def take_pools(self, pools: Iterable[Pool]) -> list[tuple[Limit[Cell], int]]:
        """Takes the pools as they are now; the limits concerned with their new sizes."""
        changes = []
        sizes = {}
        for pool in pools:
            limit = self.pool(pool.name)
            sizes[pool.name] = UNLIMITED if pool.slots < 0 else pool.slots
            limit.include_deferred = pool.include_deferred
        self.known_pools = frozenset(sizes)
        for name, limit in self.pools.items():
            changes.append((limit, sizes.get(name, 0)))
        return changes

"""What the planner derives once from a DagSpec: who is told of whose end, effective weights, relatives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tui_flow.mapping import literal_lengths, shared_levels, sources_of
from tui_flow.planner.weights import effective_weights
from tui_flow.spec import DagSpec, TaskSpec


@dataclass(frozen=True, slots=True)
class TaskShape:
    """A task with its place in the DAG."""

    spec: TaskSpec
    order: int
    """Position in the file."""
    weight: int
    """Effective priority weight."""
    downstream: tuple[str, ...]
    setup_watchers: tuple[str, ...] = ()
    """Of a setup: tasks whose `Counts` have it among their setups."""
    past_watchers: tuple[str, ...] = ()
    """Tasks that wait for this task's instances of the previous run."""
    levels: tuple[str, ...] = ()
    """What expands it, see `mapping`; () for a task with one task instance in a run."""
    bound_levels: int = 0
    """How many of its first levels it shares with a task that it waits for: over these it waits index by index."""
    feeds: tuple[str, ...] = ()
    """Levels that map over its results."""
    setups: tuple[str, ...] = ()
    """The setups whose watcher it is."""

    def weight_of(self, try_number: int) -> int:
        """The effective weight of a try (1, 2, ...)."""
        weights = self.spec.weights_by_try
        return weights[min(max(try_number, 1), len(weights)) - 1] if weights else self.weight

    @property
    def needs_past(self) -> bool:
        return self.spec.depends_on_past or self.spec.wait_for_downstream


@dataclass(frozen=True, slots=True)
class Shape:
    spec: DagSpec
    tasks: Mapping[str, TaskShape]
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The tasks that each level expands, in file order."""
    literals: Mapping[str, int] = field(default_factory=dict)
    """Lengths of the levels that the file alone decides."""


def shape_of(spec: DagSpec) -> Shape:
    weights = effective_weights(spec)
    setup_watchers = {task.task_id: _setup_watchers(spec, task) for task in spec.tasks if task.is_setup}
    past_watchers = _past_watchers(spec)
    feeds, setups = _feeds(spec), _reversed(setup_watchers)
    tasks = {
        task.task_id: TaskShape(
            task,
            order,
            weights[task.task_id],
            spec.downstream[task.task_id],
            setup_watchers.get(task.task_id, ()),
            tuple(past_watchers.get(task.task_id, ())),
            spec.levels.get(task.task_id, ()),
            _bound_levels(spec, task, setups.get(task.task_id, ())),
            feeds.get(task.task_id, ()),
            setups.get(task.task_id, ()),
        )
        for order, task in enumerate(spec.tasks)
    }
    return Shape(spec, tasks, _members(spec), literal_lengths(spec))


def relatives(starts: Iterable[str], neighbours: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything that can be reached from `starts`, these excluded unless they are reached too."""
    found: set[str] = set()
    pending = list(starts)
    while pending:
        for near in neighbours[pending.pop()]:
            if near not in found:
                found.add(near)
                pending.append(near)
    return found


def upstream_of(spec: DagSpec) -> dict[str, tuple[str, ...]]:
    return {task.task_id: task.upstream for task in spec.tasks}


def teardowns_of(spec: DagSpec, setup_id: str) -> list[str]:
    return [below for below in spec.downstream[setup_id] if spec.by_id[below].is_teardown]


def _setup_watchers(spec: DagSpec, setup: TaskSpec) -> tuple[str, ...]:
    """Its teardowns, and the tasks of its scope that are not directly downstream of it."""
    teardowns = teardowns_of(spec, setup.task_id)
    scope = relatives([setup.task_id], spec.downstream)
    if teardowns:
        scope &= relatives(teardowns, upstream_of(spec))
    indirect = scope - set(spec.downstream[setup.task_id])
    plain = [task_id for task_id in indirect if not spec.by_id[task_id].is_teardown]
    return (*teardowns, *sorted(plain, key=spec.order.__getitem__))


def _past_watchers(spec: DagSpec) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task in spec.tasks:
        if task.depends_on_past or task.wait_for_downstream:
            found.setdefault(task.task_id, []).append(task.task_id)
        if task.wait_for_downstream:
            for below in spec.downstream[task.task_id]:
                found.setdefault(below, []).append(task.task_id)
    return found


def _feeds(spec: DagSpec) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for level, how in spec.mapped_levels.items():
        for task_id in dict.fromkeys(sources_of(how)):
            found.setdefault(task_id, []).append(level)
    return {task_id: tuple(levels) for task_id, levels in found.items()}


def _members(spec: DagSpec) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for task_id, levels in spec.levels.items():
        for level in levels:
            found.setdefault(level, []).append(task_id)
    return {level: tuple(task_ids) for level, task_ids in found.items()}


def _reversed(watchers: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for watched, watching in watchers.items():
        for task_id in watching:
            found.setdefault(task_id, []).append(watched)
    return {task_id: tuple(watched) for task_id, watched in found.items()}


def _bound_levels(spec: DagSpec, task: TaskSpec, setups: tuple[str, ...]) -> int:
    levels = spec.levels.get(task.task_id)
    if not levels:
        return 0
    return max((shared_levels(levels, spec.levels.get(above, ())) for above in (*task.upstream, *setups)), default=0)

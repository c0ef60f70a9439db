"""What holds whatever the DAG, the order of its tasks, the outcomes, and the order in which they arrive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.planner.dsl import NOW, World, is_over, name_of, run_of, task_of, tis_of
from tui_flow.mapping import sources_of
from tui_flow.planner.board import Board
from tui_flow.planner.decisions import FinishAttempt, MoveRun
from tui_flow.planner.plan import plan_tick
from tui_flow.planner.settle import AT_ONCE
from tui_flow.records import DagRun, Pool, TaskInstanceKey
from tui_flow.spec import DagSpec, GroupSpec, Json, TaskSpec
from tui_flow.state import FAILED_TASK, FINISHED_TASK, OCCUPIED_TASK, RunState, RunType, TaskState, TriggerRule

T = TaskState
RULES = [rule for rule in TriggerRule if rule is not TriggerRule.ALL_DONE_SETUP_SUCCESS]
ENDS = ["success", "success", "failed", "skipped", "lost", "void", "rescheduled", "killed"]


@dataclass(frozen=True)
class Setting:
    """Where a history starts."""

    specs: tuple[DagSpec, ...]
    """One per run."""
    parallelism: int
    pools: tuple[Pool, ...]
    seed: int
    at_most: int
    """Decisions of one tick."""


@st.composite
def task_specs(draw: st.DrawFn, task_id: str, above: list[str]) -> TaskSpec:
    upstream = draw(st.lists(st.sampled_from(above), unique=True, max_size=3)) if above else []
    past = draw(st.sampled_from(["", "", "", "depends_on_past", "wait_for_downstream"]))
    return task_of(
        task_id,
        upstream,
        trigger_rule=draw(st.sampled_from([TriggerRule.ALL_SUCCESS, *RULES])),
        retries=draw(st.integers(0, 2)),
        retry_delay_s=draw(st.sampled_from([0.0, 30.0])),
        pool=draw(st.sampled_from(["default_pool", "small"])),
        pool_slots=draw(st.integers(1, 2)),
        priority_weight=draw(st.integers(-2, 3)),
        max_active_tis_per_dag=draw(st.sampled_from([None, None, 1])),
        max_active_tis_per_dagrun=draw(st.sampled_from([None, None, 1])),
        is_empty=draw(st.sampled_from([False, False, False, True])),
        is_setup=draw(st.sampled_from([False, False, False, True])),
        depends_on_past=past == "depends_on_past",
        wait_for_downstream=past == "wait_for_downstream",
        wait_for_past_depends_before_skipping=draw(st.booleans()),
    )


@st.composite
def ways_to_map(draw: st.DrawFn, upstream: Sequence[str]) -> Json:
    """Over literals, or over results of what the task waits for anyway."""
    args = [{"kind": "xcom", "task_id": task_id, "key": "return_value"} for task_id in upstream]
    literal = {"kind": "literal", "length": draw(st.integers(0, 3))}
    chosen = draw(st.lists(st.sampled_from([literal, *args]), min_size=1, max_size=2))
    kind = draw(st.sampled_from(["product", "zip", "concat", "map"]))
    if kind == "product":
        return {"kind": "expand", "args": {f"a{n}": part for n, part in enumerate(chosen)}}
    many = {"kind": kind, "args": chosen, "longest": draw(st.booleans())}
    return {"kind": "expand", "args": {"a": {"kind": "map", "arg": chosen[0]} if kind == "map" else many}}


@st.composite
def mapped(draw: st.DrawFn, tasks: list[TaskSpec]) -> list[TaskSpec]:
    """The tasks, some of them mapped; none of a group maps over a result from inside it."""
    found = []
    inside = {task.task_id for task in tasks if task.group}
    for task in tasks:
        sources = [task_id for task_id in task.upstream if not task.group or task_id not in inside]
        if draw(st.sampled_from([False, False, True])):
            task = replace(task, mapped=draw(ways_to_map(sources)), is_empty=False)
        found.append(task)
    return found


@st.composite
def dag_specs(draw: st.DrawFn, dag_id: str) -> DagSpec:
    names = [f"t{n}" for n in range(draw(st.integers(0, 7)))]
    tasks = [draw(task_specs(name, names[:n])) for n, name in enumerate(names)]
    groups: tuple[GroupSpec, ...] = ()
    if draw(st.booleans()):
        start = draw(st.integers(1, 4))
        members = names[start : start + draw(st.integers(1, 3))]
        how = draw(ways_to_map(names[:start]))
        first = set(sources_of(how))
        groups = (GroupSpec("g", mapped=how),)
        for place, task in enumerate(tasks):
            if task.task_id in members:
                tasks[place] = replace(task, group="g", upstream=tuple(sorted({*task.upstream, *first})))
    if draw(st.booleans()):
        tasks = draw(mapped(tasks))
    setups = [task.task_id for task in tasks if task.is_setup]
    if setups:
        rule = TriggerRule.ALL_DONE_SETUP_SUCCESS
        tasks.append(task_of("teardown", [setups[0], names[-1]], is_teardown=True, trigger_rule=rule))
    return DagSpec(
        dag_id,
        "d.py",
        tasks=tuple(draw(st.permutations(tasks))),
        groups=groups,
        max_active_tasks=draw(st.integers(1, 4)),
        max_active_tasks_per_run=draw(st.booleans()),
        dagrun_timeout_s=draw(st.sampled_from([None, None, 45.0])),
        fail_fast=draw(st.booleans()) and all(task.trigger_rule is TriggerRule.ALL_SUCCESS for task in tasks),
    )


@st.composite
def histories(draw: st.DrawFn) -> Setting:
    dags = [draw(dag_specs(f"d{n}")) for n in range(draw(st.integers(1, 2)))]
    specs = tuple(draw(st.sampled_from(dags)) for _ in range(draw(st.integers(1, 4))))
    pools = (Pool("default_pool", draw(st.integers(2, 4)), draw(st.booleans())), Pool("small", 2))
    at_most = draw(st.sampled_from([1, 3, AT_ONCE]))
    return Setting(specs, draw(st.integers(1, 6)), pools, draw(st.integers(0, 2**32)), at_most)


def world_of(setting: Setting) -> World:
    world = World(setting.parallelism, setting.pools)
    world.at_most = setting.at_most
    for number, spec in enumerate(setting.specs, 1):
        run_type = RunType.MANUAL if number % 3 == 0 else RunType.SCHEDULED
        run = run_of(spec, number, run_type=run_type)
        world.add(spec, run, previous=previous_of(world, run), past=past_of(world, run))
    return world


def previous_of(world: World, run: DagRun) -> DagRun | None:
    earlier = [other for other in world.runs.values() if other.dag_id == run.dag_id and other.id < run.id]
    return earlier[-1] if earlier else None


def past_of(world: World, run: DagRun) -> list:  # type: ignore[type-arg]
    previous = previous_of(world, run)
    return [ti for ti in world.tis.values() if previous is not None and ti.run == previous.id]


def board_anew(world: World, pools: tuple[Pool, ...], paused: set[str], rng: Random) -> Board:
    """The same state loaded from its rows, in any order."""
    board = Board(world.board.slots.total.size)
    board.set_pools(rng.sample(pools, len(pools)))
    for dag_id in paused:
        board.set_paused(dag_id, True)
    runs = [run for run in world.runs.values() if world.board.has_run(run.id)]
    for run in rng.sample(runs, len(runs)):
        tis = [ti for ti in world.tis.values() if ti.run == run.id]
        board.add_run(
            run, world.specs[run.id], rng.sample(tis, len(tis)), past_of(world, run), previous=previous_of(world, run)
        )
    for key, attempt_id in world.attempts.items():
        board.set_attempt(key, attempt_id)
    return board


def check_limits(world: World, pools: tuple[Pool, ...]) -> None:
    """I10: at every instant no limit is exceeded."""
    live = world.live()
    tasks = {key: world.specs[key.run].by_id[key.task_id] for key in live}
    assert len(live) <= world.board.slots.total.size
    assert len(live) == world.board.slots.total.used
    slots: Counter[str] = Counter()
    for key in live:
        slots[tasks[key].pool] += tasks[key].pool_slots
    for pool in pools:
        assert slots[pool.name] <= pool.slots
    per_run, per_dag = Counter(key.run for key in live), Counter(world.specs[key.run].dag_id for key in live)
    per_task = Counter((world.specs[key.run].dag_id, key.task_id) for key in live)
    for key in live:
        spec, task = world.specs[key.run], tasks[key]
        active = per_run[key.run] if spec.max_active_tasks_per_run else per_dag[spec.dag_id]
        assert active <= spec.max_active_tasks
        assert task.max_active_tis_per_dag is None or per_task[spec.dag_id, key.task_id] <= task.max_active_tis_per_dag


def check_counts(world: World) -> None:
    """What the board counts over a run is what there is."""
    for run_id, run in world.board.runs.items():
        states = [ti.state for ti in world.tis.values() if ti.run == run_id]
        unfinished = [state for state in states if state not in FINISHED_TASK]
        assert run.unfinished == len(unfinished)
        assert run.started == sum(state is not T.NONE for state in unfinished)
        assert run.failed == sum(state in FAILED_TASK for state in states)
        assert run.occupied == sum(state in OCCUPIED_TASK for state in states)


def expected_state(world: World, run_id: int) -> RunState:
    """I11, told anew: a run has failed when something has that nothing comes after."""
    spec = world.specs[run_id]
    for task in spec.tasks:
        below = [spec.by_id[task_id] for task_id in spec.downstream[task.task_id]]
        is_leaf = not task.is_teardown and all(other.is_teardown for other in below)
        states = [ti.state for key, ti in world.tis.items() if (key.run, key.task_id) == (run_id, task.task_id)]
        if is_leaf and any(state in FAILED_TASK for state in states):
            return RunState.FAILED
    return RunState.SUCCESS


class History:
    """Plays a world to its end with outcomes drawn from a seed."""

    def __init__(self, setting: Setting) -> None:
        self.rng = Random(setting.seed)
        self.pools = setting.pools
        self.world = world_of(setting)
        self.paused: set[str] = set()
        self.tries: Counter[TaskInstanceKey] = Counter()

    def play(self) -> None:
        self.check(self.world.tick())
        for step in range(600):
            if self.has_come_to_rest():
                assert all(is_over(run) or self.waits_for_a_failure(run) for run in self.world.runs.values())
                return
            self.trouble(step)
            self.check(self.world.tick(*self.reports(calm=step > 300), seconds=self.rng.choice([0, 1, 20])))
        raise AssertionError("not every run ends")

    def has_come_to_rest(self) -> bool:
        board = self.world.board
        return board.is_settled and not self.world.live() and not self.paused and board.dues.next() is None

    def waits_for_a_failure(self, run: DagRun) -> bool:
        """depends_on_past stops a run for good when the one before has not succeeded, or is stopped itself."""
        previous = previous_of(self.world, run)
        assert previous is not None
        ended_well = all(ti.state in (T.SUCCESS, T.SKIPPED) for ti in past_of(self.world, run))
        return bool(self.world.board.runs[run.id].blocked_by_past) and not ended_well

    def reports(self, calm: bool) -> list:  # type: ignore[type-arg]
        found = []
        for key in self.world.live():
            if self.rng.random() < 0.3:
                continue
            if self.world.tis[key].state is T.QUEUED and self.rng.random() < 0.7:
                found.append(self.world.report(name_of(key), "running", key.run))
            else:
                found.append(self.end_of(key, calm))
        self.rng.shuffle(found)
        return found

    def end_of(self, key: TaskInstanceKey, calm: bool) -> tuple:  # type: ignore[type-arg]
        end = self.rng.choice(["success", "failed"] if calm else ENDS)
        if end == "void" and self.world.tis[key].state is not T.QUEUED:
            end = "success"
        self.tries[key] += end not in ("void", "rescheduled")
        due = (self.world.now + timedelta(seconds=5)).isoformat() if end == "rescheduled" else None
        below = self.world.specs[key.run].downstream[key.task_id]
        skips = tuple(self.rng.sample(below, len(below) // 2)) if end == "success" and self.rng.random() < 0.2 else ()
        return self.world.report(name_of(key), end, key.run, due_at=due, skips=skips, map_length=self.length(key, end))

    def length(self, key: TaskInstanceKey, end: str) -> int | None:
        """An instance of a mapped task pushes one thing or nothing, another task a few elements."""
        if end != "success":
            return None
        return self.rng.choice([0, 1]) if key.map_index >= 0 else self.rng.choice([0, 1, 2, 3, None])

    def trouble(self, step: int) -> None:
        """Now and then a DAG is paused or unpaused, or a run is loaded anew; in the end all go on."""
        dag_id = self.rng.choice([spec.dag_id for spec in self.world.specs.values()])
        if step > 300 or (dag_id in self.paused and self.rng.random() < 0.5):
            self.paused.discard(dag_id)
            self.world.board.set_paused(dag_id, False)
        elif self.rng.random() < 0.05:
            self.paused.add(dag_id)
            self.world.board.set_paused(dag_id, True)
        elif self.rng.random() < 0.05:
            run = self.world.runs[self.rng.choice(list(self.world.runs))]
            if self.world.board.has_run(run.id):
                previous, past = previous_of(self.world, run), past_of(self.world, run)
                self.world.add(self.world.specs[run.id], run, [], previous=previous, past=past)
                for key, attempt_id in self.world.attempts.items():
                    self.world.board.set_attempt(key, attempt_id)

    def check(self, decisions: list) -> None:  # type: ignore[type-arg]
        world = self.world
        if world.board.is_settled:
            assert world.tick() == []
            anew = board_anew(world, self.pools, self.paused, self.rng)
            assert plan_tick(anew, (), world.now) == []
        check_limits(world, self.pools)
        check_counts(world)
        for decision in decisions:
            if isinstance(decision, MoveRun) and decision.reason in ("success", "task_failure"):
                assert decision.new is expected_state(world, decision.run)
            if isinstance(decision, MoveRun) and decision.reason != "timed_out":
                assert not (decision.reason or "").startswith("all_tasks_deadlocked")
                tis = [ti for ti in world.tis.values() if ti.run == decision.run]
                assert all(ti.state in FINISHED_TASK for ti in tis)
            if isinstance(decision, FinishAttempt):
                assert self.tries[decision.key] <= world.specs[decision.key.run].by_id[decision.key.task_id].retries + 1


@settings(max_examples=60, deadline=None)
@given(histories())
def test_every_run_ends_within_its_limits_and_tries(setting: Setting) -> None:
    History(setting).play()


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(setting: Setting, rng: Random) -> None:
    world = world_of(setting)
    some = [T.NONE, T.SCHEDULED, T.SUCCESS, T.FAILED, T.SKIPPED]
    for key in world.tis:
        world.tis[key] = replace(world.tis[key], state=rng.choice(some), map_length=rng.choice([None, 0, 1, 2]))
    boards = [board_anew(world, setting.pools, set(), Random(seed)) for seed in (1, 2)]
    first, second = (sorted(map(repr, plan_tick(board, (), NOW))) for board in boards)
    assert first == second


@settings(max_examples=30, deadline=None)
@given(dag_specs("d"))
def test_the_order_of_tasks_in_the_file_decides_nothing_but_ties(spec: DagSpec) -> None:
    """With room for all, two orders of the same tasks move and launch the same ones."""
    plenty = replace(spec, max_active_tasks=100)
    turned = replace(plenty, tasks=tuple(reversed(plenty.tasks)))
    answers = []
    for each in (plenty, turned):
        board = Board(100)
        board.set_pools([Pool("default_pool", 100), Pool("small", 100)])
        run = run_of(each, spec_version="same")
        board.add_run(run, each, tis_of(run, each))
        answers.append({repr(decision) for decision in plan_tick(board, (), NOW)})
    limited = any(task.max_active_tis_per_dag for task in spec.tasks)
    assert limited or answers[0] == answers[1]


def test_occupied_states_are_those_that_the_world_counts_as_alive() -> None:
    assert frozenset({T.QUEUED, T.RUNNING, T.RESTARTING}) == OCCUPIED_TASK

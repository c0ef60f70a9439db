"""What follows in a run when something has ended: rules, branches, setups, the previous run, a task's own dates."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.planner.dsl import NOW, World, dag_of, run_of, ti_of, tis_of
from tui_flow.records import TaskInstanceKey
from tui_flow.spec import DagSpec
from tui_flow.state import RunState, RunType


def settled(spec: DagSpec, **states: str) -> dict[str, str]:
    world = World()
    run = run_of(spec)
    world.add(spec, run, tis_of(run, spec, **states))
    world.tick()
    return world.states()


def test_failure_goes_down_the_graph() -> None:
    spec = dag_of("a >> b >> c; a >> d", d={"trigger_rule": "all_done"})
    assert settled(spec, a="failed") == {"a": "failed", "b": "upstream_failed", "c": "upstream_failed", "d": "queued"}


def test_a_skip_goes_down_until_a_rule_takes_it() -> None:
    spec = dag_of("a >> b >> c", c={"trigger_rule": "none_failed"})
    assert settled(spec, a="skipped") == {"a": "skipped", "b": "skipped", "c": "queued"}


def test_always_does_not_wait() -> None:
    assert settled(dag_of("a >> b", b={"trigger_rule": "always"}))["b"] == "queued"


def test_a_branch_skips_what_it_names_at_once_also_further_down() -> None:
    world = World()
    world.add(dag_of("br >> [left, right] >> join; right >> far >> end; other >> far", other={"pool": "closed"}))
    world.tick()
    world.finish("br", skips=("right", "far"))
    assert world.states() | {"left": ""} == {
        "br": "success",
        "left": "",
        "right": "skipped",
        "far": "skipped",
        "join": "skipped",
        "end": "skipped",
        "other": "scheduled",
    }


def test_a_branch_skips_also_what_waits_for_a_slot() -> None:
    world = World()
    world.add(dag_of("br >> a", a={"trigger_rule": "always", "pool": "closed"}))
    world.tick()
    assert world.states()["a"] == "scheduled"
    world.finish("br", skips=("a",))
    assert world.states()["a"] == "skipped"
    assert world.runs[1].state is RunState.SUCCESS


def test_a_branch_is_remembered_when_what_it_skipped_is_cleared() -> None:
    spec = dag_of("br >> [left, right]")
    run = run_of(spec)
    world = World()
    tis = [ti_of(run, spec.by_id["br"], "success", 1, skips=("right",)), *tis_of(run, dag_of("left; right"))]
    world.add(spec, run, tis)
    world.tick()
    assert world.states() == {"br": "success", "left": "queued", "right": "skipped"}


def test_a_failed_setup_stops_its_scope_also_where_it_is_not_direct() -> None:
    rule = {"is_teardown": True, "trigger_rule": "all_done_setup_success"}
    loose = {"trigger_rule": "all_done"}
    spec = dag_of(
        "s >> w1 >> w2 >> t; s >> t; t >> after", s={"is_setup": True}, t=rule, w1=loose, w2=loose, after=loose
    )
    states = settled(spec, s="failed", w1="success")
    assert states["w2"] == "upstream_failed"
    assert states["t"] == "upstream_failed"
    assert states["after"] == "queued"


def test_a_task_waits_for_a_setup_further_up() -> None:
    spec = dag_of("s >> w1 >> w2; other >> w2", s={"is_setup": True}, w2={"trigger_rule": "one_success"})
    assert settled(spec, other="success")["w2"] == "none"


def test_a_teardown_does_not_decide_the_run() -> None:
    spec = dag_of("w >> t", t={"is_teardown": True, "trigger_rule": "all_done_setup_success"})
    for outcome, expected in (("success", RunState.SUCCESS), ("failed", RunState.FAILED)):
        world = World()
        run = run_of(spec)
        world.add(spec, run, tis_of(run, spec, w=outcome, t="failed"))
        world.tick()
        assert world.runs[1].state is expected


@pytest.mark.parametrize(
    ("settings", "run_type", "expected"),
    [
        ({"start_date": NOW + timedelta(days=9)}, RunType.SCHEDULED, "removed"),
        ({"end_date": NOW}, RunType.SCHEDULED, "removed"),
        ({"start_date": NOW + timedelta(days=1), "end_date": NOW + timedelta(days=1)}, RunType.SCHEDULED, "queued"),
        ({"end_date": NOW}, RunType.BACKFILL, "queued"),
    ],
)
def test_a_task_takes_part_between_its_own_dates(settings: dict[str, object], run_type: RunType, expected: str) -> None:
    spec = dag_of("a >> b", a=settings)
    world = World()
    world.add(spec, run_of(spec, run_type=run_type))
    world.tick()
    assert world.states()["a"] == expected
    assert world.states()["b"] == ("queued" if expected == "removed" else "none")


def test_a_run_has_failed_when_what_decides_it_is_not_in_it() -> None:
    spec = dag_of("a >> b", b={"start_date": NOW + timedelta(days=9)})
    world = World()
    run = run_of(spec)
    world.add(spec, run, tis_of(run, spec, a="failed"))
    world.tick()
    assert world.runs[1].state is RunState.FAILED


def two_runs(spec: DagSpec, **first: str) -> World:
    world = World()
    one = run_of(spec, 1)
    world.add(spec, one, tis_of(one, spec, **first))
    past = [ti for ti in world.tis.values() if ti.run == 1]
    world.add(spec, run_of(spec, 2), previous=one, past=past)
    world.tick()
    return world


def test_depends_on_past_waits_for_the_previous_run_while_it_goes_on() -> None:
    world = two_runs(dag_of("a", a={"depends_on_past": True}))
    assert world.states(2)["a"] == "none"
    assert world.board.followers(1) == (2,)
    world.finish("a")
    assert world.states(2)["a"] == "queued"


def test_depends_on_past_does_not_go_on_after_a_failure() -> None:
    world = two_runs(dag_of("a", a={"depends_on_past": True}))
    world.finish("a", "failed")
    assert world.states(2)["a"] == "none"
    assert world.runs[2].state is RunState.RUNNING


def test_a_mend_in_the_previous_run_is_seen_when_the_run_is_added_again() -> None:
    world = two_runs(dag_of("a", a={"depends_on_past": True}), a="failed")
    assert not world.board.has_run(1)
    [follower] = world.board.followers(1)
    mended = tis_of(world.runs[1], world.specs[1], a="success")
    world.add(world.specs[2], world.runs[follower], [], previous=world.runs[1], past=mended)
    world.tick()
    assert world.states(2)["a"] == "queued"


def test_a_previous_run_that_is_cleared_is_waited_for_again() -> None:
    spec = dag_of("a >> b", b={"depends_on_past": True})
    world = two_runs(spec, a="success", b="success")
    assert world.states(2) == {"a": "queued", "b": "none"}
    world.tis[TaskInstanceKey(1, "b")] = ti_of(world.runs[1], spec.by_id["b"])
    world.runs[1] = run_of(spec, 1)
    world.add(spec, world.runs[1], [])
    world.finish("a", run=2)
    assert world.states(2)["b"] == "none"
    world.finish("b", run=1)
    assert world.states(2)["b"] == "queued"


def test_wait_for_downstream_waits_for_direct_downstream_tasks_only() -> None:
    spec = dag_of("a >> b >> c", a={"depends_on_past": True, "wait_for_downstream": True})
    world = two_runs(spec, a="success")
    assert world.states(2)["a"] == "none"
    world.finish("b")
    assert world.states(2)["a"] == "queued"


def test_the_first_run_of_a_backfill_does_not_wait() -> None:
    spec = dag_of("a", a={"depends_on_past": True})
    world = World()
    one = run_of(spec, 1)
    two = run_of(spec, 2, run_type=RunType.BACKFILL, backfill_id=4)
    world.add(spec, two, previous=one, past=tis_of(one, spec, a="failed"))
    world.tick()
    assert world.states(2)["a"] == "queued"


@pytest.mark.parametrize(("ignores_first", "expected"), [(True, "queued"), (False, "none")])
def test_a_new_task_waits_unless_it_ignores_its_first_past(ignores_first: bool, expected: str) -> None:
    spec = dag_of("a; b", b={"depends_on_past": True, "ignore_first_depends_on_past": ignores_first})
    world = World()
    one = run_of(spec, 1)
    world.add(spec, run_of(spec, 2), previous=one, past=tis_of(one, dag_of("a"), a="success"))
    world.tick()
    assert world.states(2)["b"] == expected


@pytest.mark.parametrize(("ignores_first", "expected"), [(True, "queued"), (False, "none")])
def test_a_task_that_was_removed_from_the_previous_run_was_not_in_it(ignores_first: bool, expected: str) -> None:
    spec = dag_of("a", a={"depends_on_past": True, "ignore_first_depends_on_past": ignores_first})
    world = World()
    one = run_of(spec, 1)
    world.add(spec, run_of(spec, 2), previous=one, past=tis_of(one, spec, a="removed"))
    world.tick()
    assert world.states(2)["a"] == expected


@pytest.mark.parametrize(("waits", "expected"), [(True, "none"), (False, "skipped")])
def test_a_skip_may_wait_for_the_past_too(waits: bool, expected: str) -> None:
    past = {"depends_on_past": True, "wait_for_past_depends_before_skipping": waits}
    spec = dag_of("a >> b", b=past)
    world = World()
    one, two = run_of(spec, 1), run_of(spec, 2)
    world.add(spec, two, tis_of(two, spec, a="skipped"), previous=one, past=tis_of(one, spec, b="failed"))
    world.tick()
    assert world.states(2)["b"] == expected

"""Assets in the database: who names them, their events, the queues of those who wait, and what goes with time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.store_kit import HOUR, NOW, database, ending, launched, run_of, started, store
from tests.unit.planner.dsl import dag_of
from tui_flow.asset_records import AssetRow, AssetWatch
from tui_flow.errors import NotFound
from tui_flow.planner.assets import plan_asset_run
from tui_flow.sdk.asset import Asset, AssetAlias, BaseAsset
from tui_flow.sdk.asset_watcher import AssetWatcher
from tui_flow.spec import DagSpec
from tui_flow.state import AttemptState, TaskState
from tui_flow.store.writer import Writer
from tui_flow.timetables import AssetTriggeredTimetable

A, B = Asset("a"), Asset("b", "file:///b")
X = AssetAlias("x")
T = TaskState


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(database(tmp_path)) as writer:
        yield writer


def consumer(waits: BaseAsset, dag_id: str = "c", **more: Any) -> DagSpec:
    return dag_of("t", dag_id=dag_id, timetable=AssetTriggeredTimetable(waits.describe()).to_dict(), **more)


def producer(*outlets: BaseAsset, inlets: Sequence[BaseAsset] = (), dag_id: str = "d") -> DagSpec:
    spec = dag_of("a", dag_id=dag_id)
    made = tuple(asset.describe() for asset in outlets)
    (task,) = spec.tasks
    return replace(spec, tasks=(replace(task, outlets=made, inlets=tuple(i.describe() for i in inlets)),))


def stored(writer: Writer, *specs: DagSpec) -> None:
    for spec in specs:
        store(writer, spec, file=f"{spec.dag_id}.py", source="s1")


def event(asset: BaseAsset, extra: Any = None, alias: str | None = None) -> dict[str, Any]:
    return {"asset": asset.describe(), "extra": extra or {}, "alias": alias}


def record(writer: Writer, *events: dict[str, Any]) -> int:
    return writer.record_asset_events(events, {"by": "test"}, NOW)


def queued(writer: Writer, dag_id: str = "c") -> list[str]:
    return [update.name for update in writer.reads.updates_waiting(dag_id).get(dag_id, [])]


def run_by_assets(writer: Writer, dag_id: str = "c", after: Any = HOUR) -> list[dict[str, Any]]:
    """Make the run that is due; the extras of the events that made it."""
    dag = writer.reads.dag(dag_id)
    assert dag is not None
    spec = writer.reads.spec(dag_id, dag.spec_version)
    updates = writer.reads.updates_waiting(dag_id).get(dag_id, [])
    ((_, run),) = writer.apply(plan_asset_run(dag, spec, updates, 0, NOW + after), NOW + after).created
    return [dict(found.extra) for found in writer.reads.events_of_run(run)]


def the_asset(writer: Writer, name: str) -> AssetRow:
    return writer.reads.assets_named(name)[0]


def test_an_update_is_queued_once_for_each_dag_that_waits(writer: Writer) -> None:
    stored(writer, consumer(A & B), consumer(A, "other"), producer(A, B))
    record(writer, event(A), event(A))
    record(writer, event(A))
    assert (queued(writer), queued(writer, "other"), queued(writer, "d")) == (["a"], ["a"], [])
    assert len(writer.reads.newest_asset_events(the_asset(writer, "a").id, 10)) == 3


def test_a_run_takes_the_queue_and_the_events_since_the_last(writer: Writer) -> None:
    stored(writer, consumer(A | B))
    record(writer, event(A, {"n": 1}), event(B, {"n": 2}), event(Asset("unrelated"), {"n": 3}))
    assert [found.extra["n"] for found in writer.reads.events_waiting("c")] == [1, 2]
    assert run_by_assets(writer) == [{"n": 1}, {"n": 2}]
    assert queued(writer) == [] == writer.reads.events_waiting("c")
    record(writer, event(A, {"n": 4}))
    assert run_by_assets(writer, after=2 * HOUR) == [{"n": 4}]


def test_events_from_before_a_dag_waited_are_not_its(writer: Writer) -> None:
    stored(writer, producer(A))
    record(writer, event(A, {"n": 1}))
    stored(writer, consumer(A))
    assert queued(writer) == []
    record(writer, event(A, {"n": 2}))
    assert run_by_assets(writer) == [{"n": 2}]


def test_a_run_that_is_not_made_takes_nothing(writer: Writer) -> None:
    stored(writer, consumer(A))
    record(writer, event(A))
    dag = writer.reads.dag("c")
    assert dag is not None
    (run,) = plan_asset_run(dag, consumer(A), writer.reads.updates_waiting("c")["c"], 0, NOW)
    assert writer.apply([replace(run, consumes_assets=False)], NOW).created
    assert not writer.apply([run], NOW).is_complete, "its run id is taken"
    assert queued(writer) == ["a"]


def test_paused_dags_queue_and_are_not_due(writer: Writer) -> None:
    stored(writer, consumer(A))
    writer.change("UPDATE dag SET is_paused = 1")
    record(writer, event(A))
    assert queued(writer) == ["a"] and writer.reads.updates_waiting() == {}
    writer.change("UPDATE dag SET is_paused = 0")
    assert list(writer.reads.updates_waiting()) == ["c"]


def test_what_a_changed_schedule_no_longer_waits_for_leaves_the_queue(writer: Writer) -> None:
    stored(writer, consumer(A & B))
    record(writer, event(A))
    stored(writer, consumer(A & Asset("z")))
    assert queued(writer) == ["a"]
    stored(writer, consumer(B))
    assert queued(writer) == []
    stored(writer, dag_of("t", dag_id="c"))
    record(writer, event(B))
    assert queued(writer) == [] and writer.reads.asset_references("c") == []


def test_a_dag_that_is_gone_waits_for_nothing_and_one_that_is_back_starts_anew(writer: Writer) -> None:
    stored(writer, consumer(A), producer(A))
    record(writer, event(A, {"n": 1}))
    writer.forget_file("c.py")
    record(writer, event(A, {"n": 2}))
    stored(writer, consumer(A))
    assert queued(writer) == []
    record(writer, event(A, {"n": 3}))
    assert run_by_assets(writer) == [{"n": 3}]
    writer.delete_dag("c")
    record(writer, event(A))
    assert queued(writer) == []


def test_an_alias_leads_to_what_was_added_to_it(writer: Writer) -> None:
    stored(writer, consumer(X), producer(X))
    record(writer, event(A))
    assert queued(writer) == []
    assert record(writer, event(A, {"n": 1}, "x"), event(A, {"n": 1}, "y"), event(A, {"n": 2}, "x")) == 2
    assert queued(writer) == ["a"]
    assert [(e.extra["n"], e.aliases) for e in writer.reads.asset_events({"alias": "x"})] == [
        (1, ("x", "y")),
        (2, ("x",)),
    ]
    run_by_assets(writer)
    record(writer, event(A))
    assert queued(writer) == ["a"], "from now on the asset itself is enough"


def test_a_reference_finds_the_asset_that_some_dag_defines(writer: Writer) -> None:
    stored(writer, consumer(Asset.ref(name="b")), consumer(Asset.ref(uri="file:///b"), "u"))
    with pytest.raises(NotFound, match="'b'"):
        record(writer, event(Asset.ref(name="b")))
    stored(writer, producer(B))
    record(writer, event(Asset.ref(name="b")))
    assert (queued(writer), queued(writer, "u")) == (["b"], ["b"])


def test_active_is_what_some_dag_makes_or_waits_for(writer: Writer) -> None:
    stored(writer, producer(B, inlets=[A]), consumer(Asset("w")))
    reads = writer.reads
    assert reads.active_asset("a", "a") is None
    assert (
        reads.active_asset("b", None) == reads.active_asset(None, "file:///b") == reads.active_asset("b", "file:///b")
    )
    assert reads.active_asset("b", "b") is None and reads.active_asset("w", None) is not None
    writer.forget_file("d.py")
    assert reads.active_asset("b", None) is None
    record(writer, event(A, alias="x"))
    assert reads.active_asset("a", None) is not None


def test_one_name_with_two_uris_is_an_import_error_of_the_later_file(writer: Writer) -> None:
    stored(writer, producer(B), producer(Asset("b", "file:///other"), dag_id="late"))
    (error,) = writer.reads.import_errors()
    assert error.file == "late.py" and "another name" in error.message and writer.reads.dag("late") is None
    stored(
        writer, producer(Asset("b", "file:///other"), dag_id="d"), producer(Asset("b", "file:///other"), dag_id="late")
    )
    assert writer.reads.import_errors() == [] and writer.reads.dag("late") is not None


def outcome(writer: Writer, new: T, ended: AttemptState, old: T = T.RUNNING) -> list[str]:
    """The assets that were updated by a task that ended so."""
    stored(writer, producer(A))
    run = run_of(writer, producer(A))
    attempt = started(writer, run)
    told = {"kind": "asset_events", "seq": 0, "events": [event(A, {"n": 1})]}
    assert writer.apply([ending(attempt, run, new, ended=ended, old=old, effects=[told])], NOW).is_complete
    return [found.asset.name for found in writer.reads.asset_events({})]


@pytest.mark.parametrize(
    ("new", "ended", "names"),
    [
        (T.SUCCESS, AttemptState.SUCCESS, ["a"]),
        (T.NONE, AttemptState.SUCCESS, []),
        (T.FAILED, AttemptState.FAILED, []),
        (T.UP_FOR_RETRY, AttemptState.FAILED, []),
        (T.SKIPPED, AttemptState.SKIPPED, []),
        (T.FAILED, AttemptState.LOST, []),
        (T.SUCCESS, AttemptState.KILLED, []),
    ],
)
def test_only_success_updates(writer: Writer, new: T, ended: AttemptState, names: list[str]) -> None:
    assert outcome(writer, new, ended) == names
    for found in writer.reads.asset_events({}):
        assert found.source == {"dag_id": "d", "run_id": "r", "task_id": "a", "map_index": -1}


def test_events_are_no_effect_of_a_running_task(writer: Writer) -> None:
    stored(writer, producer(A))
    run = run_of(writer, producer(A))
    attempt = launched(writer, run)
    assert writer.record_effect(attempt, 0, {"kind": "asset_events", "events": [event(A)]}, NOW)
    assert writer.reads.asset_events({}) == []


def test_an_event_that_cannot_be_recorded_keeps_no_result_back(writer: Writer) -> None:
    stored(writer, producer(A))
    run = run_of(writer, producer(A))
    told = {"kind": "asset_events", "seq": 0, "events": [event(A), event(Asset.ref(name="unknown"))]}
    assert writer.apply([ending(started(writer, run), run, effects=[told])], NOW).is_complete
    assert writer.reads.asset_events({}) == []
    assert "unknown" in str(writer.reads.events()[0].after)


def test_events_are_found_by_what_is_asked(writer: Writer) -> None:
    stored(writer, producer(A, B))
    for n in range(3):
        writer.record_asset_events([event(A, {"n": n, "k": str(n % 2)}), event(B)], None, NOW + n * HOUR)

    def numbers(**which: Any) -> list[int]:
        return [found.extra["n"] for found in writer.reads.asset_events({"name": "a", **which})]

    assert numbers() == [0, 1, 2] and numbers(ascending=False) == [2, 1, 0] and numbers(limit=2) == [0, 1]
    assert numbers(after=(NOW + HOUR).isoformat()) == [1, 2] and numbers(before=(NOW + HOUR).isoformat()) == [0, 1]
    assert numbers(with_extra={"k": "0"}) == [0, 2] and numbers(uri="b") == []
    assert len(writer.reads.asset_events({"uri": "file:///b"})) == 3


def test_old_events_go_but_not_the_newest_nor_what_is_awaited(writer: Writer) -> None:
    stored(writer, producer(A, B), consumer(B))
    writer.record_asset_events([event(A, {"n": n}) for n in range(3)], None, NOW)
    writer.record_asset_events([event(B, {"n": n}) for n in range(3)], None, NOW)
    record(writer, event(Asset("forgotten")))
    assert writer.clean_asset_events(NOW) == 0
    assert writer.clean_asset_events(NOW + HOUR) == 2
    assert [(e.asset.name, e.extra.get("n")) for e in writer.reads.asset_events({})] == [
        ("a", 2),
        ("b", 0),
        ("b", 1),
        ("b", 2),
        ("forgotten", None),
    ]
    assert run_by_assets(writer) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert writer.clean_asset_events(NOW + HOUR) == 2


def test_an_asset_that_nobody_names_goes_with_its_last_event(writer: Writer) -> None:
    stored(writer, producer(A, B))
    stored(writer, producer(B))
    assert [asset.name for asset in writer.reads.assets()] == ["a", "b"]
    writer.clean_asset_events(NOW)
    assert [asset.name for asset in writer.reads.assets()] == ["b"]


def watch(writer: Writer) -> AssetWatch:
    (found,) = writer.reads.asset_watches()
    return found


def test_a_watched_file_is_an_event_from_its_second_state_on(writer: Writer) -> None:
    watched = Asset("w", "file:///in", watchers=[AssetWatcher("f")])
    stored(writer, consumer(watched), producer(watched))
    assert watch(writer) == AssetWatch(the_asset(writer, "w").id, "/in", False, None)
    for signs, times in (("1", 0), ("2", 1), ("", 1), ("2", 2)):
        writer.see_file(watch(writer), signs, NOW)
        assert len(writer.reads.asset_events({})) == times, signs
    assert queued(writer) == ["w"] and writer.reads.asset_events({})[0].source == {"by": "file /in"}
    writer.forget_file("c.py")
    stored(writer, producer(A))
    assert writer.reads.asset_watches() == []


def test_a_new_version_of_a_dag_does_not_forget_what_was_seen(writer: Writer) -> None:
    watched = Asset("w", "file:///in", watchers=[AssetWatcher("f")])
    stored(writer, consumer(watched))
    writer.see_file(watch(writer), "1", NOW)
    stored(writer, consumer(watched | A))
    assert watch(writer).seen == "1"


def test_a_dag_that_was_stored_before_assets_were_known_is_read_again(writer: Writer) -> None:
    stored(writer, consumer(A))
    for table in ("asset_reference", "asset_consumer", "asset"):
        writer.change(f"DELETE FROM {table}")
    stored(writer, consumer(A))
    record(writer, event(A))
    assert queued(writer) == ["a"]

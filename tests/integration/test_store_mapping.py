"""Which task instances a run has in the database: as it is made, as a mapped task expands, as the DAG changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.integration.store_kit import NOW, database, run_of, store
from tests.unit.planner.dsl import dag_of
from tests.unit.planner.test_mapping import over
from tui_flow.planner.decisions import ExpandTask, MoveTask
from tui_flow.records import TaskInstanceKey
from tui_flow.state import TaskState
from tui_flow.store.writer import Writer

T = TaskState


def states(writer: Writer, run: int) -> dict[int, str]:
    return {ti.map_index: str(ti.state) for ti in writer.reads.task_instances(run, ["m"])}


def test_instances_are_made_moved_removed_and_restored(tmp_path: Path) -> None:
    with Writer(database(tmp_path)) as writer:
        spec = dag_of("s >> m", m={"mapped": over("s"), "retries": 2})
        store(writer, spec)
        run = run_of(writer, spec)
        assert states(writer, run) == {-1: "none"}
        moves = [MoveTask(TaskInstanceKey(run, "m", index), T.NONE, T.SCHEDULED, 0) for index in (0, 1)]
        applied = writer.apply([ExpandTask(run, "m", (0, 1, 2), (-1,), 2), *moves], NOW)
        assert applied.is_complete
        assert states(writer, run) == {0: "scheduled", 1: "scheduled", 2: "none"}
        assert {ti.max_tries for ti in writer.reads.task_instances(run, ["m"])} == {2}
        assert writer.apply([ExpandTask(run, "m", (), (2,), 2)], NOW).is_complete
        assert states(writer, run)[2] == "removed"
        assert writer.apply([ExpandTask(run, "m", (2, 3), (), 2)], NOW).is_complete
        assert states(writer, run) == {0: "scheduled", 1: "scheduled", 2: "none", 3: "none"}


def test_what_is_not_as_it_was_decided_on_is_not_taken(tmp_path: Path) -> None:
    with Writer(database(tmp_path)) as writer:
        spec = dag_of("m", m={"mapped": over(2)})
        store(writer, spec)
        run = run_of(writer, spec)
        assert states(writer, run) == {0: "none", 1: "none"}
        assert not writer.apply([ExpandTask(run, "m", (1,), (), 0)], NOW).is_complete
        writer.apply([MoveTask(TaskInstanceKey(run, "m", 0), T.NONE, T.SCHEDULED, 0)], NOW)
        assert not writer.apply([ExpandTask(run, "m", (), (0,), 0)], NOW).is_complete
        assert states(writer, run) == {0: "scheduled", 1: "none"}


def test_another_version_maps_or_maps_no_more(tmp_path: Path) -> None:
    with Writer(database(tmp_path)) as writer:
        spec = dag_of("m", m={"mapped": over(2)})
        store(writer, spec)
        run = run_of(writer, spec)
        plain = replace(spec, tasks=(replace(spec.tasks[0], mapped=None),))
        writer.follow_spec(run, plain)
        assert states(writer, run) == {-1: "none", 0: "removed", 1: "removed"}
        longer = replace(spec, tasks=(replace(spec.tasks[0], mapped=over(3)),))
        writer.follow_spec(run, longer)
        assert states(writer, run) == {-1: "removed", 0: "none", 1: "none", 2: "none"}

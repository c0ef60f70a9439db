"""What parsing found, as it is stored: versions, missing and duplicate DAGs, import errors, sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.store_kit import HOUR, NOW, database, run_of, store
from tests.unit.planner.dsl import dag_of
from tui_flow.planner.selection import runs_in_reach
from tui_flow.records import Dag, RunsBeside
from tui_flow.spec import DagSpec
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer

SPEC = dag_of("a >> b", tags=("x", "y"), description="first")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(database(tmp_path)) as writer:
        yield writer


def dag(writer: Writer, dag_id: str = "d") -> Dag:
    found = writer.reads.dag(dag_id)
    assert found is not None
    return found


def test_a_version_is_new_only_when_it_means_something_new(writer: Writer) -> None:
    assert store(writer, SPEC).changed == ("d",)
    assert store(writer, SPEC, source="s2").changed == ()
    assert (dag(writer).version_number, dag(writer).source_version) == (1, "s2")
    assert store(writer, dag_of("a")).changed == ("d",)
    assert dag(writer).version_number == 2
    store(writer, SPEC)
    assert dag(writer).version_number == 1, "the meaning it had before"
    assert [number for number, _, _ in writer.reads.spec_versions("d")] == [2, 1]
    assert (dag(writer).tags, dag(writer).description) == (("x", "y"), "first")


def test_the_caller_places_a_dag_when_it_is_new_or_changed(writer: Writer) -> None:
    seen: list[tuple[str, bool]] = []

    def place(spec: DagSpec, known: Dag | None) -> Placement:
        seen.append((spec.version, known is not None))
        return Placement(NOW + HOUR, "hourly", is_paused=True)

    changed = replace(SPEC, description="second")
    for spec in (SPEC, SPEC, changed):
        writer.store_parsed("d.py", [spec], "s1", {}, NOW, place)
    assert seen == [(SPEC.version, False), (changed.version, True)]
    found = dag(writer)
    assert (found.next_run_after, found.schedule, found.is_paused) == (NOW + HOUR, "hourly", True)


def test_a_new_schedule_owes_nothing_from_before(writer: Writer) -> None:
    store(writer, SPEC)
    store(writer, replace(SPEC, description="second"), now=NOW + HOUR)
    assert dag(writer).schedule_since is None
    store(writer, replace(SPEC, timetable={"kind": "Other"}), now=NOW + 2 * HOUR)
    assert dag(writer).schedule_since == NOW + 2 * HOUR


def test_a_dag_that_left_is_missing_and_comes_back_with_its_history(writer: Writer) -> None:
    other = dag_of("a", dag_id="e")
    store(writer, SPEC, other)
    run = run_of(writer, SPEC)
    assert store(writer, other).missing == ("d",)
    assert dag(writer).is_missing and [d.dag_id for d in writer.reads.dags(with_missing=False)] == ["e"]
    assert writer.forget_file("d.py").missing == ("e",)
    assert writer.reads.files() == []
    assert store(writer, SPEC, file="moved.py").changed == ("d",)
    found = writer.reads.run("d")
    assert (dag(writer).is_missing, dag(writer).file) == (False, "moved.py")
    assert found is not None and found.id == run


def test_a_dag_id_belongs_to_one_file(writer: Writer) -> None:
    store(writer, SPEC, file="one.py")
    stored = store(writer, dag_of("x"), dag_of("a", dag_id="mine"), file="two.py")
    assert (stored.changed, stored.refused) == (("mine",), ("d",))
    (error,) = writer.reads.import_errors()
    assert error.file == "two.py" and "one.py" in error.message and "'d'" in error.message
    assert dag(writer).spec_version == SPEC.version
    assert writer.forget_file("one.py").parse_again == ("two.py",)
    assert store(writer, dag_of("x"), file="two.py").changed == ("d",)
    assert writer.reads.import_errors() == []


def test_an_import_error_keeps_the_last_good_version(writer: Writer) -> None:
    store(writer, SPEC)
    writer.store_import_error("d.py", "SyntaxError: no", 3, NOW + HOUR)
    assert (dag(writer).import_error, dag(writer).is_missing) == ("SyntaxError: no", False)
    (error,) = writer.reads.import_errors()
    assert (error.file, error.line, error.at) == ("d.py", 3, NOW + HOUR)
    file = writer.reads.file("d.py")
    assert file is not None and (file.source_version, file.manifest) == ("s1", {"d.py": "s1"})
    writer.store_import_error("d.py", "SyntaxError: not yet", 4, NOW + 2 * HOUR)
    (error,) = writer.reads.import_errors()
    assert (error.message, error.at) == ("SyntaxError: not yet", NOW + HOUR), "broken since then"
    store(writer, SPEC)
    assert dag(writer).import_error is None
    writer.store_import_error("d.py", "SyntaxError: again", 4, NOW + 3 * HOUR)
    assert [error.at for error in writer.reads.import_errors()] == [NOW + 3 * HOUR]
    store(writer, SPEC)


def test_a_file_that_never_parsed_has_an_import_error(writer: Writer) -> None:
    writer.store_import_error("new.py", "boom", None, NOW, {"new.py": "h", "lib.py": "h2"})
    assert [e.file for e in writer.reads.import_errors()] == ["new.py"]
    assert writer.reads.files()[0].manifest == {"new.py": "h", "lib.py": "h2"}


def test_sources_are_kept_while_something_needs_them(writer: Writer) -> None:
    store(writer, SPEC, source="s1")
    run = run_of(writer, SPEC)
    store(writer, SPEC, source="s2")
    store(writer, SPEC, source="s3")
    assert writer.reads.sources_in_use() == {"s1", "s3"}
    assert writer.forget_sources() == 1
    assert writer.reads.manifest("s1") == {"d.py": "s1"} and writer.reads.manifest("s2") == {}
    writer.delete_run(run)
    assert writer.reads.sources_in_use() == {"s3"}


def test_a_deleted_dag_leaves_nothing(writer: Writer) -> None:
    store(writer, SPEC)
    run_of(writer, SPEC)
    assert writer.delete_dag("d") and not writer.delete_dag("d")
    for table in ("dag", "dag_run", "task_instance", "spec_version"):
        assert writer._connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_runs_are_listed_newest_first_by_page(writer: Writer) -> None:
    store(writer, SPEC)
    for number in (2, 0, 1, 3):
        run_of(writer, SPEC, f"r{number}", NOW + number * HOUR)
    page = writer.reads.runs("d", limit=2)
    assert [run.run_id for run in page] == ["r3", "r2"]
    after = writer.reads.runs("d", limit=2, before=(page[-1].run_after, page[-1].id))
    assert [run.run_id for run in after] == ["r1", "r0"]
    assert [run.run_id for run in writer.reads.runs(since=NOW + HOUR, until=NOW + 2 * HOUR)] == ["r2", "r1"]
    newest = writer.reads.run("d")
    assert newest is not None and newest.run_id == "r3"
    before, after_it = writer.reads.previous_run(newest), writer.reads.next_run(page[-1])
    assert before is not None and before.run_id == "r2" and after_it is not None and after_it.run_id == "r3"
    assert writer.reads.previous_run(newest, without_manual=True) is None
    assert [run.run_id for run in writer.reads.runs_between("d", NOW + HOUR, None)] == ["r1", "r2", "r3"]
    assert len(writer.reads.unfinished_runs("d")) == 4


def test_runs_beside_are_as_many_as_past_and_future_bring(writer: Writer) -> None:
    spec = dag_of("a", dag_id="d")
    store(writer, spec)
    dates = [NOW, NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR, None]
    for nth, date in enumerate(dates):
        run_of(writer, spec, f"r{nth}", date)
    reads = writer.reads
    assert reads.runs_beside("d", ["r1"]) == RunsBeside(earlier=1, later=2, others=3)
    assert reads.runs_beside("d", ["r1", "r2"]) == RunsBeside(earlier=1, later=1, others=2)
    assert reads.runs_beside("d", ["r4"]) == reads.runs_beside("d", []) == RunsBeside()
    for chosen in (["r0"], ["r1"], ["r3"], ["r0", "r3"], ["r4", "r2"]):
        runs, every = [reads.run("d", run_id) for run_id in chosen], reads.runs_between("d", None, None)
        brought = {other.id for run in runs if run for other in runs_in_reach(run, every, past=True)}
        assert reads.runs_beside("d", chosen).earlier == len(brought - {run.id for run in runs if run})

"""Full disks, killed writers, forks, replaced files, readers in the way."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.store_kit import HOUR, NOW, T, database, ending, key, run_of, started, state_of, store, the_run
from tests.unit.planner.dsl import dag_of
from tui_flow import errors
from tui_flow.planner.decisions import MoveRun, MoveTask
from tui_flow.state import RunState
from tui_flow.store import maintenance
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer

SPEC = dag_of("a >> b")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(database(tmp_path)) as writer:
        store(writer, SPEC)
        yield writer


def test_a_full_disk_changes_nothing_and_passes(writer: Writer) -> None:
    run = run_of(writer, SPEC)
    attempt_id = started(writer, run)
    (pages,) = writer._connection.execute("PRAGMA page_count").fetchone()
    writer._connection.execute(f"PRAGMA max_page_count = {pages}")
    big = [{"kind": "xcom", "key": "k", "value": "x" * 1_000_000}]
    with pytest.raises(errors.DiskFull, match="nothing was changed"):
        writer.apply([ending(attempt_id, run, effects=big)], NOW)
    assert (state_of(writer, run), writer.reads.xcoms(run)) == (T.RUNNING, [])
    writer.quick_check()
    writer._connection.execute("PRAGMA max_page_count = 1073741823")
    assert writer.apply([ending(attempt_id, run, effects=big)], NOW).is_complete


_WRITE_FOREVER = """
import sys, itertools
from pathlib import Path
from tests.integration.store_kit import NOW
from tui_flow.planner.decisions import AddCallback
from tui_flow.state import CallbackKind
from tui_flow.store.writer import Writer
writer = Writer(Path(sys.argv[1]))
for number in itertools.count():
    writer.apply([AddCallback(1, None, CallbackKind.RUN_SUCCESS, str(number))] * 20, NOW)
    print(number, flush=True)
"""


@pytest.mark.parametrize("pause_s", [0.0, 0.003, 0.011])
def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path, pause_s: float) -> None:
    path = database(tmp_path)
    with Writer(path) as writer:
        store(writer, SPEC)
        run_of(writer, SPEC)
    command = [sys.executable, "-c", _WRITE_FOREVER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause_s)
        process.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in process.stdout]
    with Writer(path) as writer:
        writer.quick_check()
        reasons = [int(row.reason) for row in writer.reads.open_callbacks()]
    assert len(reasons) % 20 == 0, "a half transaction"
    assert len(set(reasons)) >= len(acknowledged), "a lost one"


def test_a_reader_sees_commits_only_and_is_not_in_the_way(tmp_path: Path, writer: Writer) -> None:
    run = run_of(writer, SPEC)
    with Reader(database(tmp_path)) as reader:
        version = reader.data_version()
        with writer.transaction():
            writer.apply([MoveTask(key(run), T.NONE, T.SCHEDULED, 0)], NOW)
            assert reader.live_counts() == {} and writer.reads.live_counts() == {T.SCHEDULED: 1}
            assert reader.data_version() == version
        assert reader.live_counts() == {T.SCHEDULED: 1} and reader.data_version() != version
        with pytest.raises(errors.HomeNotWritable):
            reader._all("DELETE FROM dag")


def test_an_error_inside_undoes_the_outer_transaction_too(writer: Writer) -> None:
    run = run_of(writer, SPEC)
    with pytest.raises(ValueError, match="not a legal move"), writer.transaction():
        writer.set_note(run, "kept?")
        writer.apply([MoveTask(key(run), T.NONE, T.RUNNING, 0)], NOW)
    assert the_run(writer, run).note is None


def test_a_forked_child_cannot_use_the_connections(tmp_path: Path, writer: Writer) -> None:
    reader = Reader(database(tmp_path))
    pid = os.fork()
    if pid == 0:
        refused = 0
        for use in (reader.dags, writer.reads.dags, lambda: writer.set_note(1, "x"), writer.quick_check):
            try:
                use()
            except RuntimeError:
                refused += 1
        os._exit(refused)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 4
    reader.close()
    assert [dag.dag_id for dag in writer.reads.dags()] == ["d"]


def test_a_deleted_file_is_noticed_and_rescued(tmp_path: Path, writer: Writer) -> None:
    writer.check_file()
    for file in database(tmp_path).parent.glob("tuiflow.db*"):
        file.unlink()
    run_of(writer, SPEC)
    with pytest.raises(errors.DatabaseForeign, match="gone"):
        writer.check_file()
    copy = writer.rescue(NOW)
    with Reader(copy) as reader:
        assert reader.run("d", "r") is not None


def test_a_replaced_or_linked_file_is_noticed(tmp_path: Path, writer: Writer) -> None:
    path = database(tmp_path)
    os.link(path, tmp_path / "link")
    with pytest.raises(errors.DatabaseForeign, match="hard links"):
        writer.check_file()
    (tmp_path / "link").unlink()
    writer.backup(tmp_path / "copy.db")
    os.replace(tmp_path / "copy.db", path)
    with pytest.raises(errors.DatabaseForeign, match="replaced"):
        writer.check_file()


def test_a_backup_is_a_checked_private_copy_and_overwrites_nothing(tmp_path: Path, writer: Writer) -> None:
    copy = tmp_path / "copy.db"
    writer.backup(copy)
    with Reader(copy) as reader:
        assert [dag.dag_id for dag in reader.dags()] == ["d"]
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(errors.BadInput, match="there already"):
        writer.backup(copy)
    assert not list(tmp_path.glob("*.part"))


def test_checkpoints_empty_the_wal(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(writer, SPEC)
    for number in range(50):
        writer.set_xcom(key(run), f"k{number}", "x" * 10_000)
    grown = writer.wal_bytes()
    writer.checkpoint(is_idle=True)
    assert writer.wal_bytes() == grown > 500_000, "it is not time yet"
    monkeypatch.setattr(maintenance, "TRUNCATE_ABOVE_BYTES", 100_000)
    writer.checkpoint(is_idle=False)
    assert writer.wal_bytes() == grown
    writer.checkpoint(is_idle=True)
    assert writer.wal_bytes() == 0


def test_a_reader_that_stays_in_the_way_only_delays_the_checkpoint(
    tmp_path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "TRUNCATE_ABOVE_BYTES", 0)
    run = run_of(writer, SPEC)
    other = sqlite3.connect(database(tmp_path), isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM dag").fetchall()
    writer.set_note(run, "1")
    writer.checkpoint(is_idle=True)
    assert writer.wal_bytes() > 0
    other.close()
    writer.set_note(run, "2")
    writer.checkpoint(is_idle=True)
    assert writer.wal_bytes() == 0


def test_passive_checkpoints_let_the_wal_be_used_again(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "PASSIVE_AFTER", 10)
    run = run_of(writer, SPEC)
    sizes = []
    for _ in range(40):
        for number in range(10):
            writer.set_xcom(key(run), f"k{number}", "x" * 10_000)
        writer.checkpoint(is_idle=False)
        sizes.append(writer.wal_bytes())
    assert sizes[-1] == sizes[5]


def test_removal_passes_over_what_goes_on(writer: Writer) -> None:
    runs = [run_of(writer, SPEC, f"r{number}", NOW + number * HOUR) for number in range(4)]
    started(writer, runs[0])
    for run in (runs[0], runs[2], runs[3]):
        writer.apply([MoveRun(run, RunState.RUNNING, RunState.SUCCESS)], NOW)
    assert writer.remove_runs([*runs, 99]) == [runs[2], runs[3]], "the first has a live attempt, the second runs"
    assert [run.run_id for run in writer.reads.runs()] == ["r1", "r0"]
    assert not writer.reads.task_instances(runs[2])


def test_a_removal_of_wide_runs_is_short(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "ROWS_PER_SLICE", 4)
    runs = [run_of(writer, SPEC, f"r{number}", NOW + number * HOUR) for number in range(5)]
    for run in runs:
        writer.apply([MoveRun(run, RunState.RUNNING, RunState.SUCCESS)], NOW)
    assert [len(writer.remove_runs(runs)) for _ in range(4)] == [2, 2, 1, 0]


def test_a_locked_database_says_so(tmp_path: Path, writer: Writer) -> None:
    writer._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(database(tmp_path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(errors.HomeError, match="another program keeps"):
        writer.set_note(1, "x")
    other.execute("ROLLBACK")
    other.close()

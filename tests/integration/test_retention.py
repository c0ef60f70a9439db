"""What is not needed any more goes: old runs with their logs, and files of the home that nothing refers to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine
from tests.integration.store_kit import run_of, started, store
from tui_flow.actions import retention as actions_retention
from tui_flow.actions.dispatch import perform
from tui_flow.cli.app import run as cli
from tui_flow.errors import BadInput
from tui_flow.journal import create, supervise
from tui_flow.loader.sources import store_sources
from tui_flow.planner.decisions import MoveRun
from tui_flow.records import TaskInstanceKey
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.scheduler import retention as scheduler_retention
from tui_flow.scheduler.retention import Retention
from tui_flow.settings import Home, RetentionSettings
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import RunState
from tui_flow.store.writer import Writer

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
SPEC = DagSpec("d", "d.py", tasks=(TaskSpec("a"), TaskSpec("b")))
OTHER = DagSpec("other", "o.py", tasks=(TaskSpec("a"),))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    found.root.mkdir(parents=True)
    return found


@pytest.fixture
def writer(home: Home) -> Iterator[Writer]:
    with Writer(home.database) as writer:
        store(writer, SPEC, now=NOW)
        store(writer, OTHER, file="o.py", now=NOW)
        yield writer


def finished(writer: Writer, home: Home, number: int, days_ago: int, spec: DagSpec = SPEC) -> int:
    """A run that ended so long ago, with a log."""
    at = NOW - days_ago * DAY
    run = run_of(writer, spec, f"r{number}", at)
    writer.apply([MoveRun(run, RunState.RUNNING, RunState.SUCCESS)], at)
    log = home.logs / spec.dag_id / f"r{number}" / "a" / "1.log"
    log.parent.mkdir(parents=True)
    log.write_text("x")
    return run


def swept(home: Home, writer: Writer, is_idle: bool = True, **settings: object) -> Retention:
    """A whole sweep."""
    given = replace(RetentionSettings(runs_days=0, sweep_interval_s=1e-9), **settings)  # type: ignore[arg-type]
    retention = Retention(home, given, writer, lambda: is_idle)
    retention.step(NOW)
    while is_idle and retention.is_sweeping:
        retention.step(NOW)
    return retention


def names(writer: Writer) -> list[str]:
    return sorted(run.run_id for run in writer.reads.runs())


def age(path: Path, days: float) -> None:
    at = (NOW - days * DAY).timestamp()
    os.utime(path, (at, at))


def test_old_runs_go_with_their_logs_but_for_the_newest_of_each_dag(home: Home, writer: Writer) -> None:
    for number, days in enumerate((40, 30, 20, 10)):
        finished(writer, home, number, days)
    finished(writer, home, 7, 50, OTHER)
    swept(home, writer, runs_days=15)
    assert names(writer) == ["r3", "r7"]
    assert sorted(path.name for path in (home.logs / "d").iterdir()) == ["r3"]
    (event,) = writer.reads.events()
    assert (event.verb, event.after["runs"]) == ("clean", 3)


def test_of_each_dag_so_many_are_kept(home: Home, writer: Writer) -> None:
    for number in range(5):
        finished(writer, home, number, 10 - number)
    finished(writer, home, 7, 50, OTHER)
    swept(home, writer, runs_per_dag=2)
    assert names(writer) == ["r3", "r4", "r7"]


def test_a_sweep_looks_at_every_page(home: Home, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions_retention, "RUNS_PER_PAGE", 2)
    for number in range(7):
        finished(writer, home, number, 40 - number)
    swept(home, writer, runs_days=15)
    assert names(writer) == ["r6"]


def test_without_a_bound_or_an_interval_nothing_goes(home: Home, writer: Writer) -> None:
    finished(writer, home, 0, 4000)
    finished(writer, home, 1, 1)
    swept(home, writer)
    off = swept(home, writer, runs_days=1, sweep_interval_s=0.0)
    assert names(writer) == ["r0", "r1"] and off.next_wake() is None


def test_while_tasks_run_a_sweep_goes_on_a_slice_at_a_time(home: Home, writer: Writer) -> None:
    finished(writer, home, 0, 40)
    finished(writer, home, 1, 30)
    retention = swept(home, writer, is_idle=False, runs_days=15)
    assert names(writer) == ["r0", "r1"], "the first slice only looked"
    retention.step(NOW)
    assert names(writer) == ["r0", "r1"], "the next one is not due yet"


def test_logs_of_runs_that_are_not_there_go_when_they_are_old(home: Home, writer: Writer) -> None:
    finished(writer, home, 0, 1)
    (home.logs / "hosts.log").write_text("x")
    for name, days in (("gone", 9), ("young", 1)):
        (home.logs / "d" / name).mkdir()
        age(home.logs / "d" / name, days)
    swept(home, writer)
    assert sorted(path.name for path in (home.logs / "d").iterdir()) == ["r0", "young"]
    assert (home.logs / "hosts.log").exists()


def spilled(writer: Writer, home: Home, value: str, run: int | None = None) -> Path:
    files = XComFiles(home.spill, inline_bytes=1, max_bytes=10_000)
    text = files.encode(value, "k")
    if run is not None:
        writer.set_xcom(TaskInstanceKey(run, "a"), "k", text)
    path: Path = home.spill / json.loads(text)["$file"]
    return path


def test_spilled_xcoms_go_with_the_last_run_that_has_them(home: Home, writer: Writer) -> None:
    old, new = finished(writer, home, 0, 40), finished(writer, home, 1, 1)
    both, gone, kept = (spilled(writer, home, text * 9) for text in "abc")
    for run, text, key in ((old, "a", "k"), (new, "a", "k"), (old, "b", "l"), (new, "c", "l")):
        files = XComFiles(home.spill, 1, 10_000)
        writer.set_xcom(TaskInstanceKey(run, "a"), key, files.encode(text * 9, key))
    for path in (both, gone, kept):
        age(path, 3)
    swept(home, writer)
    assert all(path.exists() for path in (both, gone, kept))
    swept(home, writer, runs_days=15)
    assert both.exists() and kept.exists() and not gone.exists()


def test_a_spilled_xcom_that_is_used_again_is_young_again(home: Home, writer: Writer) -> None:
    path = spilled(writer, home, "x" * 9)
    age(path, 3)
    spilled(writer, home, "x" * 9)
    swept(home, writer)
    assert path.exists()


def test_what_a_live_attempt_spilled_stays_until_it_has_told_of_it(home: Home, writer: Writer) -> None:
    run = run_of(writer, SPEC, "live", NOW)
    started(writer, run)
    path = spilled(writer, home, "x" * 9)
    age(path, 2)
    writer._connection.execute("UPDATE task_attempt SET launched_at = launched_at - 5 * 86400000000")
    swept(home, writer)
    assert path.exists()


def test_sources_that_no_dag_and_no_run_has_go(home: Home, writer: Writer) -> None:
    used = store_sources(home.sources, {"d.py": b"1", "shared.py": b"2"})
    unused = store_sources(home.sources, {"d.py": b"3", "shared.py": b"2"})
    writer._keep_source(unused, "d.py", {"d.py": "x"}, NOW)
    manifest = json.loads((home.sources / "versions" / used).read_text())
    writer.store_parsed("d.py", [SPEC], used, manifest, NOW, lambda *_: pytest.fail("it is known"))
    for path in home.sources.rglob("*"):
        if path.is_file():
            age(path, 2)
    swept(home, writer)
    assert [path.name for path in (home.sources / "versions").iterdir()] == [used]
    assert sorted(path.read_bytes() for path in (home.sources / "blobs").iterdir()) == [b"1", b"2"]
    assert not writer.reads.manifest(unused)


def test_versions_that_no_run_has_go_but_for_the_newest(
    home: Home, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler_retention, "SPECS_KEPT", 2)
    for number in range(5):
        spec = replace(SPEC, description=str(number))
        store(writer, spec, now=NOW)
        if number == 0:
            finished(writer, home, 0, 1, spec)
    store(writer, SPEC, now=NOW)  # the first version again: it keeps its number
    swept(home, writer)
    assert [number for number, _, _ in writer.reads.spec_versions("d")] == [6, 5, 2, 1]


def test_journals_of_attempts_that_are_over_go_when_they_are_old(home: Home, writer: Writer) -> None:
    run = run_of(writer, SPEC, "live", NOW)
    active = started(writer, run)
    home.journal.mkdir()
    for name, days in ((str(active), 9), ("777", 9), ("778", 1), ("777.part", 9)):
        create(home.journal / name)
        age(home.journal / name, days)
    create(home.journal / "779")
    locked = supervise(str(home.journal / "779"))
    age(home.journal / "779", 9)
    swept(home, writer)
    assert sorted(path.name for path in home.journal.iterdir()) == [str(active), "777.part", "778", "779"]
    assert locked is not None
    locked.close()
    swept(home, writer)
    assert not (home.journal / "779").exists()


def test_a_clean_by_hand_goes_in_pages(home: Home, writer: Writer) -> None:
    for number in range(4):
        finished(writer, home, number, 10 - number)
    args = {"per_dag": 1, "page": 2}
    found = [perform("clean_runs", args, writer, NOW).answer["runs"] for _ in range(3)]
    assert [[run["run_id"] for run in page] for page in found] == [["r0", "r1"], ["r2"], []]
    with pytest.raises(BadInput, match="too old"):
        perform("clean_runs", {}, writer, NOW)


def test_the_audit_trail_goes_as_far_back_as_runs_do(home: Home, writer: Writer) -> None:
    for days in (200, 181, 3):
        writer.add_event("me", f"{days}", NOW - days * DAY)
    assert writer.reads.old_events(NOW - 190 * DAY) == 1
    swept(home, writer, runs_days=180)
    assert [event.verb for event in writer.reads.events()] == ["3"]
    swept(home, writer, runs_days=0)
    assert len(writer.reads.events()) == 1


def test_db_clean_shows_asks_and_deletes(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with Writer(home.database) as writer:
        store(writer, SPEC, now=NOW)
        for number, days in enumerate((400, 300, 2)):
            finished(writer, home, number, days)
            writer.add_event("me", "trigger", NOW - days * DAY, {"dag_id": "d"})
    assert cli(["db", "clean", "--dry-run", "--json"]) == 0
    said = capsys.readouterr()
    assert [run["run_id"] for run in json.loads(said.out)] == ["r0", "r1"]
    assert "2 runs, 2 lines of the audit trail ended before" in said.err
    assert cli(["db", "clean", "--before", "-350d"]) == 2, "nobody can be asked"
    assert cli(["db", "clean", "--before", "-350d", "-y"]) == 0
    assert "deleted 1 run, 1 line of the audit trail" in capsys.readouterr().err
    assert not list((home.logs / ".deleted").iterdir())
    assert cli(["db", "clean", "--keep", "1", "-y"]) == 0
    with Writer(home.database) as writer:
        assert names(writer) == ["r2"]
    assert [path.name for path in (home.logs / "d").iterdir()] == ["r2"]
    os.environ["TUIFLOW_RETENTION_RUNS_DAYS"] = "0"
    try:
        assert cli(["db", "clean", "-y"]) == 2
    finally:
        del os.environ["TUIFLOW_RETENTION_RUNS_DAYS"]


def test_a_scheduler_keeps_what_its_settings_say_and_deletes_logs_for_whoever_asks(tmp_path: Path) -> None:
    settings = {"TUIFLOW_RETENTION_RUNS_PER_DAG": 1, "TUIFLOW_RETENTION_SWEEP_INTERVAL_S": 0.2}
    with Engine(tmp_path, **settings) as engine:
        engine.dag_file(
            "d.py",
            "from tui_flow import DAG, BashOperator\nwith DAG('d'): BashOperator(task_id='a', bash_command='true')\n",
        )
        engine.start()
        for name in ("r1", "r2", "r3"):
            engine.trigger("d", run_id=name)
        engine.until(
            lambda: [(run.run_id, run.state) for run in engine.runs("d")] == [("r3", RunState.SUCCESS)],
            "one run is left",
        )
        logs = engine.home.logs / "d"
        assert (logs / "r3" / "a").is_dir()
        engine.ask("delete_run", dag_id="d", run_id="r3")
        assert not (logs / "r3").exists()
        engine.ask("delete_dag", dag_id="d")
        assert not logs.exists()
        aside = engine.home.logs / ".deleted"
        engine.until(lambda: not list(aside.iterdir()), "the sweep has deleted what was set aside")

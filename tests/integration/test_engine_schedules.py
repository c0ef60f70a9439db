"""Runs by the clock, with the real clock: only what falls due within seconds. The rules have unit tests."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tui_flow.scheduler import clock
from tui_flow.state import RunState, RunType


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path) as engine:
        yield engine.start()


def dag(name: str, rest: str) -> str:
    return f'''
from datetime import UTC, datetime, timedelta
from tui_flow import DAG, task
import ledger

with DAG("{name}", {rest}):
    @task
    def work(run_id=None):
        ledger.start("{name}." + run_id.replace(":", "_"))
        ledger.end("{name}." + run_id.replace(":", "_"))
    work()
'''


def check_slots(engine: Engine, dag_id: str) -> None:
    """Each slot has one run, and each run has run once."""
    dates = Counter(run.logical_date for run in engine.runs(dag_id) if run.run_type is RunType.SCHEDULED)
    assert set(dates.values()) <= {1}, dates
    starts = [name for names in engine.ledger().starts.values() for name in names if name.startswith(f"{dag_id}.")]
    assert len(starts) == len(set(starts))


def test_a_schedule_of_seconds_fires_once_a_slot_across_kills(engine: Engine) -> None:
    engine.dag_file("fast.py", dag("fast", "schedule=timedelta(seconds=1), start_date=datetime.now(UTC)"))
    for n in (1, 2, 3):
        engine.until(lambda n=n: len(engine.runs("fast")) >= n, "the next one fires")  # type: ignore[misc]
        engine.restart()
    engine.pause_and_end("fast")
    check_slots(engine, "fast")
    assert {run.state for run in engine.runs("fast")} == {RunState.SUCCESS}
    engine.check()


def test_once_and_continuous(engine: Engine) -> None:
    engine.dag_file("once.py", dag("once", "schedule='@once', start_date=datetime(2026, 1, 1, tzinfo=UTC)"))
    engine.dag_file(
        "again.py",
        dag("again", "schedule='@continuous', start_date=datetime(2026, 1, 1, tzinfo=UTC), max_active_runs=1"),
    )
    engine.until(lambda: len(engine.runs("again")) >= 4, "one run follows another")
    engine.pause_and_end("again")
    runs = sorted(engine.runs("again"), key=lambda run: run.id)
    for earlier, later in zip(runs, runs[1:], strict=False):
        assert earlier.ended_at and later.started_at and earlier.ended_at <= later.started_at
    engine.restart()
    assert len(engine.runs("once")) == 1
    engine.check()


def test_catchup(engine: Engine) -> None:
    """What a new DAG owes: with catchup every slot since its start date, without it none from before it was seen."""
    since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    start = f"start_date=datetime.fromisoformat('{since.isoformat()}')"
    engine.dag_file("catches.py", dag("catches", f"schedule='@hourly', {start}, catchup=True, max_active_runs=2"))
    engine.dag_file("new.py", dag("new", f"schedule='@daily', {start}, catchup=False"))
    engine.until(lambda: len(engine.runs("catches")) >= 5, "all that was missed is run")
    engine.restart()
    engine.until(lambda: not engine.reads(lambda reader: reader.unfinished_runs()), "all runs end")
    dates = sorted(run.logical_date for run in engine.runs("catches") if run.logical_date)
    assert dates == [since + timedelta(hours=n) for n in range(len(dates))]
    check_slots(engine, "catches")
    assert not engine.runs("new")
    engine.check()


def test_a_paused_dag(engine: Engine) -> None:
    """Nothing is scheduled, but a run that somebody asks for runs; unpaused, it goes on with the latest slot."""
    engine.dag_file("still.py", dag("still", "schedule=timedelta(seconds=1), is_paused_upon_creation=True"))
    engine.trigger("still")
    assert engine.wait_run("still") is RunState.SUCCESS
    seen = datetime.now(UTC)
    engine.until(lambda: datetime.now(UTC) > seen + timedelta(seconds=3), "slots pass")
    assert len(engine.runs("still")) == 1
    asked = datetime.now(UTC)
    engine.ask("pause_dag", dag_id="still", is_paused=False)
    engine.until(lambda: len(engine.runs("still")) >= 2, "it goes on")
    engine.pause_and_end("still")
    dates = [run.logical_date for run in engine.runs("still") if run.run_type is RunType.SCHEDULED]
    assert all(date and date > asked - timedelta(seconds=2) for date in dates), "the slots before are passed over"
    check_slots(engine, "still")
    engine.check()


def test_depends_on_past_across_a_kill(engine: Engine) -> None:
    since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    text = dag(
        "past",
        f"schedule='@hourly', start_date=datetime.fromisoformat('{since.isoformat()}'), catchup=True, "
        "default_args={'depends_on_past': True}",
    )
    engine.dag_file("past.py", text)
    engine.until(lambda: engine.ledger().starts, "the first starts")
    engine.restart()
    engine.until(lambda: len(engine.runs("past")) >= 3, "all are there")
    engine.until(lambda: not engine.reads(lambda reader: reader.unfinished_runs()), "all runs end")
    names = [names[0] for _, names in sorted(engine.ledger().starts.items())]
    assert names == sorted(names), "in the order of their dates"
    assert {run.state for run in engine.runs("past")} == {RunState.SUCCESS}
    engine.check()


def test_a_backfill(engine: Engine) -> None:
    engine.dag_file("daily.py", dag("daily", "schedule='@daily', start_date=datetime(2026, 1, 1, tzinfo=UTC)"))
    engine.until(lambda: engine.reads(lambda reader: reader.dag("daily")), "it is parsed")
    engine.ask(
        "create_backfill", dag_id="daily", from_date="2026-02-01T00:00Z", to_date="2026-02-05T00:00Z", max_active_runs=2
    )
    engine.until(
        lambda: len([run for run in engine.runs("daily") if run.backfill_id and run.state is RunState.SUCCESS]) == 5,
        "five days are run",
    )
    engine.until(lambda: engine.reads(lambda reader: reader.backfills("daily"))[0].completed_at, "it is complete")  # type: ignore[index]
    engine.until(lambda: not engine.reads(lambda reader: reader.unfinished_runs()), "all runs end")
    engine.check()


def test_due_while_no_scheduler_runs(tmp_path: Path) -> None:
    """The slots that passed meanwhile: one run for the latest of them."""
    with engine_in(tmp_path, {}) as engine:
        engine.start()
        engine.dag_file(
            "fast.py", dag("fast", "schedule=timedelta(seconds=1), start_date=datetime(2026, 1, 1, tzinfo=UTC)")
        )
        engine.until(lambda: engine.runs("fast"), "it fires")
        engine.kill_scheduler()
        seen = {run.logical_date for run in engine.runs("fast")}
        newest = max(date for date in seen if date)
        engine.until(lambda: datetime.now(UTC) > newest + timedelta(seconds=4), "slots pass")
        engine.start()
        engine.until(lambda: {run.logical_date for run in engine.runs("fast")} - seen, "the latest is run")
        engine.ask("pause_dag", dag_id="fast", is_paused=True)
        dates = sorted(date for run in engine.runs("fast") if (date := run.logical_date) and date > newest)
        assert dates[0] > newest + timedelta(seconds=1.5), "the slots before the latest are passed over"
        engine.pause_and_end("fast")
        check_slots(engine, "fast")
        engine.check()


def test_a_timetable_in_the_file_makes_runs_one_after_the_other(tmp_path: Path) -> None:
    timetable = """
        from datetime import datetime, timedelta, timezone
        from tui_flow import DAG, BashOperator, DagRunInfo, DataInterval, Timetable
        class EverySecond(Timetable):
            def infer_manual_data_interval(self, *, run_after):
                return DataInterval(run_after.subtract(days=7), run_after)
            def next_dagrun_info(self, *, last_automated_data_interval, restriction):
                last = last_automated_data_interval
                start = last.end if last else datetime.now(timezone.utc)
                return DagRunInfo.interval(start, start + timedelta(seconds=1))
        with DAG("mine", schedule=EverySecond()):
            BashOperator(task_id="a", bash_command="echo {{ (data_interval_end - data_interval_start).days }}")
    """
    with engine_in(tmp_path, {"mine.py": timetable}) as engine:
        engine.start()
        engine.until(lambda: len(engine.runs("mine")) >= 3, "its runs come by themselves")
        engine.ask("pause_dag", dag_id="mine", is_paused=True)
        runs = sorted(engine.runs("mine"), key=lambda run: run.id)
        for run in runs:
            engine.wait_run("mine", run.run_id)
        for before, after in pairwise(runs):
            assert before.data_interval_end == after.data_interval_start
        by_hand = engine.trigger("mine")
        engine.wait_run("mine", by_hand)
        assert engine.xcom("mine", "a") == "7"
        engine.check()


def test_a_run_that_is_still_going_on_makes_way_for_the_next(engine: Engine) -> None:
    """Which starts when nothing of it is alive any more, however long that takes."""
    late = """
        import signal
        from datetime import UTC, datetime, timedelta
        from tui_flow import DAG, task
        import ledger
        with DAG("newest", schedule=timedelta(seconds=2), start_date=datetime.now(UTC), max_active_runs=1,
                 overlap="cancel_old"):
            @task
            def work():
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                ledger.start("work")
                ledger.gate("never")
            work()
    """
    engine.dag_file("newest.py", late)
    engine.wait_started("work", 3)
    engine.ask("pause_dag", dag_id="newest", is_paused=True)
    engine.ask("cancel_run", dag_id="newest")
    engine.until(lambda: not engine.reads(lambda reader: reader.active_attempts()), "all attempts are dead")
    assert {run.state for run in engine.runs("newest")} == {RunState.FAILED}
    engine.check()


def test_a_run_that_ended_while_the_scheduler_stood_still_makes_way_for_nothing(engine: Engine) -> None:
    slow = """
        from datetime import UTC, datetime, timedelta
        from tui_flow import DAG, task
        import ledger
        with DAG("slow", schedule=timedelta(seconds=3), start_date=datetime.now(UTC), max_active_runs=1,
                 overlap="cancel_old"):
            @task
            def work():
                ledger.start("slow")
                ledger.gate("slow")
                ledger.end("slow")
            work()
    """
    engine.dag_file("slow.py", slow)
    first = engine.wait_started("slow")
    run = engine.runs("slow")[0]
    os.kill(engine.scheduler_pid(), signal.SIGSTOP)
    engine.open_gate("slow")
    engine.until(lambda: first in engine.ledger().ends, "it ends")
    engine.until(lambda: datetime.now(UTC) > run.run_after + timedelta(seconds=4), "the next slot passes")
    os.kill(engine.scheduler_pid(), signal.SIGCONT)
    assert engine.wait_run("slow", run.run_id) is RunState.SUCCESS
    engine.ask("pause_dag", dag_id="slow", is_paused=True)
    engine.until(lambda: not engine.reads(lambda reader: reader.active_attempts()), "what was started has ended")
    for other in engine.reads(lambda reader: reader.unfinished_runs("slow")) or ():
        engine.ask("cancel_run", dag_id="slow", run_id=other.run_id)
    engine.check()


PAST = """
import asyncio
from datetime import UTC, datetime
from tui_flow import DAG, BashOperator, TaskGroup, task
async def there_and_back(ti):
    await ti.axcom_push("five", 5)
    return await ti.axcom_pull(ti.task_id, key="five")
with DAG("past", schedule=None):
    @task
    def a(ti=None, dag_run=None):
        before = ti.get_previous_ti(state="success")
        return [dag_run.run_id == ti.get_dagrun().run_id, before and before.run_id, before and before.state]

    @task
    def asks(ti=None, dag_run=None, **context):
        before = ti.get_previous_dagrun(state="success")
        known = {"dag_id": "past", "run_ids": [ti.run_id]}
        found, find = dag_run.get_task_instance("a"), type(dag_run).find
        return {
            "run before": before and [before.run_id, before.state, before.end_date > before.start_date],
            "states": ti.get_task_states(**known)[ti.run_id],
            "counts": [
                ti.get_ti_count(**known), ti.get_ti_count(**known, states=["success"]),
                ti.get_ti_count("past", map_index=1), ti.get_ti_count(**known, task_group_id="g"),
                ti.get_dr_count("past"), ti.get_dr_count("past", logical_dates=[ti.logical_date], states=["running"]),
                ti.get_dr_count("nobody"),
            ],
            "own": [ti.end_date, ti.duration > 0, ti.queue, ti.priority_weight, ti.is_mapped, ti.note,
                    ti.get_first_reschedule_date(context), ti.get_template_context()["ds"] == context["ds"]],
            "run": [ti.get_dagrun_state("past", ti.run_id), dag_run.get_state(), dag_run.state, dag_run.is_backfill],
            "tis": [sorted(i.task_id for i in dag_run.get_task_instances(state="success")),
                    found.state, found.try_number, found.duration > 0, dag_run.get_task_instance("nobody")],
            "found runs": [
                [r.run_id == ti.run_id for r in find(dag_id="past", execution_start_date=ti.logical_date)],
                [r.state for r in find(dag_id="past")], len(find(["past", "nobody"], state="success")),
                len(find("past", execution_date=ti.logical_date)), len(find("past", run_id=ti.run_id)),
                len(find("past", run_type="scheduled")), len(find("past", external_trigger=True, no_backfills=True)),
            ],
            "id": ti.id == context["task_instance"].id,
            "dag": [context["dag"].is_paused, context["dag"].relative_fileloc, context["dag"].timetable.summary,
                    context["dag"].get_last_dagrun(),
                    context["dag"].get_last_dagrun(include_manually_triggered=True).run_id == ti.run_id],
            "async": asyncio.run(there_and_back(ti)),
        }

    with TaskGroup("g"):
        mapped = BashOperator.partial(task_id="m").expand(bash_command=["true", "true"])
    [a(), mapped] >> asks()
"""


def test_a_task_knows_itself_in_the_run_before(engine: Engine) -> None:
    engine.dag_file("past.py", PAST)
    first = engine.trigger("past")
    engine.wait_run("past", first)
    assert engine.xcom("past", "a") == [True, None, None]
    second = engine.trigger("past")
    engine.wait_run("past", second)
    assert engine.xcom("past", "a") == [True, first, "success"]
    assert engine.xcom("past", "asks") == {
        "run before": [first, "success", True],
        "states": {"a": "success", "g.m_0": "success", "g.m_1": "success", "asks": "running"},
        "counts": [4, 3, 2, 2, 2, 1, 0],
        "own": [None, True, "default", 1, False, None, None, True],
        "run": ["running", "running", "running", False],
        "tis": [["a", "g.m", "g.m"], "success", 1, True, None],
        "found runs": [[True], ["success", "running"], 1, 1, 1, 0, 2],
        "id": True,
        "dag": [False, "past.py", "None", None, True],
        "async": 5,
    }
    engine.check()


def test_a_dag_runs_once_after_each_start_of_the_machine(engine: Engine) -> None:
    engine.dag_file("boot.py", dag("boot", "schedule='@after_boot'"))
    engine.until(lambda: engine.reads(lambda reader: reader.dag("boot")), "it is parsed")
    assert engine.runs("boot") == []  # a new file owes no run for a start before it was there
    engine.kill(engine.scheduler_pid())
    with closing(sqlite3.connect(engine.home.database)) as connection, connection:
        connection.execute("UPDATE dag SET schedule_since = 0")  # as if it had been there when the machine started
        connection.execute("DELETE FROM planned_run")
    engine.start()
    engine.until(lambda: engine.runs("boot"), "its run comes")
    assert engine.wait_run("boot") is RunState.SUCCESS
    engine.restart()
    engine.ask("reparse", file="boot.py")
    engine.until(lambda: not engine.reads(lambda reader: reader.planned_runs("boot")), "nothing is left to run")
    assert len(engine.runs("boot")) == 1
    engine.check()


@pytest.mark.skipif(clock.SYNCHRONIZED.exists(), reason="this machine's clock is known to be right")
def test_nothing_is_scheduled_by_a_clock_that_cannot_be_right(engine: Engine) -> None:
    seen = "SELECT value FROM meta WHERE key = 'clock_seen_at'"
    engine.until(lambda: engine.sql(seen), "the clock is believed at first")
    engine.kill_scheduler()
    with closing(sqlite3.connect(engine.home.database)) as connection, connection:
        connection.execute("UPDATE meta SET value = '2020-01-01T00:00:00+00:00' WHERE key = 'clock_seen_at'")
    engine.dag_file(
        "ticks.py", dag("ticks", "schedule=timedelta(seconds=1), start_date=datetime(2026, 1, 1, tzinfo=UTC)")
    )
    engine.start()
    engine.until(lambda: engine.ask("status")["clock_doubt"], "it is in doubt")
    by_hand = engine.trigger("ticks")
    assert engine.wait_run("ticks", by_hand) is RunState.SUCCESS, "what somebody asks for runs"
    asked = datetime.now(UTC)
    engine.until(lambda: engine.ask("status") and datetime.now(UTC) > asked + timedelta(seconds=2), "slots pass")
    assert len(engine.runs("ticks")) == 1
    assert "more than a year after" in engine.tuiflow("status").stdout
    assert "tuiflow clock accept" in engine.tuiflow("why", "ticks").stdout
    assert engine.tuiflow("clock", "accept").returncode == 0
    engine.until(lambda: len(engine.runs("ticks")) > 1, "slots become runs")
    assert engine.sql(seen) > [("2026",)]
    assert "was not in doubt" in engine.tuiflow("clock", "accept").stderr
    engine.pause_and_end("ticks")
    engine.check()

"""Backfills of DAGs whose timetables are classes in their files: the file is asked for the dates, elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli_home import as_json
from tests.integration.engine_kit import Engine, engine_in
from tui_flow.cli.app import run

WORKDAYS = """
from datetime import datetime, timedelta, timezone
from tui_flow import DAG, Asset, AssetOrTimeSchedule, BashOperator, DagRunInfo, DataInterval, Timetable
class AfterWorkday(Timetable):
    def infer_manual_data_interval(self, *, run_after):
        return DataInterval(run_after.subtract(days=7), run_after)
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        last = last_automated_data_interval
        start = last.end if last else restriction.earliest
        if start is None:
            return None
        start = start.start_of("day")
        while start.weekday() > 4:
            start = start.add(days=1)
        if restriction.latest is not None and start > restriction.latest:
            return None
        return DagRunInfo.interval(start, start.add(days=1))
SHOW = "echo {{ ds }} {{ (data_interval_end - data_interval_start).days }}"
with DAG("workdays", schedule=AfterWorkday(), start_date=datetime(2030, 1, 1, tzinfo=timezone.utc)):
    BashOperator(task_id="a", bash_command=SHOW)
with DAG("both", schedule=AssetOrTimeSchedule(timetable=AfterWorkday(), assets=[Asset("x")]),
         start_date=datetime(2030, 1, 1, tzinfo=timezone.utc)):
    BashOperator(task_id="a", bash_command=SHOW)
with DAG("booted", schedule="@after_boot"):
    BashOperator(task_id="a", bash_command="true")
"""
FRIDAY_TO_TUESDAY = ("--start", "2024-03-01T00:00+00:00", "--end", "2024-03-05T00:00+00:00")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with engine_in(tmp_path, {"days.py": WORKDAYS}) as engine:
        monkeypatch.setenv("TUIFLOW_HOME", str(engine.home.root))
        engine.start()
        engine.until(lambda: engine.reads(lambda reader: reader.dag("workdays")), "the DAG is known")
        yield engine


def printed(capsys: pytest.CaptureFixture[str], dag_id: str, run_id: str) -> str:
    [xcom] = as_json(capsys, "xcom", "list", dag_id, "a", "--run", run_id)
    return str(xcom["value"])


@pytest.mark.parametrize(("dag_id", "order"), [("workdays", []), ("both", ["--backwards"])])
def test_a_backfill_makes_the_runs_that_the_file_tells(
    engine: Engine, capsys: pytest.CaptureFixture[str], dag_id: str, order: list[str]
) -> None:
    shown = as_json(capsys, "backfill", dag_id, *FRIDAY_TO_TUESDAY, *order, "--dry-run")
    assert [slot["logical_date"][:10] for slot in shown["slots"]] == sorted(
        ["2024-03-01", "2024-03-04", "2024-03-05"], reverse=bool(order)
    )
    made = as_json(capsys, "backfill", dag_id, *FRIDAY_TO_TUESDAY, *order, "--yes")
    number = made["backfill_id"]
    engine.until(lambda: as_json(capsys, "backfills", "show", str(number))["status"] == "completed", "it ends")
    runs = sorted(engine.runs(dag_id), key=lambda run: run.run_after)
    assert [printed(capsys, dag_id, run.run_id) for run in runs] == ["2024-03-01 1", "2024-03-04 1", "2024-03-05 1"]
    assert as_json(capsys, "backfills", "show", str(number))["done"] == 3
    by_hand = engine.trigger(dag_id)
    engine.wait_run(dag_id, by_hand)
    assert printed(capsys, dag_id, by_hand).endswith(" 7"), "a manual run has the interval that the file infers"
    engine.check()


def test_the_stored_version_is_asked_and_what_cannot_be_is_refused(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.dag_file("days.py", "from tui_flow import DAG\nbroken(")
    engine.until(lambda: engine.reads(lambda reader: reader.import_errors()), "the file is broken")
    shown = as_json(capsys, "backfill", "workdays", *FRIDAY_TO_TUESDAY, "--dry-run")
    assert shown["total"] == 3
    assert run(["backfill", "booted", *FRIDAY_TO_TUESDAY]) == 2
    assert "no schedule that recurs" in capsys.readouterr().err
    weekend = ("--start", "2024-03-02T00:00+00:00", "--end", "2024-03-03T00:00+00:00")
    assert run(["backfill", "workdays", *weekend]) == 2
    assert "no slot that has ended" in capsys.readouterr().err
    ages = ("--start", "1900-01-01T00:00+00:00", "--end", "2026-01-01T00:00+00:00")
    assert run(["backfill", "workdays", *ages]) != 0
    assert "more than 20000 dates" in capsys.readouterr().err

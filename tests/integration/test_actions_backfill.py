"""Backfills: which runs they make and when, how they meet runs that are there, how they end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.actions_kit import do
from tests.integration.store_kit import (
    HOUR,
    NOW,
    T,
    database,
    ending,
    run_of,
    started,
    state_of,
    store,
    the_run,
)
from tests.unit.planner.dsl import dag_of
from tui_flow import errors
from tui_flow.actions.backfills import step_backfill
from tui_flow.actions.dispatch import Done, perform
from tui_flow.planner.decisions import MoveRun
from tui_flow.state import AttemptState, RunState, RunType
from tui_flow.store.writer import Writer
from tui_flow.timetables import CronDataIntervalTimetable


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(database(tmp_path)) as writer:
        yield writer


def hourly(writer: Writer) -> Any:
    spec = dag_of("a", dag_id="h", timetable=CronDataIntervalTimetable("0 * * * *", "UTC").to_dict())
    store(writer, spec, file="h.py")
    return spec


def backfill(writer: Writer, hours: int, **more: Any) -> Done:
    until = NOW + timedelta(hours=hours - 1)
    args = {"dag_id": "h", "from_date": NOW.isoformat(), "to_date": until.isoformat()} | more
    return perform("create_backfill", args, writer, NOW + timedelta(days=30))


def end_runs(writer: Writer) -> None:
    for run in writer.reads.unfinished_runs("h"):
        if run.state is RunState.QUEUED:
            writer.apply([MoveRun(run.id, RunState.QUEUED, RunState.RUNNING)], NOW)
        writer.apply([MoveRun(run.id, RunState.RUNNING, RunState.SUCCESS)], NOW)


def test_a_backfill_makes_its_runs_a_few_at_a_time(writer: Writer) -> None:
    hourly(writer)
    answer = backfill(writer, 150).answer
    assert (answer["total"], answer["is_estimate"], len(answer["slots"])) == (150, False, 150)
    assert len(writer.reads.runs("h", limit=999)) == 100
    assert not step_backfill(writer, answer["backfill_id"], NOW + timedelta(days=30)), "enough are unfinished"
    with pytest.raises(errors.NotPossible, match="backfill 1 going on"):
        backfill(writer, 1)
    end_runs(writer)
    assert step_backfill(writer, answer["backfill_id"], NOW + timedelta(days=30))
    assert len(writer.reads.runs("h", limit=999)) == 150
    end_runs(writer)
    assert step_backfill(writer, answer["backfill_id"], NOW + timedelta(days=30))
    (done,) = writer.reads.backfills("h")
    assert done.completed_at is not None and writer.reads.backfills(only_open=True) == []
    types = {run.run_type for run in writer.reads.runs("h", limit=999)}
    assert types == {RunType.BACKFILL}


def test_a_backfill_meets_runs_that_are_there(writer: Writer) -> None:
    spec = hourly(writer)
    failed = run_of(writer, spec, "old", NOW + HOUR)
    writer.apply([MoveRun(failed, RunState.RUNNING, RunState.FAILED)], NOW)
    assert [slot["outcome"] for slot in backfill(writer, 2).answer["slots"]] == ["created", "already exists"]
    end_runs(writer)
    step_backfill(writer, 1, NOW + timedelta(days=30))
    answer = backfill(writer, 3, reprocess="failed").answer
    assert [slot["outcome"] for slot in answer["slots"]] == ["already exists", "cleared", "created"]
    assert the_run(writer, failed).backfill_id == answer["backfill_id"]


def test_a_failed_run_is_adopted_by_a_backfill(writer: Writer) -> None:
    spec = hourly(writer)
    run = run_of(writer, spec, "old", NOW)
    attempt_id = started(writer, run)
    writer.apply([ending(attempt_id, run, T.FAILED, ended=AttemptState.FAILED)], NOW)
    writer.apply([MoveRun(run, RunState.RUNNING, RunState.FAILED)], NOW)
    backfill(writer, 1, reprocess="failed", conf={"x": 1})
    found = the_run(writer, run)
    assert (found.state, found.run_type, found.run_id, found.conf) == (
        RunState.QUEUED,
        RunType.BACKFILL,
        "old",
        {"x": 1},
    )
    assert state_of(writer, run) is T.NONE


def test_a_backfill_is_paused_and_cancelled(writer: Writer) -> None:
    hourly(writer)
    number = backfill(writer, 3).answer["backfill_id"]
    do(writer, "pause_backfill", backfill_id=number, is_paused=True)
    assert not step_backfill(writer, number, NOW)
    do(writer, "cancel_backfill", backfill_id=number)
    assert {run.state for run in writer.reads.runs("h")} == {RunState.FAILED}
    assert {run.reason for run in writer.reads.runs("h")} == {"its backfill was cancelled"}
    with pytest.raises(errors.NotPossible, match="cancelled already"):
        perform("cancel_backfill", {"backfill_id": number}, writer, NOW)
    with pytest.raises(errors.NotFound, match="no backfill 99"):
        perform("pause_backfill", {"backfill_id": 99, "is_paused": True}, writer, NOW)


def test_a_huge_backfill_is_estimated_not_counted(writer: Writer) -> None:
    hourly(writer)
    ten_years = {"from_date": (NOW - timedelta(days=3652)).isoformat(), "to_date": NOW.isoformat()}
    answer = perform("create_backfill", {"dag_id": "h"} | ten_years, writer, NOW + HOUR).answer
    assert answer["is_estimate"] and answer["total"] == 3652 * 24 + 1
    assert len(writer.reads.runs("h", limit=999)) == 100
    do(writer, "cancel_backfill", backfill_id=answer["backfill_id"])
    backwards = perform(
        "create_backfill", {"dag_id": "h", "run_backwards": True} | ten_years, writer, NOW + HOUR
    ).answer
    assert (backwards["total"], backwards["slots"][0]["logical_date"]) == (answer["total"], NOW.isoformat())

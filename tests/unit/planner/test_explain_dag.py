"""Why a DAG has no new run now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.planner.dsl import NOW, dag_of
from tests.unit.planner.test_assets import updated, waiting
from tui_flow.planner.explain_dag import explain_dag
from tui_flow.records import Dag
from tui_flow.sdk.asset import Asset
from tui_flow.state import RunState

HOUR = timedelta(hours=1)
BOTH = Asset("a") & Asset("b")


@pytest.mark.parametrize(
    ("have", "words"),
    [
        ([], "it waits for updates of a, b"),
        (["a"], "it waits for updates of b; updated since its last run: a at 2025-12-31 23:00:00 UTC"),
        (["a", "b"], "its assets were updated, so that it is due; updated since"),
    ],
)
def test_assets_that_are_there_and_that_are_not(have: list[str], words: str) -> None:
    (line,) = explain_dag(*waiting(BOTH), updated(*have), 0, NOW)
    assert line.startswith(words)


@pytest.mark.parametrize(("limit", "words"), [(0, ""), (1, "run"), (2, "2 runs"), (3, "")])
def test_failures_that_pause_it_are_told(limit: int, words: str) -> None:
    dag, spec = waiting(BOTH)
    spec = replace(spec, max_consecutive_failed_dag_runs=limit)
    latest = [RunState.FAILED, RunState.FAILED, RunState.SUCCESS]
    line = explain_dag(replace(dag, is_paused=True), spec, (), 0, NOW, latest)[0]
    told = f", and its latest {words} failed (max_consecutive_failed_dag_runs)" if words else ""
    assert line == f"it is paused{told}; `tuiflow unpause d` lets it be scheduled"


@pytest.mark.parametrize(
    ("change", "active", "words"),
    [
        ({"is_paused": True}, 0, "it is paused; `tuiflow unpause d`"),
        ({"is_missing": True}, 0, "d.py is gone"),
        ({"import_error": "x"}, 0, "d.py cannot be imported"),
        ({"next_run_after": NOW + HOUR}, 0, "falls due at 2026-01-01 01:00:00 UTC"),
        ({}, 16, "16 of 16 runs are active"),
        ({}, 1, "1 run is active; `tuiflow why d TASK` says"),
    ],
)
def test_what_keeps_it_back(change: Any, active: int, words: str) -> None:
    dag, spec = waiting(BOTH)
    assert any(words in line for line in explain_dag(replace(dag, **change), spec, [], active, NOW))


def test_before_its_start_and_after_its_end() -> None:
    dag, spec = waiting(BOTH, start_date=NOW + HOUR)
    assert "before its start_date" in explain_dag(dag, spec, updated("a"), 0, NOW)[0]
    dag, spec = waiting(BOTH, end_date=NOW - HOUR)
    assert "after its end_date" in explain_dag(dag, spec, updated("a"), 0, NOW)[0]


def test_a_dag_without_a_schedule() -> None:
    dag = Dag("d", "d.py", False, False, "v", 1, "s1", None, None, None)
    assert explain_dag(dag, dag_of("t"), [], 0, NOW) == (
        "it has no scheduled run to come; `tuiflow trigger d` makes one",
    )

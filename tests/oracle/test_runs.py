"""Airflow's answers about whole DAG runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import pytest

from tests.integration.engine_kit import Engine
from tests.oracle.cases import Case, answers
from tests.oracle.conftest import dags_files
from tests.oracle.runs import OracleRuns, by_task
from tui_flow.sdk.branch import XCOM_SKIPMIXIN_KEY
from tui_flow.state import TaskState


@pytest.fixture(scope="session")
def oracle_runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OracleRuns]:
    """All chosen cases, once run."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    chosen: list[Case] = [item.callspec.params["case"] for item in items if "oracle_runs" in item.fixturenames]  # type: ignore[misc]
    with Engine(tmp_path_factory.mktemp("oracle")) as engine:
        found = OracleRuns(engine, dags_files(request.config))
        found.run(chosen)
        yield found


@pytest.mark.timeout(600)
@answers("dag_run")
def test_dag_run(case: Case, oracle_runs: OracleRuns) -> None:
    expected, found = case["expected"], oracle_runs.outcome(case)
    assert bool(found.error) == bool(expected["error"]), found.error
    if found.error:
        return
    assert found.dag_run_state == expected["dag_run_state"]
    wanted = expected["task_instances"]
    told = {key for row in wanted for key in row}
    assert _in_order(_known(found.task_instances, wanted), told) == _in_order(wanted, told)
    assert _in_order(map(_without_order, found.xcoms)) == _in_order(map(_without_order, expected["xcoms"]))
    task_ids = [ti["task_id"] for ti in wanted]
    assert by_task(found.events, task_ids) == by_task(expected["events"], task_ids)


def _known(rows: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Airflow has no row of a task outside of its dates; here it is removed."""
    known = {(row["task_id"], row["map_index"]) for row in wanted}
    return [row for row in rows if row["state"] != TaskState.REMOVED or (row["task_id"], row["map_index"]) in known]


def _without_order(xcom: dict[str, Any]) -> dict[str, Any]:
    """Airflow lists what a branch follows or skips as its sets have it: now so, now so."""
    if xcom["key"] != XCOM_SKIPMIXIN_KEY:
        return xcom
    return {**xcom, "value": {word: sorted(task_ids) for word, task_ids in xcom["value"].items()}}


def _in_order(rows: Iterable[dict[str, Any]], keys: Collection[str] = ()) -> list[dict[str, Any]]:
    """Sorted; with these keys alone where they are given."""
    kept = [{key: row.get(key) for key in keys} for row in rows] if keys else list(rows)
    return sorted(kept, key=lambda row: (row["task_id"], row["map_index"], row.get("key", "")))

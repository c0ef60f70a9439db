"""By when a run should have ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.planner.dsl import NOW, dag_of, run_of
from tui_flow.planner.deadlines import deadline_name, deadline_of, most_averaged_runs

HOUR = timedelta(hours=1)
RUN = run_of(dag_of("a"), logical_date=NOW - 5 * HOUR, queued_at=NOW)


def alert(kind: str, **facts: Any) -> dict[str, Any]:
    return {"reference": {"kind": kind, **facts}, "interval_s": 60.0}


@pytest.mark.parametrize(
    ("reference", "start"),
    [
        (alert("logical_date"), NOW - 5 * HOUR),
        (alert("queued_at"), NOW),
        (alert("fixed", at=(NOW + HOUR).isoformat()), NOW + HOUR),
        (alert("average", max_runs=2, min_runs=2), NOW + 2 * HOUR),
        (alert("average", max_runs=10, min_runs=3), NOW + 3 * HOUR),
        (alert("average", max_runs=10, min_runs=4), None),
    ],
)
def test_a_deadline_counts_from_its_reference(reference: dict[str, Any], start: datetime | None) -> None:
    due = deadline_of(reference, RUN, [HOUR, 3 * HOUR, 5 * HOUR])
    assert due == (None if start is None else start + timedelta(minutes=1))


def test_a_run_without_a_logical_date_has_no_deadline_after_it() -> None:
    assert deadline_of(alert("logical_date"), run_of(dag_of("a"), logical_date=None, run_after=NOW), ()) is None


def test_deadlines_have_names() -> None:
    assert deadline_name(alert("queued_at"), 1) == "deadline 2"
    assert deadline_name({**alert("queued_at"), "name": "by noon"}, 1) == "by noon"


def test_how_far_the_deadlines_look_back() -> None:
    averages = (alert("average", max_runs=5, min_runs=1), alert("average", max_runs=9, min_runs=1))
    assert most_averaged_runs(dag_of("a", deadlines=(alert("queued_at"), *averages))) == 9
    assert most_averaged_runs(dag_of("a")) == 0

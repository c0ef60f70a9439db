"""Timetables that authors write: what is asked of them, and what they may answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sdk.fakes import run_facts
from tui_flow import DAG, DagRunInfo, DataInterval, EmptyOperator, TimeRestriction, Timetable
from tui_flow.errors import BadDag
from tui_flow.messages import RunFacts
from tui_flow.records import PlannedRun
from tui_flow.runtime.contexts import _with_interval
from tui_flow.sdk.timetable import planned_runs
from tui_flow.sdk.to_spec import dag_to_spec
from tui_flow.spec import DagSpec
from tui_flow.timetables import timetable_from_dict

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
START = NOW - 3 * DAY


class AfterWork(Timetable):
    """Each day's data, run an hour after the day's end."""

    description = "an hour late"

    def __init__(self, step: timedelta = DAY) -> None:
        self.step = step

    @property
    def summary(self) -> str:
        return "late"

    def serialize(self) -> dict[str, Any]:
        return {"step": self.step.total_seconds()}

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        return DataInterval(run_after.subtract(days=1), run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        start = last_automated_data_interval.end if last_automated_data_interval else restriction.earliest
        if start is None or (restriction.latest is not None and start > restriction.latest):
            return None
        return DagRunInfo(run_after=start.add(hours=25), data_interval=DataInterval(start, start + self.step))


def spec_with(timetable: Timetable, **settings: Any) -> DagSpec:
    with DAG("d", schedule=timetable, start_date=START, **settings) as dag:
        EmptyOperator(task_id="a")
    return dag_to_spec(dag, "d.py", "tui_flow")


def test_the_spec_keeps_what_the_timetable_says_of_itself() -> None:
    found = timetable_from_dict(spec_with(AfterWork()).timetable)
    assert (found.summary, found.description, found.periodic) == ("late", "an hour late", True)
    assert spec_with(AfterWork()).version == spec_with(AfterWork()).version
    assert spec_with(AfterWork()).version != spec_with(AfterWork(2 * DAY)).version


def test_runs_are_asked_for_up_to_a_day_ahead() -> None:
    runs = planned_runs(AfterWork(), spec_with(AfterWork()), None, NOW)
    assert runs[0] == PlannedRun(START + timedelta(hours=25), START, START + DAY)
    assert [run.data_interval_start for run in runs] == [START + n * DAY for n in range(4)]


def test_it_goes_on_after_the_last_interval_until_it_has_no_more() -> None:
    spec = spec_with(AfterWork(), end_date=NOW - DAY)
    [run] = planned_runs(AfterWork(), spec, (START + DAY, START + 2 * DAY), NOW)
    assert run[1:] == (START + 2 * DAY, START + 3 * DAY)


class Stuck(AfterWork):
    def next_dagrun_info(self, **_: Any) -> DagRunInfo:
        return DagRunInfo.interval(START, NOW)


def test_a_timetable_that_does_not_move_on_is_asked_no_more() -> None:
    assert planned_runs(Stuck(), spec_with(Stuck()), None, NOW) == (PlannedRun(NOW, START, NOW),)


class Wrong(AfterWork):
    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def next_dagrun_info(self, **_: Any) -> DagRunInfo:
        return self.answer  # type: ignore[no-any-return]


@pytest.mark.parametrize("answer", ["soon", DagRunInfo.exact(datetime(2026, 1, 1)), DagRunInfo.exact("now")])  # type: ignore[arg-type]
def test_what_is_no_run_is_an_import_error(answer: Any) -> None:
    timetable = Wrong(answer)
    with pytest.raises(BadDag, match="Wrong.next_dagrun_info must give a DagRunInfo with aware datetimes"):
        planned_runs(timetable, spec_with(timetable), None, NOW)


class Unsayable(AfterWork):
    def serialize(self) -> dict[str, Any]:
        return {"step": object()}


def test_what_it_was_made_of_is_json() -> None:
    with pytest.raises(BadDag, match=r"Unsayable.serialize\(\) must give JSON"):
        spec_with(Unsayable())


@pytest.mark.parametrize(
    ("facts", "interval"),
    [
        ({"run_type": "manual"}, ("2024-06-14T10:30:00+00:00", "2024-06-15T10:30:00+00:00")),
        ({"run_type": "scheduled"}, ("2024-06-15T10:30:00+00:00", "2024-06-15T10:30:00+00:00")),
    ],
)
def test_a_run_that_somebody_asks_for_covers_what_the_timetable_says(
    facts: dict[str, str], interval: tuple[str, str]
) -> None:
    run: RunFacts = _with_interval(run_facts(**facts), AfterWork())
    assert (run.data_interval_start, run.data_interval_end) == interval

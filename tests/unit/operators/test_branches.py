from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tests.airflow_dags import DATA, dags_of
from tests.unit.sdk.fakes import run_task
from tui_flow import (
    DAG,
    BaseBranchOperator,
    BaseOperator,
    BranchPythonOperator,
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    EmptyOperator,
    LatestOnlyOperator,
    ShortCircuitOperator,
)
from tui_flow.operators.branch import BranchDateTimeOperator, BranchDayOfWeekOperator
from tui_flow.operators.latest_only import is_latest
from tui_flow.operators.weekday import WeekDay
from tui_flow.sdk.branch import SkipMixin
from tui_flow.sdk.exceptions import AirflowException

DAGS = dags_of(DATA / "oracle_dags.py")


@pytest.mark.parametrize(
    ("dag_id", "message"), [("o_branch_invalid", "chose 'nope', not in the DAG"), ("o_branch_bad_type", "but chose 5")]
)
def test_impossible_choices_fail_the_task(dag_id: str, message: str) -> None:
    with pytest.raises(AirflowException, match=message):
        run_task(DAGS[dag_id].get_task("br"))


@pytest.mark.parametrize(("map_index", "pushed"), [(-1, {}), (0, {"short": 0, "branch": "a"})])
def test_one_of_a_mapped_task_returns_its_choice_though_it_skips(map_index: int, pushed: dict[str, Any]) -> None:
    with DAG("d"):
        short = ShortCircuitOperator(task_id="short", python_callable=lambda: 0)
        branch = BranchPythonOperator(task_id="branch", python_callable=lambda: "a")
        [short, branch] >> EmptyOperator(task_id="a")
        branch >> EmptyOperator(task_id="b")
    ran = {task.task_id: run_task(task, map_index=map_index) for task in (short, branch)}
    assert {task_id: done.ti.skipped for task_id, done in ran.items()} == {"short": ["a"], "branch": ["b"]}
    assert {task_id: done.result for task_id, done in ran.items() if done.result is not None} == pushed


SKIPS: dict[str, Callable[[Any, Any, Any], None]] = {
    "Airflow 3": lambda self, context, tasks: self.skip(context["ti"], tasks),
    "Airflow 3, named": lambda self, context, tasks: self.skip(ti=context["ti"], tasks=tasks),
    "Airflow 2": lambda self, context, tasks: self.skip(context["dag_run"], context["logical_date"], tasks),
    "Airflow 2, named": lambda self, context, tasks: self.skip(
        dag_run=context["dag_run"], execution_date=context["logical_date"], tasks=tasks, map_index=-1
    ),
}


@pytest.mark.parametrize("how", SKIPS)
def test_an_operator_of_ones_own_skips(how: str) -> None:
    class Skips(BaseOperator, SkipMixin):
        def execute(self, context: Any) -> None:
            SKIPS[how](self, context, self.downstream_list)

    with DAG("d"):
        task = Skips(task_id="s")
        task >> [EmptyOperator(task_id="a"), EmptyOperator(task_id="b")]
    assert run_task(task).ti.skipped == ["a", "b"]
    with pytest.raises(TypeError, match="a task instance and tasks"):
        task.skip("no task instance")


def latest_only(timetable: Any, **facts: Any) -> list[str]:
    with DAG("d", schedule=timetable, start_date=datetime(2024, 1, 1, tzinfo=UTC)):
        task = LatestOnlyOperator(task_id="lo")
        task >> [EmptyOperator(task_id="a"), EmptyOperator(task_id="b")]
    return run_task(task, **facts).ti.skipped


def test_an_old_run_skips_what_is_after_latest_only() -> None:
    day = {
        "run_type": "scheduled",
        "logical_date": "2024-01-01T00:00:00+00:00",
        "data_interval_start": "2024-01-01T00:00:00+00:00",
        "data_interval_end": "2024-01-02T00:00:00+00:00",
    }
    assert latest_only(CronDataIntervalTimetable("0 0 * * *", "UTC"), **day) == ["a", "b"]
    assert latest_only(CronDataIntervalTimetable("0 0 * * *", "UTC"), **{**day, "run_type": "backfill"}) == ["a", "b"]
    at = {**day, "data_interval_end": day["logical_date"]}
    assert latest_only(CronTriggerTimetable("0 0 * * *", timezone="UTC"), **at) == ["a", "b"]
    assert latest_only(None, **day) == []
    assert latest_only("@daily", **{**day, "run_type": "manual"}) == []


def test_the_latest_run_goes_on_until_the_next_is_due() -> None:
    due = datetime(2024, 1, 3, tzinfo=UTC)
    assert is_latest(due, due)
    assert not is_latest(due, due + timedelta(seconds=1))
    assert is_latest(None, due)


def by_date(operator: type[BaseBranchOperator], **kwargs: Any) -> list[str]:
    with DAG("d"):
        task = operator(task_id="br", follow_task_ids_if_true="yes", follow_task_ids_if_false=["no"], **kwargs)
        task >> [EmptyOperator(task_id="yes"), EmptyOperator(task_id="no")]
    return run_task(task).ti.skipped


def test_branches_by_time_of_day_and_date() -> None:
    def between(lower: Any, upper: Any) -> list[str]:
        return by_date(BranchDateTimeOperator, target_lower=lower, target_upper=upper, use_task_logical_date=True)

    assert between(time(10, 0), time(11, 0)) == ["no"]
    assert between(time(11, 0), time(12, 0)) == ["yes"]
    assert between(time(10, 0), time(1, 0)) == ["no"]  # until 01:00 of the next day
    assert between(None, datetime(2024, 6, 15, 10, 0)) == ["yes"]
    with DAG("d"), pytest.raises(AirflowException, match="target_lower"):
        BranchDateTimeOperator(
            task_id="x", follow_task_ids_if_true="a", follow_task_ids_if_false="b", target_lower=None, target_upper=None
        )


def test_branches_by_weekday() -> None:
    saturday = {"use_task_logical_date": True}
    assert by_date(BranchDayOfWeekOperator, week_day="Saturday", **saturday) == ["no"]
    assert by_date(BranchDayOfWeekOperator, week_day={WeekDay.MONDAY, "tuesday"}, **saturday) == ["yes"]
    with DAG("d"), pytest.raises(AttributeError, match="'Caturday'"):
        by_date(BranchDayOfWeekOperator, week_day="Caturday")

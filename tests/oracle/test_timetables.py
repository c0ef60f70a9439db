"""Airflow's answers about when runs happen. Where a later Airflow mends an answer, that one counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.oracle.cases import Case, answers
from tui_flow.timetables import DagRunInfo, DataInterval, TimeRestriction, Timetable, timetable_from_dict


def expected(case: Case) -> Any:
    return case.get("expected_airflow_main", case["expected"])


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def interval(data: dict[str, str]) -> DataInterval:
    return DataInterval(instant(data["data_interval_start"]), instant(data["data_interval_end"]))


def timetable(data: dict[str, Any]) -> Timetable:
    names = {"type": "kind", "expression": "cron", "expressions": "crons"}
    values = {names.get(name, name): value for name, value in data.items()}
    if "event_dates" in values:
        values["event_dates"] = [{"datetime": date} for date in values["event_dates"]]
    return timetable_from_dict(values)


@answers("timetable.next")
def test_next(case: Case) -> None:
    given = case["input"]
    bounds = [None if given[name] is None else instant(given[name]) for name in ("earliest", "latest")]
    restriction = TimeRestriction(bounds[0], bounds[1], given["catchup"])
    last = given["last_data_interval"] and DataInterval(*map(instant, given["last_data_interval"]))
    found: list[DagRunInfo | None] = []
    while len(found) < given["steps"]:
        info = timetable(given["timetable"]).next_dagrun_info(
            last_automated_data_interval=last, restriction=restriction, now=instant(given["now"])
        )
        found.append(info)
        if info is None:
            break
        last = info.data_interval
    wanted = [
        run and DagRunInfo(instant(run["logical_date"]), interval(run), instant(run["run_after"]))
        for run in expected(case)
    ]
    assert found == wanted


@answers("timetable.manual")
def test_manual(case: Case) -> None:
    given = case["input"]
    answer = timetable(given["timetable"]).infer_manual_data_interval(run_after=instant(given["run_after"]))
    assert answer == interval(expected(case))

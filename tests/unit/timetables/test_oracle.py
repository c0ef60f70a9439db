"""Airflow's own answers: every timetable case of `tests/data/oracle_cases.json`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tui_flow.timetables import DagRunInfo, DataInterval, TimeRestriction, Timetable, timetable_from_dict

CASES = json.loads((Path(__file__).parents[2] / "data" / "oracle_cases.json").read_text())["cases"]
NEXT = [case for case in CASES if case["category"] == "timetable.next"]
MANUAL = [case for case in CASES if case["category"] == "timetable.manual"]


def case_id(case: dict[str, Any]) -> str:
    return str(case["id"])


def expected(case: dict[str, Any]) -> Any:
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


@pytest.mark.parametrize("case", NEXT, ids=case_id)
def test_next(case: dict[str, Any]) -> None:
    given = case["input"]
    bounds = [None if given[name] is None else instant(given[name]) for name in ("earliest", "latest")]
    restriction = TimeRestriction(bounds[0], bounds[1], given["catchup"])
    last = given["last_data_interval"] and DataInterval(*map(instant, given["last_data_interval"]))
    answers: list[DagRunInfo | None] = []
    while len(answers) < given["steps"]:
        info = timetable(given["timetable"]).next_dagrun_info(
            last_automated_data_interval=last, restriction=restriction, now=instant(given["now"])
        )
        answers.append(info)
        if info is None:
            break
        last = info.data_interval
    wanted = [
        run and DagRunInfo(instant(run["logical_date"]), interval(run), instant(run["run_after"]))
        for run in expected(case)
    ]
    assert answers == wanted


@pytest.mark.parametrize("case", MANUAL, ids=case_id)
def test_manual(case: dict[str, Any]) -> None:
    given = case["input"]
    answer = timetable(given["timetable"]).infer_manual_data_interval(run_after=instant(given["run_after"]))
    assert answer == interval(expected(case))


def test_all_cases_are_here() -> None:
    assert (len(NEXT), len(MANUAL)) == (51, 8)

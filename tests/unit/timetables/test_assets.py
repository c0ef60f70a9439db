"""Schedules by assets: their words, their JSON, and that AssetOrTimeSchedule is its timetable and more."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tui_flow.timetables import (
    AssetOrTimeSchedule,
    AssetTriggeredTimetable,
    ContinuousTimetable,
    CronDataIntervalTimetable,
    InvalidSchedule,
    NullTimetable,
    TimeRestriction,
    Timetable,
    timetable_from_dict,
)
from tui_flow.timetables.assets import DatasetOrTimeSchedule, condition_of, expression, in_words, leaves

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
EVER = TimeRestriction(None, None, True)


def leaf(name: str, kind: str = "asset") -> dict[str, Any]:
    return {"kind": kind, "name": name, "uri": f"file:///{name}"}


def every(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "all", "of": list(parts)}


def some(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "any", "of": list(parts)}


A, B, C = map(leaf, "abc")


@pytest.mark.parametrize(
    ("condition", "short", "words"),
    [
        (A, "a", "a"),
        (every(A, B), "a & b", "a and b"),
        (some(A, every(B, C)), "a | (b & c)", "a or (b and c)"),
        (some(A, every(B)), "a | b", "a or b"),
        (some(leaf("x", "alias"), {"kind": "ref", "uri": "s3://y/"}), "alias x | s3://y/", "alias x or s3://y/"),
    ],
)
def test_a_condition_reads_as_it_was_written(condition: Any, short: str, words: str) -> None:
    assert (expression(condition), in_words(condition)) == (short, words)


def test_leaves_from_left_to_right() -> None:
    assert [part["name"] for part in leaves(some(A, every(B, some(C, A))))] == ["a", "b", "c", "a"]


def test_words_for_people() -> None:
    assert AssetTriggeredTimetable(every(A, B)).description == "when a and b were updated"
    assert AssetTriggeredTimetable(some(A, B)).description == "when a or b was updated"
    timed = AssetOrTimeSchedule(CronDataIntervalTimetable("0 2 * * *", "UTC"), [A, B])  # type: ignore[arg-type]
    assert timed.summary == "0 2 * * * or a & b"
    assert timed.description.endswith(", and when a and b were updated")


@pytest.mark.parametrize(
    "timetable",
    [
        AssetTriggeredTimetable(some(A, every(B, C))),
        AssetOrTimeSchedule(CronDataIntervalTimetable("0 2 * * *", "UTC"), every(A, B)),
    ],
)
def test_they_survive_json(timetable: Timetable) -> None:
    again = timetable_from_dict(json.loads(json.dumps(timetable.to_dict())))
    assert again == timetable
    assert condition_of(again.to_dict()) == timetable.assets  # type: ignore[attr-defined]


def test_other_schedules_have_no_condition() -> None:
    assert condition_of(NullTimetable().to_dict()) is None


def test_assets_alone_never_fall_due_by_the_clock() -> None:
    timetable = AssetTriggeredTimetable(A)
    assert timetable.next_dagrun_info(last_automated_data_interval=None, restriction=EVER, now=NOW) is None
    interval = timetable.infer_manual_data_interval(run_after=NOW)
    assert (interval.start, interval.end) == (NOW, NOW)


@pytest.mark.parametrize("inner", [CronDataIntervalTimetable("0 2 * * *", "UTC"), ContinuousTimetable()])
def test_assets_or_time_keeps_the_timetables_time(inner: Timetable) -> None:
    both = AssetOrTimeSchedule(inner, A)
    for name in ("periodic", "can_be_scheduled", "active_runs_limit", "counts_from_last"):
        assert getattr(both, name) == getattr(inner, name)
    asked: dict[str, Any] = {"last_automated_data_interval": None, "restriction": EVER, "now": NOW}
    assert both.next_dagrun_info(**asked) == inner.next_dagrun_info(**asked)
    due: dict[str, Any] = {"last": None, "restriction": EVER, "now": NOW}
    assert both.latest_due(**due) == inner.latest_due(**due)
    assert both.infer_manual_data_interval(run_after=NOW) == inner.infer_manual_data_interval(run_after=NOW)


def test_airflow_2s_name_for_it() -> None:
    cron = CronDataIntervalTimetable("0 2 * * *", "UTC")
    assert DatasetOrTimeSchedule(timetable=cron, datasets=[A, B]) == AssetOrTimeSchedule(cron, every(A, B))


@pytest.mark.parametrize("assets", [[], {"kind": "all", "of": []}, "a", 3, [A, "b"]])
def test_what_is_no_condition_is_refused(assets: Any) -> None:
    with pytest.raises(InvalidSchedule, match="asset"):
        AssetTriggeredTimetable(assets)


def test_the_time_must_be_a_timetable() -> None:
    with pytest.raises(InvalidSchedule, match="timetable"):
        AssetOrTimeSchedule("0 2 * * *", A)  # type: ignore[arg-type]

"""`schedule=` in each dialect, what users see of it, and timetables as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed_offset
from typing import Any

import pytest
from dateutil.relativedelta import FR, relativedelta  # type: ignore[import-untyped, unused-ignore]
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_flow.timetables import (
    AuthorTimetable,
    ContinuousTimetable,
    CronDataIntervalTimetable,
    CronTimetable,
    CronTriggerTimetable,
    DeltaDataIntervalTimetable,
    DeltaTimetable,
    DeltaTriggerTimetable,
    Dialect,
    EventsTimetable,
    InvalidSchedule,
    MultipleCronTriggerTimetable,
    NullTimetable,
    OnceTimetable,
    Timetable,
    every,
    timetable_from_dict,
    timetable_of,
)
from tui_flow.timetables.base import KINDS

START = datetime(2024, 1, 1, 1, 17, tzinfo=UTC)
SIX_HOURS = timedelta(hours=6)
ZURICH = "Europe/Zurich"


@pytest.mark.parametrize(
    ("dialect", "cron", "delta"),
    [
        ("tui_flow", CronTimetable("@daily", ZURICH), DeltaTimetable(SIX_HOURS, START)),
        ("airflow2", CronDataIntervalTimetable("@daily", ZURICH), DeltaDataIntervalTimetable(SIX_HOURS)),
        ("airflow3", CronTriggerTimetable("@daily", ZURICH), DeltaTriggerTimetable(SIX_HOURS)),
    ],
)
def test_dialects(dialect: Dialect, cron: Timetable, delta: Timetable) -> None:
    wanted = {
        None: NullTimetable(),
        "@once": OnceTimetable(),
        "@continuous": ContinuousTimetable(),
        "@daily": cron,
        SIX_HOURS: delta,
        every("15m"): every("15m"),
    }
    for schedule, timetable in wanted.items():
        assert timetable_of(schedule, timezone=ZURICH, dialect=dialect, start_date=START) == timetable


def test_tuiflow_deltas_count_from_the_epoch_without_start_date() -> None:
    assert timetable_of(SIX_HOURS, timezone="UTC", dialect="tui_flow", start_date=None) == every("6h")


@pytest.mark.parametrize("dialect", ["tui_flow", "airflow2", "airflow3"])
@pytest.mark.parametrize(
    "schedule",
    [
        "@reboot",
        "@every 30s",
        "1 2 3",
        "",
        5,
        object,
        timedelta(0),
        timedelta.max,
        relativedelta(years=10**9),
        "0 0 31 4 *",
    ],
)
def test_refused_in_every_dialect(schedule: object, dialect: Dialect) -> None:
    with pytest.raises(InvalidSchedule):
        timetable_of(schedule, timezone="UTC", dialect=dialect, start_date=None)


@pytest.mark.parametrize("zone", ["Europe/Zurick", "", "../etc/passwd", "/etc/passwd", "Europe", "+25:00", "local"])
@pytest.mark.parametrize("dialect", ["tui_flow", "airflow2", "airflow3"])
def test_unknown_zone(zone: str, dialect: Dialect) -> None:
    with pytest.raises(InvalidSchedule, match="Time zone"):
        timetable_of("@daily", timezone=zone, dialect=dialect, start_date=None)


def test_fixed_offsets_are_zones() -> None:
    at_two = CronTimetable("0 2 * * *", "+05:30").fire_after(START)
    assert at_two.astimezone(fixed_offset(timedelta(hours=5, minutes=30))).hour == 2


SHOWN = [
    (CronTimetable("0 2 * * *", ZURICH), "0 2 * * *", "at 02:00 every day, Europe/Zurich"),
    (CronTimetable("@daily", "UTC"), "@daily", "at 00:00 every day, UTC"),
    (CronTimetable("* * * * *", "UTC"), "* * * * *", "every minute, every day, UTC"),
    (CronTimetable("@hourly", "UTC"), "@hourly", "on the hour, every day, UTC"),
    (CronTimetable("*/15 9-17 * * 1-5", "UTC"), "*/15 9-17 * * 1-5",
     "every 15 minutes of hours 9-17, on Monday to Friday, UTC"),
    (CronTimetable("5,35 */2 * * *", "UTC"), "5,35 */2 * * *",
     "at minutes 5 and 35 of every 2 hours, every day, UTC"),
    (CronTimetable("0 0 13 * 5", "UTC"), "0 0 13 * 5", "at 00:00 on day 13 of the month or on Friday, UTC"),
    (CronTimetable("0 0 */10 * 5", "UTC"), "0 0 */10 * 5",
     "at 00:00 on day 1, 11, 21 and 31 of the month if that is Friday, UTC"),
    (CronTimetable("0 8,20 L jan,jul *", "UTC"), "0 8,20 L jan,jul *",
     "at 08:00 and 20:00 on the last day of the month in January and July, UTC"),
    (CronTimetable("0 0 * * 1#2,5L", "UTC"), "0 0 * * 1#2,5L",
     "at 00:00 on the second Monday of the month and the last Friday of the month, UTC"),
    (CronTimetable("0 0 1-31 * 5", "UTC"), "0 0 1-31 * 5", "at 00:00 every day, UTC"),
    (every("6h"), "every 6:00:00", "every 6:00:00"),
    (DeltaTimetable(relativedelta(months=1), START), "every 1 month",
     "every 1 month, counted from 2024-01-01 01:17:00 UTC"),
    (CronTriggerTimetable("0 2 * * *", "UTC"), "0 2 * * *", "at 02:00 every day, UTC"),
    (CronTriggerTimetable("0 0 15W * *", "UTC"), "0 0 15W * *", "cron 0 0 15W * *, UTC"),
    (CronDataIntervalTimetable("0 2 * * *", "UTC"), "0 2 * * *",
     "at 02:00 every day, UTC, each run for the interval before it"),
    (MultipleCronTriggerTimetable("0 2 * * *", "@hourly", timezone="UTC"), "0 2 * * *, @hourly",
     "at 02:00 every day; on the hour, every day, UTC"),
    (DeltaTriggerTimetable(relativedelta(years=2, days=1)), "every 2 years 1 day",
     "every 2 years 1 day, counted from the last run"),
    (DeltaDataIntervalTimetable(timedelta(days=1)), "every 1 day, 0:00:00",
     "every 1 day, 0:00:00, each run for the interval before it"),
    (EventsTimetable((START, START + SIX_HOURS)), "2 events",
     "2 events between 2024-01-01 01:17 and 2024-01-01 07:17 UTC"),
    (EventsTimetable((), name="matches"), "matches", "matches"),
    (EventsTimetable(()), "0 events", "no events"),
    (OnceTimetable(), "@once", "once, as soon as possible"),
    (ContinuousTimetable(), "@continuous", "again as soon as the last run has ended"),
    (NullTimetable(), "None", "never, only when triggered"),
    (AuthorTimetable("Mine", "mine"), "mine", "as Mine in the DAG's file says"),
    (AuthorTimetable("Mine", "mine", "on work days", is_periodic=False, runs_at_once=1), "mine", "on work days"),
]  # fmt: skip


@pytest.mark.parametrize(("timetable", "summary", "description"), SHOWN)
def test_shown(timetable: Timetable, summary: str, description: str) -> None:
    assert (timetable.summary, timetable.description) == (summary, description)


def test_flags() -> None:
    assert not NullTimetable().can_be_scheduled
    kinds = KINDS.keys() - {"AssetOrTimeSchedule", "AuthorTimetable"}  # their flags are those of another timetable
    assert {kind for kind in kinds if not KINDS[kind].can_be_scheduled} == {"NullTimetable", "AssetTriggeredTimetable"}
    assert [kind for kind in kinds if KINDS[kind].active_runs_limit is not None] == ["ContinuousTimetable"]
    assert {kind for kind in kinds if not KINDS[kind].periodic} == {
        "AssetTriggeredTimetable",
        "NullTimetable",
        "OnceTimetable",
        "ContinuousTimetable",
    }


spans = st.one_of(
    st.timedeltas(timedelta(microseconds=1), timedelta(days=36525)),
    st.builds(relativedelta, months=st.integers(1, 20), days=st.integers(0, 40), microseconds=st.integers(0, 9)),
    st.builds(
        relativedelta, years=st.just(1), day=st.integers(1, 28), hour=st.just(0), weekday=st.sampled_from([FR, FR(-1)])
    ),
)
instants = st.datetimes(
    timezones=st.sampled_from([UTC, fixed_offset(timedelta(hours=2))]), min_value=datetime(1900, 1, 1)
)
crons = st.sampled_from(["@daily", "0 2 * * *", "*/5 9-17 * * mon-fri"])
zones = st.sampled_from(["UTC", ZURICH, "+02:00"])
run_immediately = st.one_of(st.booleans(), st.none(), st.timedeltas())
timetables = st.one_of(
    st.sampled_from([shown[0] for shown in SHOWN]),
    st.builds(DeltaTimetable, st.timedeltas(timedelta(seconds=1), timedelta(days=999)), instants),
    st.builds(DeltaDataIntervalTimetable, spans),
    st.builds(DeltaTriggerTimetable, spans, spans),
    st.builds(CronTriggerTimetable, crons, zones, spans, run_immediately),
    st.builds(
        MultipleCronTriggerTimetable,
        crons=st.lists(crons, min_size=1).map(tuple),
        timezone=zones,
        interval=spans,
        run_immediately=run_immediately,
    ),
    st.builds(EventsTimetable, st.lists(instants).map(tuple), st.booleans(), st.sampled_from(["", "matches"])),
)


@settings(max_examples=60, deadline=None, database=None)
@given(timetables)
def test_json_round_trip(timetable: Timetable) -> None:
    data = timetable.to_dict()
    assert data["kind"] == type(timetable).__name__
    again = timetable_from_dict(json.loads(json.dumps(data)))
    assert again == timetable
    assert hash(again) == hash(timetable)


@pytest.mark.parametrize(
    "data", [{}, {"kind": "Unheard"}, {"kind": "CronTimetable"}, {"kind": "NullTimetable", "more": 1}, {"kind": ["x"]}]
)
def test_foreign_data_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidSchedule, match="unknown|cannot be read"):
        timetable_from_dict(data)


def test_events_keep_order_and_refuse_naive_dates() -> None:
    assert EventsTimetable((START + SIX_HOURS, START, START)).event_dates == (START, START + SIX_HOURS)
    with pytest.raises(InvalidSchedule, match="no time zone"):
        EventsTimetable((datetime(2024, 1, 1),))

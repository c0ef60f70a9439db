"""tuiflow's own timetables: runs at fires, each for the interval since the fire before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import FR, relativedelta  # type: ignore[import-untyped, unused-ignore]
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_flow.timetables import (
    CronTimetable,
    DataInterval,
    DeltaTimetable,
    InvalidSchedule,
    TimeRestriction,
    Timetable,
    every,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fire(
    timetable: Timetable,
    now: str,
    last: str | None = None,
    earliest: str | None = None,
    latest: str | None = None,
    catchup: bool = False,
) -> str | None:
    """run_after of the next run, as text."""
    info = timetable.next_dagrun_info(
        last_automated_data_interval=None if last is None else DataInterval(at("2000-01-01"), at(last)),
        restriction=TimeRestriction(at(earliest) if earliest else None, at(latest) if latest else None, catchup),
        now=at(now),
    )
    return None if info is None else f"{info.run_after:%Y-%m-%d %H:%M}"


DAILY = CronTimetable("0 2 * * *", "UTC")


def test_without_catchup_the_latest_slot_or_the_next() -> None:
    assert fire(DAILY, now="2024-05-10 13:37", last="2024-05-06 02:00") == "2024-05-10 02:00"
    assert fire(DAILY, now="2024-05-10 13:37", last="2024-05-10 02:00") == "2024-05-11 02:00"
    assert fire(DAILY, now="2024-05-10 02:00", last="2024-05-06 02:00") == "2024-05-10 02:00"
    assert fire(DAILY, now="2024-05-10 13:37") == "2024-05-10 02:00"
    assert fire(DAILY, now="2024-05-10 13:37", earliest="2024-05-10 02:00") == "2024-05-10 02:00"
    assert fire(DAILY, now="2024-05-10 13:37", earliest="2024-05-10 02:01") == "2024-05-11 02:00"


def test_with_catchup_the_slot_after_the_last() -> None:
    assert fire(DAILY, now="2024-05-10 13:37", last="2024-05-06 02:00", catchup=True) == "2024-05-07 02:00"
    assert fire(DAILY, now="2024-05-10 13:37", earliest="2024-05-01 02:00", catchup=True) == "2024-05-01 02:00"
    assert (
        fire(DAILY, now="2024-05-10 13:37", last="2024-05-06 02:00", earliest="2024-05-08", catchup=True)
        == "2024-05-08 02:00"
    )


def test_nothing_after_the_end_but_the_last_slot_before_it() -> None:
    assert fire(DAILY, now="2024-05-10 13:37", last="2024-05-07 02:00", latest="2024-05-09 12:00") == "2024-05-09 02:00"
    assert fire(DAILY, now="2024-05-10 13:37", last="2024-05-09 02:00", latest="2024-05-09 12:00") is None
    assert fire(DAILY, now="2024-05-10 13:37", last="2024-05-10 02:00", latest="2024-05-11 02:00") == "2024-05-11 02:00"


def test_clock_set_back_never_repeats_a_slot() -> None:
    assert fire(DAILY, now="2024-05-08 13:37", last="2024-05-10 02:00") == "2024-05-11 02:00"


def test_manual_run_is_for_the_last_complete_interval() -> None:
    assert DAILY.infer_manual_data_interval(run_after=at("2024-05-10 13:37")) == DataInterval(
        at("2024-05-09 02:00"), at("2024-05-10 02:00")
    )
    assert DAILY.infer_manual_data_interval(run_after=at("2024-05-10 02:00")).end == at("2024-05-10 02:00")


def test_every_counts_from_the_epoch_or_an_anchor() -> None:
    assert fire(every("15m"), now="2024-05-10 13:37") == "2024-05-10 13:30"
    assert fire(every("1h30m", anchor=at("2024-05-10 00:10")), now="2024-05-10 13:37") == "2024-05-10 12:10"
    assert fire(every("6h", anchor=at("2030-01-01 01:00")), now="2024-05-10 13:37") == "2024-05-10 13:00"
    assert every(timedelta(days=1)) == every("1d") == every("24h")


def test_months_from_an_anchor_do_not_drift() -> None:
    monthly = DeltaTimetable(relativedelta(months=1), at("2025-01-31"))
    fires = [monthly.fire_after(at("2025-01-30"))]
    while len(fires) < 4:
        fires.append(monthly.fire_after(fires[-1]))
    assert fires == [at("2025-01-31"), at("2025-02-28"), at("2025-03-31"), at("2025-04-30")]
    assert monthly.fire_before(at("1999-03-01")) == at("1999-02-28")


@pytest.mark.parametrize("text", ["", "15", "m", "1h 30", "-5m", "1.5h", "5x", "0s", "0h0m", "9" * 5000 + "s"])
def test_spans_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InvalidSchedule, match="cannot be read|not positive"):
        every(text)


@pytest.mark.parametrize(
    "span",
    [
        timedelta(0),
        timedelta(hours=-1),
        timedelta(microseconds=5),
        relativedelta(day=1),
        relativedelta(weekday=FR),
        relativedelta(months=1, days=-3),
    ],
)
def test_spans_that_make_no_grid(span: timedelta) -> None:
    with pytest.raises(InvalidSchedule, match="not positive|cannot be repeated"):
        DeltaTimetable(span)


def test_naive_anchor_is_refused() -> None:
    with pytest.raises(InvalidSchedule, match="no time zone"):
        every("1h", anchor=datetime(2024, 1, 1))


spans = st.one_of(
    st.timedeltas(timedelta(seconds=1), timedelta(days=40)),
    st.builds(relativedelta, months=st.integers(1, 30), days=st.integers(0, 40), hours=st.integers(0, 30)),
)
timetables = st.one_of(
    st.builds(DeltaTimetable, spans, st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))),
    st.builds(
        CronTimetable,
        st.sampled_from(["*/7 * * * *", "15,45 1-2 * * *", "0 2 * * *", "0 0 L * 5", "30 1 1 */3 *", "0 */3 * * sun"]),
        st.sampled_from(["UTC", "Europe/Zurich", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia"]),
    ),
)


@settings(max_examples=150, deadline=None, database=None)
@given(timetables, st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.booleans())
def test_intervals_are_contiguous_and_never_empty(timetable: Timetable, now: datetime, catchup: bool) -> None:
    last: DataInterval | None = None
    restriction = TimeRestriction(now, None, catchup)
    for _ in range(5):
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction, now=now)
        assert info is not None
        assert info.logical_date == info.run_after == info.data_interval.end
        assert info.data_interval.start < info.data_interval.end
        assert last is None or last.end == info.data_interval.start
        assert timetable.infer_manual_data_interval(run_after=info.run_after) == info.data_interval
        last = info.data_interval

"""What tuiflow's cron expressions may say, and that croniter reads them as crontab(5) does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_flow.timetables import InvalidSchedule
from tui_flow.timetables.cron_fields import LAST
from tui_flow.timetables.cron_syntax import PRESETS, parse_cron

REFUSED = {
    "1-1 * * * *": "write 1",
    "0 0 * * mon-mon": "write mon",
    "R R * * *": "'r' is not understood as minute",
    "H * * * *": "'h' is not understood as minute",
    "0 0 ? * *": "'?' is not understood",
    "0 0 0 * * *": 'every("30s")',
    "0 0 1 1 * 0 2030": "7 fields; five are needed",
    "* * *": "3 fields",
    "": "0 fields",
    "0 22-2 * * *": "write 22-23,0-2",
    "0 22-0 * * *": "write 22-23,0",
    "0 0 * * sat-tue": "runs backwards",
    "0 0 * nov-feb *": "runs backwards",
    "0 0 31 4 *": "never fires: its months have no such day",
    "*/2 */2 */11 */2 5L": "never fires: no day passes both",
    "0 0 30 feb *": "never fires",
    "0 0 31 4,6,9,11 *": "never fires",
    "*/90 * * * *": 'every("90m")',
    "*/0 * * * *": "step 0",
    "0 0 * * 7/2": "write 0/2",
    "60 * * * *": "(0-59)",
    "0 24 * * *": "(0-23)",
    "0 0 0 * *": "(1-31)",
    "0 0 * 13 *": "(1-12)",
    "0 0 * * 8": "(0-7)",
    "-5 * * * *": "not understood",
    "0 0 * foo *": "'foo' is not a month",
    "0 0 L-3 * *": "not understood",
    "0 0 LW * *": "not understood",
    "0 0 15W * *": "not understood",
    "0 0 * * L5": "'5L'",
    "0 0 * * 5#6": "not understood",
    "0 0 * * 1,2#3": "mixes",
    f"*/{'9' * 5000} * * * *": "not understood",
    "٣ * * * *": "not understood",
    "@reboot": "known are @hourly",
    "@every 30s": 'every("30s")',
    "@Daily": "known are @hourly",
}


@pytest.mark.parametrize("expression", REFUSED)
def test_refused_with_a_way_out(expression: str) -> None:
    with pytest.raises(InvalidSchedule) as refusal:
        parse_cron(expression)
    assert REFUSED[expression] in str(refusal.value)
    assert repr(expression) in str(refusal.value)


@pytest.mark.parametrize("expression", [*PRESETS, "0 0 29 2 *", "0 0 31 * *", "59/15 * * * *", "  0   2 * * *\t"])
def test_accepted(expression: str) -> None:
    assert parse_cron(expression).times


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * * fri-sun", "0 0 * * 0,5,6"),
        ("0 0 * * MON-Fri", "0 0 * * 1-5"),
        ("0 0 * * 0-7", "0 0 * * 0-6"),
        ("0 0 * JAN,Mar-may *", "0 0 * 1,3-5 *"),
        ("0 0 * * friL", "0 0 * * 5L"),
        ("0 0 * * sun#2,7#4", "0 0 * * 0#2,0#4"),
        ("59/15 * * * *", "59 * * * *"),
        ("@daily", "0 0 * * *"),
    ],
)
def test_same_meaning(one: str, other: str) -> None:
    assert parse_cron(one) == parse_cron(other)


def test_day_fields() -> None:
    assert parse_cron("0 0 13 * 5").either_day
    assert parse_cron("0 0 1-31 * 5").either_day
    assert not parse_cron("0 0 */2 * 5").either_day
    assert not parse_cron("0 0 13 * */2").either_day
    assert parse_cron("0 0 15,L * *").last_day
    assert parse_cron("0 0 * * 5L,1#2").nth_weekdays == {(5, LAST), (1, 2)}


def test_wild_is_a_star_in_front() -> None:
    assert all(parse_cron(text).is_wild for text in ("* 1 * * *", "*/30 1 * * *", "0 * * * *", "0 */2 * * *"))
    assert not any(parse_cron(text).is_wild for text in ("0 0-23 * * *", "0,30 1 * * *", "0 0 * * *"))


def item(low: int, high: int) -> st.SearchStrategy[tuple[str, set[int]]]:
    """One part of a list, and the numbers that crontab(5) says it means."""
    steps = st.integers(1, high)
    bounds = st.lists(st.integers(low, high), min_size=2, max_size=2, unique=True).map(sorted)
    return st.one_of(
        st.integers(low, high).map(lambda n: (str(n), {n})),
        bounds.map(lambda b: (f"{b[0]}-{b[1]}", set(range(b[0], b[1] + 1)))),
        st.tuples(bounds, steps).map(lambda t: (f"{t[0][0]}-{t[0][1]}/{t[1]}", set(range(t[0][0], t[0][1] + 1, t[1])))),
        steps.map(lambda n: (f"*/{n}", set(range(low, high + 1, n)))),
    )


def fields(low: int, high: int) -> st.SearchStrategy[tuple[str, set[int]]]:
    items = st.lists(item(low, high), min_size=1, max_size=3)
    return items.map(
        lambda parts: (",".join(text for text, _ in parts), set().union(*(numbers for _, numbers in parts)))
    )


@settings(max_examples=200, deadline=None, database=None)
@given(fields(0, 59), fields(0, 23), fields(1, 31), fields(0, 7))
def test_fields_are_read_as_written(
    minute: tuple[str, set[int]], hour: tuple[str, set[int]], day: tuple[str, set[int]], weekday: tuple[str, set[int]]
) -> None:
    cron = parse_cron(f"{minute[0]} {hour[0]} {day[0]} * {weekday[0]}")
    assert [set(cron.minutes), set(cron.hours), set(cron.days)] == [minute[1], hour[1], day[1]]
    starred = {number for number in weekday[1] if number < 7 or "*/" not in weekday[0]}
    assert cron.weekdays == {number % 7 for number in starred}


@settings(max_examples=50, deadline=None, database=None)
@given(fields(1, 12))
def test_months_are_read_as_written(month: tuple[str, set[int]]) -> None:
    assert parse_cron(f"0 0 1 {month[0]} *").months == month[1]

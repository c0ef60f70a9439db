"""Charts of durations, a month beside them, a line for each task."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.unit.planner.dsl import dag_of, run_of
from tui_flow.records import DagRun
from tui_flow.state import RunState, RunType
from tui_flow.store.read_history import RunDay, TaskPast
from tui_flow.tui.palette import BAD, Palette
from tui_flow.tui.text import pieces_width
from tui_flow.tui.views.bars import was_due
from tui_flow.tui.views.month import Month
from tui_flow.tui.views.stats import StatsModel, stats_rows

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
SPEC = dag_of("a")
LOOK = Palette()
JANUARY = date(2026, 1, 1)

DAYS = {date(2026, 1, 1): RunDay(1, 0, 0, 600.0), date(2026, 1, 2): RunDay(1, 1, 0, 300.0)}


def run(day: int, minutes: int, state: RunState = RunState.SUCCESS) -> DagRun:
    at = datetime(2026, 1, day, tzinfo=UTC)
    took = timedelta(minutes=minutes)
    return replace(run_of(SPEC, day), run_after=at, started_at=at, ended_at=at + took, state=state)


def text_of(model: StatsModel, width: int, look: Palette = LOOK) -> list[str]:
    return ["".join(text for text, _ in row.pieces) for row in stats_rows(model, look, NOON, True, width)]


def test_the_longest_run_fills_the_chart_and_half_of_it_half() -> None:
    runs = [run(3, 20), run(2, 40, RunState.FAILED), run(1, 10)]
    lines = text_of(StatsModel(runs, Month(JANUARY)), 60)
    assert "usual 20m 00s · 1 of 3 failed" in lines[0]
    assert [line[11:] for line in lines[1:5]] == [" █ ", " █ ", " ██", "███"]
    assert lines[1].startswith("  40m 00s │")


def test_failed_runs_have_their_own_colour() -> None:
    runs = [run(2, 40, RunState.FAILED), run(1, 10)]
    top = stats_rows(StatsModel(runs, Month(JANUARY)), LOOK, NOON, True, 60)[1]
    assert [style for text, style in top.pieces if text == "█"] == [BAD]


def test_the_month_stands_beside_the_charts_where_there_is_room() -> None:
    model = StatsModel([run(1, 10)], Month(JANUARY, DAYS, [NOON + timedelta(days=2)]))
    wide, narrow = text_of(model, 79), text_of(model, 59)
    assert "Took" in wide[0] and "January 2026" in wide[0]
    assert "January 2026" not in narrow[0] and any("January 2026" in line for line in narrow)
    assert any(" 2✗" in line for line in wide) and any("22+" in line for line in wide)


def test_tasks_stand_with_the_longest_first() -> None:
    tasks = [
        TaskPast("quick", 2.0, False, 1),
        TaskPast("slow[/]", 60.0, False, 1),
        TaskPast("quick", 9.0, True, 3),
        TaskPast("slow[/]", 70.0, False, 1),
        TaskPast("\x1b]52;c;x\x07", None, True, 1),
    ]
    lines = text_of(StatsModel([], Month(JANUARY), tasks=tasks), 119)
    slow, quick, never = lines[-3:]
    assert "slow[/]" in slow and "1m 10s" in slow and slow.rstrip().endswith("▇█"[-1])
    assert "quick" in quick and "2.0s" in quick and "9.0s" not in quick and "1/2" in quick and " 3 " in quick
    assert "\x1b" not in never and "1/1" in never


def test_rows_fit_every_width_and_nothing_is_no_error() -> None:
    runs = [run(day % 28 + 1, day) for day in range(150)]
    for width in (59, 79, 119, 199):
        for model in (StatsModel(runs, Month(JANUARY, DAYS, [NOON])), StatsModel([], Month(JANUARY))):
            for row in stats_rows(model, Palette(is_ascii=True), NOON, True, width):
                assert pieces_width(row.pieces) <= width
                assert "".join(text for text, _ in row.pieces).replace("…", "").isascii()


def test_only_runs_that_were_due_landed_late() -> None:
    late = [replace(run(day, 10), run_type=kind) for day, kind in enumerate(RunType, 1)]
    said = next(line for line in text_of(StatsModel(late, Month(JANUARY)), 60) if "Landed" in line)
    assert said.strip() == "Landed  usual 10m 00s after they were due"
    past = [replace(each, run_after=datetime(2020, 1, 1, tzinfo=UTC)) for each in late if not was_due(each)]
    assert {each.run_type for each in past} == {RunType.MANUAL, RunType.BACKFILL, RunType.OPERATOR_TRIGGERED}
    assert said in text_of(StatsModel([*past, run(1, 10)], Month(JANUARY)), 60)

"""Sheets that write, make, answer and delete: each says what it will do, and the database says that it did."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.integration.store_kit import HOUR, NOW, ending, key, run_of, started, store
from tests.tui.dump import SIZES, dashboard, real_deeds, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.planner.decisions import PauseDag
from tui_flow.settings import Home
from tui_flow.state import AttemptState, RunState, TaskState
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer
from tui_flow.timetables import CronTriggerTimetable
from tui_flow.tui.pages.dags import DagsPage

DAILY = CronTriggerTimetable("0 0 * * *", timezone="UTC").to_dict()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    home = home_of(tmp_path)
    monkeypatch.setenv("TUIFLOW_HOME", str(home.root))
    yield home


def asking(home: Home, dag_id: str = "asks", **more: object) -> None:
    """A task that waits for a person."""
    with Writer(home.database) as writer:
        spec = dag_of("approve >> after", dag_id=dag_id)
        store(writer, spec, file=f"{dag_id!a}.py")
        run = run_of(writer, spec, "r0", NOW)
        attempt = started(writer, run, "approve")
        writer.apply(
            [
                ending(
                    attempt,
                    run,
                    TaskState.AWAITING_INPUT,
                    task_id="approve",
                    ended=AttemptState.DEFERRED,
                    resume={"id": attempt},
                )
            ],
            NOW + HOUR,
        )
        request = {"subject": "Ship [it]?", "body": "All checks passed.", "options": ["Yes", "No"]}
        rest: dict[str, Any] = {
            "defaults": None,
            "multiple": False,
            "params": {},
            "assigned_users": [],
            "timeout_s": None,
        }
        writer.ask_for_input(attempt, key(run, "approve"), request | rest | more, NOW + HOUR)


async def to_runs(pilot: Pilot[int]) -> None:
    await until(pilot, lambda text: "etl" in text)
    await pilot.press("r")
    await until(pilot, lambda text: "[Runs]" in text and "manual" in text)


def test_a_note_on_a_run_and_away_again(home: Home) -> None:
    fill(home, "etl")

    def note() -> str | None:
        with Reader(home.database) as reader:
            run = reader.run("etl", "r1")
            assert run is not None
            return run.note

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_runs(pilot)
            await pilot.press("ctrl+n")
            await until(pilot, lambda text: "Note on run r1" in text)
            await pilot.press(*"disk", "enter")
            await until(pilot, lambda text: "noted" in text)
            assert note() == "disk"
            await pilot.press("ctrl+n")
            await until(
                pilot, lambda text: "Note on run r1" in text and "note r1" not in text and "etl r1 disk" in text
            )
            await pilot.press("end", *["backspace"] * 4, "enter")
            await until(pilot, lambda text: "the note is gone" in text)
            assert note() is None

    asyncio.run(look())


def test_marked_runs_are_marked_at_once(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_runs(pilot)
            await pilot.press("asterisk", "m")
            await until(pilot, lambda text: "the whole run · 2 runs" in text and "success --run" in text)
            await pilot.press("tab", "right")
            await until(pilot, lambda text: "mark etl failed" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "marked" in text)
            with Reader(home.database) as reader:
                assert {run.state for run in reader.runs("etl")} == {RunState.FAILED}

    asyncio.run(look())


def test_marked_runs_are_cleared_at_once(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_runs(pilot)
            await pilot.press("asterisk", "c")
            await until(pilot, lambda text: "2 runs" in text and "Runs" in text)
            await pilot.press("right")
            await until(pilot, lambda text: "in 2 runs" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "cleared" in text)
            with Reader(home.database) as reader:
                assert {run.state for run in reader.runs("etl")} == {RunState.QUEUED}

    asyncio.run(look())


def test_a_backfill_shows_its_dates_then_makes_them(home: Home) -> None:
    with Writer(home.database) as writer:
        spec = dag_of("a", dag_id="daily", timetable=DAILY, start_date=NOW - timedelta(days=9))
        store(writer, spec, file="daily.py")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "daily" in text)
            await pilot.press("b")
            await until(pilot, lambda text: "Backfill daily" in text)
            await pilot.press("home", *["delete"] * 3, *"2025-12-24")
            await pilot.press("tab", *["backspace"] * 3, *"2025-12-27")
            text = await until(pilot, lambda text: "4 dates: 4 make a run" in text and " +  +  +  +" in text)
            assert "24 25 26 27" in text and "Dec 2025" in text
            await pilot.press("enter")
            await until(pilot, lambda text: "backfill 1 is made" in text)
            with Reader(home.database) as reader:
                assert len(reader.runs("daily")) == 4
            await pilot.press("b")
            await until(pilot, lambda text: "0/4" in text and "10 at once" in text)
            pilot.app.query_one("#backfill-under-way").focus()
            await until(pilot, lambda text: ">    1 daily" in text)
            await pilot.press("p")
            await until(pilot, lambda text: "paused: p lets it go on" in text)
            await pilot.press("x")
            await until(pilot, lambda text: "Cancel backfill 1" in text and "4 runs" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "cancelled backfill 1" in text)
            with Reader(home.database) as reader:
                (backfill,) = reader.backfills("daily")
                assert backfill.cancelled_at is not None

    asyncio.run(look())


def test_a_backfill_that_cannot_be_says_why(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("b")
            await until(pilot, lambda text: "Backfill etl" in text and "no schedule" in text)
            await pilot.press("enter")
            with Reader(home.database) as reader:
                assert not reader.backfills("etl")

    asyncio.run(look())


def test_a_task_that_waits_is_answered(home: Home) -> None:
    asking(home)

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "asks" in text)
            await pilot.press("2", "a")
            await until(pilot, lambda text: "Ship [it]?" in text and "All checks passed." in text)
            await pilot.press("right")
            await until(pilot, lambda text: "Enter answers: No" in text and "--choose No" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "answered approve: No" in text and "Ship" not in text)
            with Reader(home.database) as reader:
                assert not reader.waiting_input()

    asyncio.run(look())


def test_what_a_task_asks_is_drawn_as_markdown(home: Home) -> None:
    body = (
        "# Release 12\n\nIt has **three** changes:\n* one `x`\n\n"
        + "[notes](https://a.b/c) [@click=app.quit()]x \x1b]52;c;aGk="
    )
    asking(home, body=body)

    async def look() -> None:
        async with dashboard(home, (80, 24), deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "asks" in text)
            await pilot.press("a")
            text = await until(pilot, lambda text: "It has three changes:" in text)
            assert "**" not in text and "# Release" not in text and "• one x" in text
            assert "notes (https://a.b/c) [@click=app.quit()]x ␛]52;c;aGk=" in text, "what it says is text"
            await pilot.resize_terminal(60, 24)
            await until(pilot, lambda text: "It has three changes:" in text)

    asyncio.run(look())


def test_a_sheet_is_as_high_as_what_it_shows_and_says_how_much_more_there_is(home: Home) -> None:
    asking(home, body="\n".join(f"* change {nth}" for nth in range(30)))

    async def look() -> None:
        async with dashboard(home, (80, 24), deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "asks" in text)
            await pilot.press("a")
            text = await until(pilot, lambda text: "more: tab to the list" in text and "same as" in text)
            sheet = text.split("Answer approve")[1].rstrip("\n").split("\n")
            shown = [line for line in sheet if "change" in line]
            assert f"… {30 - len(shown)} more: tab to the list, then j" in text and len(shown) == 8
            assert all(line.strip() for line in sheet[1:]) and "enter answer" in sheet[-1]
            await pilot.press("tab", "tab", "G")
            await until(pilot, lambda text: "change 29" in text)

    asyncio.run(look())


def test_params_of_an_answer_are_checked(home: Home) -> None:
    asking(home, params={"size": {"type": "integer", "minimum": 1}}, options=["OK"])

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "asks" in text)
            await pilot.press("a", "tab", "0")
            await until(pilot, lambda text: "less than the minimum" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "not complete" in text)
            await pilot.press("backspace", "5", "enter")
            await until(pilot, lambda text: "answered approve" in text)

    asyncio.run(look())


def test_what_waits_elsewhere_is_not_asked_here(home: Home) -> None:
    asking(home)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "asks" in text and "etl" in text)
            await pilot.press("colon", *"runs etl", "enter")
            await until(pilot, lambda text: "[Runs]" in text)
            await pilot.press("a")
            await until(pilot, lambda text: "nothing waits for a person here" in text)

    asyncio.run(look())


def test_a_run_is_deleted_with_its_logs(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_runs(pilot)
            await pilot.press("enter")
            await until(pilot, lambda text: "[Tasks]" in text)
            await pilot.press("colon", *"delete run", "enter")
            await until(pilot, lambda text: "This will delete run r1" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "deleted 1 run" in text and "[Runs]" in text)
            with Reader(home.database) as reader:
                assert [run.run_id for run in reader.runs("etl")] == ["r0"]

    asyncio.run(look())


def test_a_dag_is_deleted(home: Home) -> None:
    fill(home, "etl", "other")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("colon", *"delete etl", "enter")
            await until(pilot, lambda text: "This will delete 2 runs" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "deleted etl and 2 runs" in text)
            with Reader(home.database) as reader:
                assert reader.dag_ids() == ["other"]

    asyncio.run(look())


def test_a_dag_that_owes_many_runs_goes_on_only_after_that_is_said(home: Home) -> None:
    owing = replace(dag_of("a", max_active_runs=2), catchup=True, timetable=DAILY, start_date=NOW)
    with Writer(home.database) as writer:
        store(writer, replace(owing, dag_id="owes"), file="owes.py")
        writer.apply([PauseDag("owes", True)], NOW)

    async def look() -> None:
        async with dashboard(home, (80, 24), deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "owes" in text)
            for keys in (("p",), ("colon", *"resume owes", "enter")):
                await pilot.press(*keys)
                text = await until(pilot, lambda text: "that passed become runs now" in text and "same as" in text)
                assert "tuiflow unpause owes" in text and "at most 2 at once" in text
                assert "type the number of runs" in text
                await pilot.press("escape")
                await until(pilot, lambda text: "same as" not in text)
            with Reader(home.database) as reader:
                dag = reader.dag("owes")
                assert dag is not None and dag.is_paused
            await pilot.press("p")
            text = await until(pilot, lambda text: "same as" in text)
            number = text.split(" slots that passed")[0].split()[-1]
            await pilot.press("tab", *number, "enter")
            await until(pilot, lambda text: f"owes on again; {number} slots that passed become runs now" in text)
            with Reader(home.database) as reader:
                dag = reader.dag("owes")
                assert dag is not None and not dag.is_paused

    asyncio.run(look())


def test_a_pause_is_taken_back(home: Home) -> None:
    fill(home, "etl", "other")

    def paused() -> list[bool]:
        with Reader(home.database) as reader:
            return [dag.is_paused for dag in reader.dags()]

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text and "other" in text)
            await pilot.press("asterisk", "p")
            await until(pilot, lambda text: "2 DAGs paused" in text)
            assert paused() == [True, True]
            await pilot.press("u")
            await until(pilot, lambda text: "taken back" in text)
            assert paused() == [False, False]
            await pilot.press("u")
            await until(pilot, lambda text: "nothing to take back" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["b", "a", "ctrl+n"])
def test_hostile_texts_in_these_sheets(home: Home, size: tuple[int, int], name: str) -> None:
    asking(home, HOSTILE[2], subject=HOSTILE[3], body="\x1b[2J[/]\n" + HOSTILE[4], options=["[b]x", "[/]"])

    async def look() -> None:
        async with dashboard(home, size, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "[@click=" in text)
            await pilot.press("r")
            await until(pilot, lambda text: "[Runs]" in text)
            await pilot.press(name)
            text = await until(pilot, lambda text: "━" in text)
            assert "\x1b" not in text and "\u202e" not in text
            await pilot.press("tab", "space", "escape")
            await until(pilot, lambda text: "━" not in text)
            assert pilot.app.is_running

    asyncio.run(look())


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_columns_are_hidden_and_the_list_made_dense(home: Home, size: tuple[int, int]) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "Schedule" in text and "no run is to come" in text)
            await pilot.press("comma")
            await until(pilot, lambda text: "[x] when" in text)
            await pilot.press("tab", "tab", "tab", "space")
            await until(pilot, lambda text: "[ ] when" in text and "Schedule" not in text)
            await pilot.press("tab", "right", "escape")
            text = await until(pilot, lambda text: "no run is to come" not in text and "[ ]" not in text)
            page = pilot.app.query_one(DagsPage)
            kept = page.choices()
            assert kept["hidden"] == ["schedule"] and kept["dense"] is True
            page.restore({"hidden": ["tags", "nonsense"], "dense": False})
            assert page.choices()["hidden"] == ["tags"]
            assert "etl" in text

    asyncio.run(look())


def test_the_view_changes_at_once(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "✓ etl" in text)
            await pilot.press("comma", "tab", "tab", "right")
            await until(pilot, lambda text: "+ etl" in text and "(*) ASCII" in text)
            await pilot.press("tab", "tab", "tab", "right")
            await until(pilot, lambda text: "(*) UTC" in text)
            await pilot.press("tab", "right")
            assert pilot.app.theme == "ansi-light"
            await pilot.press("escape")
            await until(pilot, lambda text: "(*) UTC" not in text)

    asyncio.run(look())


def test_names_of_the_place_are_copied(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(home, "etl")
    copied: list[str] = []

    def copy(text: str, _write: object) -> str:
        copied.append(text)
        return "somehow"

    monkeypatch.setattr("tui_flow.tui.clipboard.copy", copy)

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_runs(pilot)
            await pilot.press("enter")
            await until(pilot, lambda text: "[Tasks]" in text)
            await pilot.press("y")
            await until(pilot, lambda text: "tuiflow logs etl a --run r1" in text)
            await pilot.press("j", "enter")
            await until(pilot, lambda text: "copied r1 somehow" in text)
            assert copied == ["r1"]

    asyncio.run(look())

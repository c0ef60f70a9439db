"""What a page or a sheet says where it does not do what a key asks for, or asks first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.store_kit import run_of, started, store
from tests.tui.dump import dashboard, no_deeds, real_deeds, until
from tests.tui.homes import fill, home_of
from tests.tui.test_system_tabs import to_system, to_tab
from tests.unit.planner.dsl import dag_of
from tui_flow.settings import Home
from tui_flow.store.lock import HomeLock
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_of(tmp_path)


def paused(home: Home) -> list[str]:
    with Reader(home.database) as reader:
        return [dag.dag_id for dag in reader.listed_dags().values() if dag.is_paused]


def test_what_is_done_to_one_dag_is_refused_where_several_are_marked(home: Home) -> None:
    fill(home, "etl", "shop")

    async def look() -> None:
        async with dashboard(home, (80, 24), real_deeds(home)) as pilot:
            await until(pilot, lambda text: "shop" in text)
            await pilot.press("asterisk")
            for key in ("c", "b", "X", "D"):
                await pilot.press(key)
                text = await until(pilot, lambda text: "one DAG at a time, and the marks are on 2" in text)
                assert "━" not in text, "no sheet has risen"
                pilot.app.toast("")  # type: ignore[attr-defined]
            await pilot.press("escape", "c")
            await until(pilot, lambda text: "Clear and run again: etl" in text)

    asyncio.run(look())


def test_marks_on_tasks_of_several_dags_are_refused_in_activity_and_one_dag_is_paused(home: Home) -> None:
    with Writer(home.database) as writer:
        for dag_id in ("one", "two"):
            spec = dag_of("a", dag_id=dag_id)
            store(writer, spec, file=f"{dag_id}.py")
            started(writer, run_of(writer, spec))

    async def look() -> None:
        async with dashboard(home, (80, 24), real_deeds(home)) as pilot:
            await until(pilot, lambda text: "two" in text)
            await pilot.press("2")
            await until(pilot, lambda text: "What happened" in text and "» " in text)
            await pilot.press("asterisk", "x")
            text = await until(pilot, lambda text: "the marks are on 2" in text)
            assert "Stop a" not in text
            await pilot.press("p")
            assert paused(home) == []
            await pilot.press("escape", "p")
            await until(pilot, lambda text: " paused" in text and len(paused(home)) == 1)
            await pilot.press("x")
            await until(pilot, lambda text: "Stop a" in text and "(*) this task" in text)

    asyncio.run(look())


@pytest.mark.parametrize("keys", ["d", "r", "v", "i"])
def test_a_dag_is_paused_from_each_of_its_tabs(home: Home, keys: str) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, (80, 24), real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "[Grid]" in text)
            await pilot.press(keys)
            await until(pilot, lambda text: "[Grid]" not in text and "etl" in text)
            await pilot.press("p")
            await until(pilot, lambda text: "etl paused" in text and paused(home) == ["etl"])
            await pilot.press("b")
            await until(pilot, lambda text: "Backfill" in text)

    asyncio.run(look())


def test_the_scheduler_is_stopped_after_a_question(home: Home) -> None:
    fill(home, "etl")
    asked: list[str] = []
    deeds = replace(no_deeds(), stop_scheduler=asked.append)

    async def look() -> None:
        async with dashboard(home, (80, 24), deeds) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("colon", *"down")
            await until(pilot, lambda text: "> do   stop scheduler" in text and "same as:  tuiflow down" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "Stop the scheduler" in text and "no scheduler is running; S" in text)
            await pilot.press("enter")
            assert asked == []
            await pilot.press("escape")
            with HomeLock(home, "scheduler"):
                await until(pilot, lambda text: "✓ sched" in text)
                await pilot.press("colon", *"stop sch", "enter")
                await until(pilot, lambda text: "until one runs again. No" in text)
                assert asked == [], "nothing is stopped before it is confirmed"
                await pilot.press("right", "enter")
                await until(pilot, lambda text: "starts nothing more" in text)
                assert asked == ["drain"]

    asyncio.run(look())


def test_a_form_that_is_empty_is_told_what_it_needs_and_not_that_it_is_wrong(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, (80, 24), real_deeds(home)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Pools")
            await pilot.press("A")
            text = await until(pilot, lambda text: "a pool needs a name" in text)
            assert "cannot name" not in text and "same as:" not in text
            await pilot.press(*"db")
            await until(pilot, lambda text: "This will make the pool db" in text and "tuiflow pools set db" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "pool db is made" in text)
            await until(pilot, lambda text: " db " in text)
            await pilot.press("g", "enter")
            text = await until(pilot, lambda text: "nothing would change" in text)
            assert "same as:" not in text, "a command that would change something"

    asyncio.run(look())


def test_what_is_sought_next_takes_the_place_of_what_was(home: Home) -> None:
    fill(home, "join", "amount")

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "join" in text)
            await pilot.press("slash", *"join", "enter")
            await until(pilot, lambda text: "filter: join" in text)
            await pilot.press("slash", *"amou")
            await until(pilot, lambda text: "filter: amou" in text)

    asyncio.run(look())


def test_the_keys_of_a_sheet_are_told_and_the_sheet_stays(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, (80, 24), real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("c")
            await until(pilot, lambda text: "Clear and run again" in text)
            await pilot.press("question_mark")
            text = await until(pilot, lambda text: "enter run again · tab next field" in text)
            assert "Clear and run again" in text

    asyncio.run(look())

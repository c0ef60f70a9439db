"""A run's page: its tasks, what failed, the end of the log, the runs beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.tui.dump import SIZES, dashboard, text_of, until
from tests.tui.homes import HOSTILE, fill, home_of
from tui_flow.records import TaskInstanceKey
from tui_flow.settings import Home
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer
from tui_flow.tui.places import Place


def test_opens_at_what_failed(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: ">✓ a" in text)
            await pilot.press("j", "h", "enter")
            text = await until(pilot, lambda text: "[Tasks]" in text and ">· b" in text)
            assert "✗ a" in text and "r0" in text
            await pilot.press("space", "f")
            await until(pilot, lambda text: ">✗ a" in text and "· b" not in text and "2 hidden (f)" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "*· b" in text and "hidden" not in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "[Tasks]" in text and "*" not in text)
            await pilot.press("f")
            await until(pilot, lambda text: ">✗ a" in text and "· b" not in text)
            await pilot.press("greater_than_sign")
            await until(pilot, lambda text: "r1" in text)
            await pilot.press("greater_than_sign")
            await until(pilot, lambda text: "there is no later run" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_ids(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, HOSTILE[1])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "run[/]" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "Grid" in text and "✓ a" in text)
            await pilot.press("enter", "j", "k", "space", "right_curly_bracket")
            await until(pilot, lambda text: "[Tasks]" in text)
            assert pilot.app.is_running

    asyncio.run(look())


def add_xcoms(home: Home, dag_id: str) -> None:
    with Reader(home.database) as reader:
        run = reader.run(dag_id, "r0")
    assert run is not None
    with Writer(home.database) as writer:
        writer.set_xcom(TaskInstanceKey(run.id, "a"), "api_token", '"hunter-two"')
        writer.set_xcom(TaskInstanceKey(run.id, "a"), "made", '{"$t":"set","v":[7]}')
        writer.set_xcom(TaskInstanceKey(run.id, "a"), "return_value", '{"rows":[1,2],"name":"\\u001b]0;x\\u0007"}')


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dag_id", ["etl", HOSTILE[1]])
def test_events_and_info(tmp_path: Path, size: tuple[int, int], dag_id: str) -> None:
    home = home_of(tmp_path)
    fill(home, dag_id)
    add_xcoms(home, dag_id)

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: dag_id in text)
            pilot.app.go(Place("run", dag_id, "r0", tab="events"))  # type: ignore[attr-defined]
            text = await until(pilot, lambda text: "[Events]" in text and "run ended: failed" in text)
            assert "a · try 1 started · pid 77" in text
            failed, began, queued = (text.index(what) for what in ("try 1 failed", "try 1 started", "run queued"))
            assert failed < began < queued
            await pilot.press("i")
            await until(pilot, lambda text: "[Info]" in text and "run id" in text)
            await pilot.press("G")
            await until(pilot, lambda text: "a · return_value" in text and '"rows": [1, 2]' in text)
            assert "a · made" in text_of(pilot.app) and "set      [7]" in text_of(pilot.app)  # type: ignore[arg-type]
            assert "***" in text_of(pilot.app) and "hunter" not in text_of(pilot.app)  # type: ignore[arg-type]
            await pilot.press("enter")
            await until(pilot, lambda text: " lines" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: '"rows": [1, 2]' in text)
            await pilot.press("y")
            await until(pilot, lambda text: "copied" in text)
            await pilot.press("greater_than_sign")
            await until(pilot, lambda text: "[Info]" in text and "r1" in text and "return_value" not in text)
            await pilot.press("left_square_bracket")
            await until(pilot, lambda text: "[Events]" in text and "run ended: success" in text)

    asyncio.run(look())


def test_events_lead_to_the_log(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            pilot.app.go(Place("run", "etl", "r0", tab="events"))  # type: ignore[attr-defined]
            await until(pilot, lambda text: "run ended: failed" in text)
            await pilot.press("enter")
            await until(pilot, lambda _: pilot.app.place.page == "log")  # type: ignore[attr-defined]
            assert pilot.app.place.task_id == "a"  # type: ignore[attr-defined]

    asyncio.run(look())

"""What is read when the cursor moves: what it is on, not the page once more."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.pilot import Pilot

from tests.tui.dump import dashboard, until
from tests.tui.homes import fill, home_of
from tui_flow.store.reader import Reader
from tui_flow.tui.app import Dashboard
from tui_flow.tui.names import NamesKept
from tui_flow.tui.places import HOME, Place
from tui_flow.tui.views.commands import NOTHING, find


async def read_from_now_on(pilot: Pilot[int]) -> list[str]:
    """A list that fills with the SQL of the pages' reads."""
    app, said = pilot.app, list[str]()
    assert isinstance(app, Dashboard)
    await app.feed.read(lambda reader: reader._connection.set_trace_callback(said.append))
    return said


WHOLE_LIST, WHOLE_GRID, WHOLE_RUN = "ORDER BY dag.dag_id", "ORDER BY run_after, id", "ORDER BY task_id, map_index"


def any_with(said: list[str], part: str) -> bool:
    return any(part in sql for sql in said)


def test_the_list_of_dags_is_not_read_again(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "aaa", "bbb", "ccc")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: ">" in text and "aaa · " in text)
            said = await read_from_now_on(pilot)
            await pilot.press("j")
            await until(pilot, lambda text: "bbb · " in text and any_with(said, "FROM task_attempt"))
            assert not any_with(said, WHOLE_LIST)
            await pilot.press("R")  # opens the database anew
            await until(pilot, lambda text: "bbb · " in text)
            said = await read_from_now_on(pilot)
            app = pilot.app
            assert isinstance(app, Dashboard)
            app.reload()
            await until(pilot, lambda _: any_with(said, WHOLE_LIST))

    asyncio.run(look())


def test_the_grid_is_not_read_again(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "[Grid]" in text and "duration" in text)
            said = await read_from_now_on(pilot)
            await pilot.press("j")
            await until(pilot, lambda _: any_with(said, "'b'"))
            said.clear()
            await pilot.press("j")
            await until(pilot, lambda _: any_with(said, "'c'"))
            assert not any_with(said, WHOLE_GRID)
            app = pilot.app
            assert isinstance(app, Dashboard)
            app.reload()
            await until(pilot, lambda _: any_with(said, WHOLE_GRID))

    asyncio.run(look())


def test_what_has_not_changed_is_not_read_when_one_comes_back(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: ">" in text and "etl · " in text)
            said = await read_from_now_on(pilot)
            for _ in range(2):
                await pilot.press("enter")
                await until(pilot, lambda text: "[Grid]" in text and "duration" in text)
                await pilot.press("q")
                await until(pilot, lambda text: "[1 DAGs]" in text and "etl · " in text)
            assert not any_with(said, WHOLE_LIST)
            assert sum(WHOLE_GRID in sql for sql in said) == 1
            fill(home, "other")
            await until(pilot, lambda text: "other" in text)

    asyncio.run(look())


def test_a_run_that_one_comes_back_to_is_not_read_again(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: ">" in text and "etl · " in text)
            await pilot.press("enter")
            await until(pilot, lambda text: ">✓ a" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "[Tasks]" in text and ">✓ a" in text)
            said = await read_from_now_on(pilot)
            await pilot.press("q")
            await until(pilot, lambda text: "[Grid]" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "[Tasks]" in text and any_with(said, "FROM task_attempt"))
            assert not any_with(said, WHOLE_RUN)
            fill(home, "other")
            await until(pilot, lambda _text: any_with(said, WHOLE_RUN))

    asyncio.run(look())


def test_names_are_read_again_only_when_something_was_committed(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    names = NamesKept()
    with Reader(home.database) as reader:
        first, _ = names.load(reader, HOME)
        assert names.load(reader, Place("dag", "etl"))[0] is first
        assert not find("trigger other", first)
        fill(home, "other")
        every, near = names.load(reader, Place("dag", "etl"))
        assert [target.name for target in find("trigger", every)] == ["trigger etl", "trigger other"]
        assert [target.kind for target in find("etl r0", NOTHING, near=near)] == ["run"]

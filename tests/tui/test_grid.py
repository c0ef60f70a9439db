"""The grid: what it shows, how its cursor moves, and that it reads only what is seen."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.store_kit import HOUR, NOW, ending, run_of, started, store
from tests.tui.dump import SIZES, dashboard, text_of, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, GroupSpec
from tui_flow.state import AttemptState, TaskState
from tui_flow.store.writer import Writer
from tui_flow.tui.grid import Grid


def test_shows_runs_and_tasks(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter")
            text = await until(pilot, lambda text: ">✓ a" in text)
            assert re.search(r"^ run +✗ ✓ ", text, re.MULTILINE), text
            await pilot.press("h")
            await until(pilot, lambda text: ">✗ a" in text and "RuntimeError: no such table" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "1 DAGs" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_ids(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, HOSTILE[2])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "[@click=" in text)
            await pilot.press("enter", "j", "h", "j", "l", "space", "asterisk")
            text = await until(pilot, lambda text: "Grid" in text)
            assert "[@cl" in text
            assert text_of(pilot.app) and pilot.app.is_running  # type: ignore[arg-type]

    asyncio.run(look())


def fill_groups(home: Home) -> DagSpec:
    """first >> g[one, two] >> last; the older run failed at `one`."""
    spec = dag_of("first >> [one, two] >> last", dag_id="etl")
    tasks = tuple(replace(task, group="g") if task.task_id in ("one", "two") else task for task in spec.tasks)
    spec = replace(spec, tasks=tasks, groups=(GroupSpec("g"),))
    with Writer(home.database) as writer:
        store(writer, spec, file="etl.py")
        old = run_of(writer, spec, "r0", NOW)
        attempt = started(writer, old, "one")
        writer.apply([ending(attempt, old, TaskState.FAILED, task_id="one", ended=AttemptState.FAILED)], NOW)
        run_of(writer, spec, "r1", NOW + HOUR)
    return spec


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_finding_filtering_folding_and_marking(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill_groups(home)

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter", "left_curly_bracket")
            await until(pilot, lambda text: "g ▸ 2 tasks" in text)
            await pilot.press("slash", "t", "w", "o", "enter")
            text = await until(pilot, lambda text: re.search(r"^>[├╰]─· two", text, re.MULTILINE) is not None)
            assert "trigger rule all_success: waits for" in await until(pilot, lambda text: "waits for" in text)
            await pilot.press("minus")
            await until(pilot, lambda text: re.search(r"^>.*g ▸ 2 tasks", text, re.MULTILINE) is not None)
            await pilot.press("space")
            await until(pilot, lambda text: "· two" in text)
            await pilot.press("f")
            text = await until(pilot, lambda text: "only failed (f)" in text and "two" not in text)
            assert re.search(r"^>[✗·] one", text, re.MULTILINE) and not re.search(
                r"^[> ][✗·] first", text, re.MULTILINE
            )
            await pilot.press("escape")
            await until(pilot, lambda text: "only failed (f)" not in text and "two" in text)
            grid = pilot.app.query_one(Grid)
            await pilot.press("g", "h", "V", "l", "j", "V")
            assert {row for _, row in grid.marks} == {"first", "one"} and len(grid.marks) == 4
            await pilot.press("asterisk")
            assert {row for _, row in grid.marks} == {"first", "one", "two", "last"} and len(grid.marks) == 4
            await pilot.press("asterisk")
            assert {row for _, row in grid.marks} == {"one"} and len(grid.marks) == 2
            await pilot.press("asterisk")
            assert not grid.marks

    asyncio.run(look())


def test_begins_at_what_failed_and_stays_there_when_a_new_run_comes(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    spec = fill_groups(home)
    with Writer(home.database) as writer:
        run = 2
        attempt = started(writer, run, "two")
        writer.apply([ending(attempt, run, TaskState.FAILED, task_id="two", ended=AttemptState.FAILED)], NOW)

    async def look() -> None:
        async with dashboard(home, (120, 36)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: bool(re.search("^>.*✗ two", text, re.MULTILINE)) and "task two" in text)
            await pilot.press("left_curly_bracket")
            await until(pilot, lambda text: "group g" in text and "1 not yet, 1 failed" in text and "task two" in text)
            at = pilot.app.query_one(Grid).cursor
            with Writer(home.database) as writer:
                run_of(writer, spec, "r2", NOW + 2 * HOUR)
            await until(pilot, lambda text: re.search(r"^ run +» » » ", text, re.MULTILINE) is not None)
            assert pilot.app.query_one(Grid).cursor == at == (run, "g")
            await pilot.press("L")
            await until(pilot, lambda text: "DAGs ▸ etl" in text and "▸ two" in text)

    asyncio.run(look())


@pytest.mark.parametrize(("key", "paused", "on"), [("", "paused", "1 of 2"), ("i", "yes", "no")])
def test_a_pause_is_shown_before_it_is_done_and_taken_back_where_refused(
    tmp_path: Path, key: str, paused: str, on: str
) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    def says(text: str, word: str) -> bool:
        return re.search(f"Stats +never.*{word}" if not key else f"  paused +{word}", text + " ") is not None

    async def look() -> None:
        async with dashboard(home, (120, 36)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter", *key)
            await until(pilot, lambda text: "[Info]" in text if key else ">✓ a" in text)
            meanwhile: list[str] = []

            async def refuse(*_: object, **__: object) -> None:
                meanwhile.append(text_of(pilot.app))  # type: ignore[arg-type]

            pilot.app.perform = refuse  # type: ignore[attr-defined]
            await pilot.press("p")
            await until(pilot, lambda text: bool(meanwhile) and not says(text, paused) and says(text, on))
            assert says(meanwhile[0], paused)

    asyncio.run(look())


def test_a_grid_that_was_low_for_a_moment_shows_its_first_rows_again(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text=" >> ".join("abcdefghijklmnopqrst"))

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter", *"jjjjj")
            await until(pilot, lambda text: ">· f" in text and "✓ a" in text)
            await pilot.resize_terminal(80, 9)
            await until(pilot, lambda text: "✓ a" not in text)
            await pilot.resize_terminal(80, 18)
            await until(pilot, lambda text: ">· f" in text and "✓ a" in text)

    asyncio.run(look())


def test_a_dag_that_never_ran_shows_its_tasks_and_what_makes_it_run(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    with Writer(home.database) as writer:
        store(writer, dag_of("a >> b", dag_id="etl"))

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter", "j", "space", "asterisk")
            text = await until(pilot, lambda text: "etl has never run." in text and re.search(">. b", text) is not None)
            assert re.search("^ +a$", text, re.MULTILINE)
            assert "t trigger  b backfill  d diagram" in text and "x stop" not in text
            await pilot.press("I")
            await until(pilot, lambda text: "there is no run to act on yet" in text)

    asyncio.run(look())


def test_leads_to_the_task_and_to_the_diagram_of_a_run(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill_groups(home)

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter", "right_curly_bracket")
            await until(pilot, lambda text: "- fold group" in text and "two" in text)
            await pilot.press("left_curly_bracket", "j")
            await until(pilot, lambda text: re.search("^>.*g ▸ 2 tasks", text, re.MULTILINE) is not None)
            await pilot.press("I")
            await until(pilot, lambda text: "a group has no tries of its own" in text)
            await pilot.press("plus", "I")
            await until(pilot, lambda text: "[Task]" in text and "operator" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "[Diagram]" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "[Task]" in text)

    asyncio.run(look())

"""The diagram: walking along edges, folding, focus, the outline where there is no room."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.store_kit import HOUR, NOW, ending, run_of, started, store
from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.spec import GroupSpec
from tui_flow.state import AttemptState, TaskState
from tui_flow.store.writer import Writer
from tui_flow.tui.diagram import GraphView


def test_walks_along_edges(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text="a >> [b, c] >> d")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            text = await until(pilot, lambda text: "─▸· b─┬─▸· d" in text)
            assert "╰─▸· c─╯" in text
            assert "downstream 3 tasks" in text
            await pilot.press("right", "down")
            await until(pilot, lambda text: "upstream 1 task   downstream 1 task" in text and "· c   " in text)
            await pilot.press("f", "f", "f")
            await until(pilot, lambda text: "1 hop" in text and "─▸· b" not in text)
            await pilot.press("escape", "minus", "minus", "minus")
            await until(pilot, lambda text: "✓ ─┬─▸· ─┬─▸·" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "├─· b" in text and "⇠ b, c" in text)

    asyncio.run(look())


def test_a_node_of_another_graph_is_not_chosen_in_the_picture(tmp_path: Path) -> None:
    """The outline of another DAG, shown instead of the picture, chooses nodes that the picture does not have."""
    home = home_of(tmp_path)
    fill(home, "etl", text="a >> b")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "a──▸· b" in text)
            picture = pilot.app.query_one(GraphView)
            picture.choose("elsewhere")
            assert picture.chosen == "a"
            picture.choose("b")
            await until(pilot, lambda text: "upstream 1 task" in text)

    asyncio.run(look())


def test_a_picture_that_is_higher_than_the_screen_fills_it(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text=f"a >> [{', '.join(f'b{nth:02}' for nth in range(21))}]")

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            text = await until(pilot, lambda text: "─▸· b10" in text)
            lines = text.split("\n")
            rule = next(nth for nth, line in enumerate(lines) if line.endswith("────"))
            assert "─▸· b" in lines[rule - 1], text
            assert lines[rule].startswith(" lines 1-17 of 21   4 more below ─"), text
            await pilot.press("J")
            await until(pilot, lambda text: " lines 6-21 of 21 ─" in text)

    asyncio.run(look())


def test_finds_a_task(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text="a >> [bb, cc] >> d")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "cc" in text)
            await pilot.press("slash", "c", "c", "enter")
            await until(pilot, lambda text: "· cc   " in text)
            await pilot.press("slash", "x", "enter")
            await until(pilot, lambda text: "no task is called x" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_ids(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, HOSTILE[2])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "[@click=" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "Diagram" in text and "upstream 0" in text)
            await pilot.press("right", "down", "space", "f", "plus", "minus", "H", "d", "j", "enter")
            await until(pilot, lambda text: "[Tasks]" in text)
            assert pilot.app.is_running

    asyncio.run(look())


def test_begins_at_what_failed_and_opens_the_log_of_the_instance_that_failed(tmp_path: Path) -> None:
    """On 80 columns a picture is drawn where it fits, and the cursor goes along when it turns into the outline."""
    home = home_of(tmp_path)
    spec = dag_of("a >> [b, c] >> d", dag_id="etl")
    tasks = tuple(replace(task, group="g") if task.task_id in ("b", "c") else task for task in spec.tasks)
    spec = replace(spec, tasks=tasks, groups=(GroupSpec("g"),), edge_labels={"a>b": "big"})
    with Writer(home.database) as writer:
        store(writer, spec, file="etl.py")
        run = run_of(writer, spec)
        attempt = started(writer, run, "c")
        writer.apply([ending(attempt, run, TaskState.FAILED, task_id="c", ended=AttemptState.FAILED)], NOW)

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "✗ c   " in text and "─big─▸· b" in text)
            await pilot.press("left", "f", "f", "f", "right")
            await until(pilot, lambda text: "1 hop" in text and "▸· d" not in text)
            with Writer(home.database) as writer:
                run_of(writer, spec, "r2", NOW + HOUR)  # what is read anew does not move the surroundings
            await until(pilot, lambda text: "1 hop" in text and "▸· d" not in text)
            await pilot.press("escape", "d")
            await until(pilot, lambda text: ">├─" in text or ">╰─" in text)
            await pilot.press("left_curly_bracket", "g", "j")
            await until(pilot, lambda text: "g ▸ 2 tasks" in text and ">" in text)

    asyncio.run(look())


LONG = " >> ".join(["a", *(f"a_task_with_a_name_{nth}" for nth in range(6))])


def test_a_picture_is_as_large_as_fits_and_says_where_it_is_cut_off(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text=LONG)

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "─▸· a_task_with…" in text and text.count("a_task") == 6)
            await pilot.press("plus")
            text = await until(pilot, lambda text: "a_task_with_a_name_1─" in text)
            (line,) = (line for line in text.split("\n") if "name_1─" in line)
            assert line.endswith("▸") and line.startswith(" ✓ a─"), text
            await pilot.press("shift+right")
            text = await until(pilot, lambda text: "\n◂" in text)
            await pilot.press("plus")
            await until(pilot, lambda text: "as large or as small as it can be" in text)

    asyncio.run(look())


def test_the_outline_says_which_key_draws_the_picture(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text=LONG)

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "d picture" in text and "d draws it" in text)
            await pilot.press("plus")
            await until(pilot, lambda text: "the outline has one size: d draws the picture" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "a──▸" in text)

    asyncio.run(look())

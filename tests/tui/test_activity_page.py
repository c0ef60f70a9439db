"""What runs and waits, with the reason, and what happened."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.integration.store_kit import run_of, started, store
from tests.tui.dump import SIZES, dashboard, real_deeds, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.planner.decisions import MoveTask
from tui_flow.records import TaskInstanceKey
from tui_flow.state import TaskState
from tui_flow.store.writer import Writer


@pytest.mark.parametrize("size", SIZES)
def test_says_what_runs_what_waits_and_what_happened(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, "done", HOSTILE[1])
    with Writer(home.database) as writer:
        spec = dag_of("a; b", dag_id="busy")
        store(writer, spec, file="busy.py")
        run = run_of(writer, spec)
        started(writer, run)
        waits = MoveTask(TaskInstanceKey(run, "b"), TaskState.NONE, TaskState.SCHEDULED, 0)
        writer.apply([waits], writer.reads.run_by_id(run).queued_at)  # type: ignore[union-attr]

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "busy" in text)
            await pilot.press("2")
            text = await until(pilot, lambda text: "» " in text and "◦ " in text and "What happened" in text)
            assert "run[/]" in text
            await pilot.press("f")
            text = await until(pilot, lambda text: "f: failures" in text)
            assert "✓ " not in text.split("What happened")[1]
            await pilot.press("f", "f", "enter")
            await until(pilot, lambda text: "following" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "What happened" in text)

    asyncio.run(look())


def test_keys_are_for_the_list_that_has_the_cursor(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "done")
    with Writer(home.database) as writer:
        spec = dag_of("a", dag_id="busy")
        store(writer, spec, file="busy.py")
        started(writer, run_of(writer, spec))

    async def look() -> None:
        async with dashboard(home, (80, 24), deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "busy" in text)
            await pilot.press("2", "f")
            text = await until(
                pilot, lambda text: "f: failures" in text and "a try 1 of 1 failed: RuntimeError" in text
            )
            assert "RuntimeError" in text
            await pilot.press("tab")
            await until(pilot, lambda text: any("a try 1" in line and line[0] == ">" for line in text.split("\n")))
            await pilot.press("c")
            await until(pilot, lambda text: "tuiflow clear done a --run r0" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "Clear and run again" not in text)
            await pilot.press("l")
            await until(pilot, lambda text: "done ▸ r0 ▸ a" in text or "▸ a " in text and "try 1 of 1" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "What happened" in text)
            await pilot.press("l")
            await until(pilot, lambda text: "✗ try ‹1 of 1›" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_words_filter_both_lists_until_esc(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, "done", "other")
    with Writer(home.database) as writer:
        for name in ("busy", "lazy"):
            spec = dag_of("a", dag_id=name)
            store(writer, spec, file=f"{name}.py")
            started(writer, run_of(writer, spec))

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "busy" in text)
            await pilot.press("2")
            await until(pilot, lambda text: all(name in text for name in ("busy", "lazy", "done", "other")))
            await pilot.press("slash", *"BUS")
            await until(pilot, lambda text: "busy" in text and "lazy" not in text and "other" not in text)
            await pilot.press("y", "enter", "j")
            await until(pilot, lambda text: "filter: BUSy" in text and "nothing matches the filter" in text)
            await pilot.press("escape")
            text = await until(pilot, lambda text: all(name in text for name in ("busy", "lazy", "done", "other")))
            assert "filter:" not in text

    asyncio.run(look())

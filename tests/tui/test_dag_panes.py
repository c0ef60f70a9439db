"""The tabs of a DAG: runs with their filter, source, info; tabs in turn; every size."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from tests.integration.store_kit import store
from tests.tui.dump import SIZES, dashboard, real_deeds, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.state import RunState, RunType
from tui_flow.store.writer import Writer
from tui_flow.tui.app import Dashboard
from tui_flow.tui.pages.runs_pane import RunFilter, parse_filter

AT = datetime(2026, 1, 5, tzinfo=UTC)


def test_filter_is_read_word_by_word() -> None:
    found = parse_filter("state:fail type:man from:2026-01-01 until:now Region=EU", AT, is_utc=True)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    assert found == RunFilter(frozenset({RunState.FAILED}), frozenset({RunType.MANUAL}), since, AT, ("region=eu",))
    assert parse_filter("", AT, is_utc=True) == RunFilter()
    span = parse_filter("since:2026-01-01 to:2026-01-02", AT, is_utc=True)
    assert (span.since, span.until) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, 23, 59, 59, 999999, UTC))


def test_runs_can_be_filtered(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("r")
            await until(pilot, lambda text: "2 runs" in text and ">✓ success" in text)
            await pilot.press("slash", *"state:failed", "enter")
            text = await until(pilot, lambda text: "1 runs" in text)
            assert ">✗ failed" in text
            await pilot.press("escape")
            await until(pilot, lambda text: "2 runs" in text)
            await pilot.press("slash", *"from:never", "enter")
            await until(pilot, lambda text: "'never' is not a date" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_tabs_in_turn_with_hostile_ids(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, HOSTILE[2])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "[@click=" in text)
            await pilot.press("enter")
            for title in ("Diagram", "Runs", "Source", "Info", "Stats", "Grid"):
                await pilot.press("right_square_bracket")
                await until(pilot, lambda text, title=title: f"[{title}]" in text)  # type: ignore[misc]
            await pilot.press("i")
            await until(pilot, lambda text: "description" in text or "DAG" in text)
            await pilot.press("v")
            await until(pilot, lambda text: "not kept any more" in text)
            assert pilot.app.is_running

    asyncio.run(look())


def test_a_page_that_fails_is_one_line_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    monkeypatch.setattr("tui_flow.tui.pages.info_pane.load_info", lambda *_args: 1 / 0)

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("i")
            await until(pilot, lambda text: "could not be read" in text)
            assert "ZeroDivisionError" in (home.root / "dashboard-failure.txt").read_text()
            await pilot.press("r")
            await until(pilot, lambda text: "2 runs" in text)

    asyncio.run(look())


def test_stats_are_of_what_has_run(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter", "left_square_bracket")
            text = await until(pilot, lambda text: "[Stats]" in text and "Took" in text)
            assert "1 of 2 failed" in text and "the newest 2 runs" in text
            assert re.search(r"^ +a +1h 00m +1h 00m +1/2 +1", text, re.MULTILINE), text
            shown = f"{datetime.now(UTC).astimezone():%B %Y}"
            assert shown in text
            await pilot.press("less_than_sign")
            await until(pilot, lambda text: shown not in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
def test_runs_and_versions_are_compared_and_deleting_asks(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    with Writer(home.database) as writer:
        store(writer, dag_of("a >> b >> c >> d", dag_id="etl"), file="'etl'.py", source="s2")

    async def look() -> None:
        async with dashboard(home, size, real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("r")
            await until(pilot, lambda text: "2 runs" in text)
            await pilot.press("equals_sign")
            text = await until(pilot, lambda text: "failed → success" in text)
            assert "Two runs of etl" in text
            (heading,) = [line for line in text.split("\n") if " Task " in line and "What" in line]
            assert heading.index("What") > size[0] - 60, "task ids have the room that is there"
            await pilot.press("escape", "j", "equals_sign")
            await until(pilot, lambda text: "no earlier run" in text)
            await pilot.press("escape", "D")
            text = await until(pilot, lambda text: "This will delete run r0" in text)
            assert "enter delete" in text and "next field" not in text, "it has no fields"
            await pilot.press("escape", "i", "G")
            await until(pilot, lambda text: "version 1" in text)
            await pilot.press("k", "enter")
            await until(pilot, lambda text: "what version 2 changed" in text and "task d" in text)
            await pilot.press("escape", "escape", "D")
            await until(pilot, lambda text: "This will delete 2 runs" in text)

    asyncio.run(look())


def contains(title: str, text: str) -> bool:
    return title in text


def test_the_help_of_a_tab_names_no_key_that_does_nothing_there(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            app = cast(Dashboard, pilot.app)
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter")
            for key, title, idle in (("v", "[Source]", "source"), ("i", "[Info]", "info"), ("r", "[Runs]", "runs")):
                await pilot.press(key)
                await until(pilot, partial(contains, title))
                here = app._actions_here()
                assert idle not in here and {"help", "diagram", "next_tab"} <= set(here)
                assert ("open" in here) is (idle != "source")

    asyncio.run(look())


def test_the_footer_of_a_sheet_says_what_enter_does_and_only_keys_that_work(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("t")
            text = await until(pilot, lambda text: "enter run  ctrl+f run, follow  tab next field" in text)
            assert "  y copy the command" not in text, "y is typed into the field"
            await pilot.press("escape")
            await pilot.press("c")
            await until(pilot, lambda text: "enter run again" in text and "y copy the command" in text)
            await pilot.press("h")
            await until(pilot, lambda text: "(*) the whole run" in text)
            await pilot.press("space")
            await until(pilot, lambda text: "(*) failed ones" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_source_and_info_say_which_source_is_in_force_and_when_it_was_read(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    home = home_of(tmp_path)
    home.sources.mkdir(parents=True)
    digest, read_at = "a1390f951ea7ffff", datetime.now(UTC)
    home.blob(digest).parent.mkdir(parents=True, exist_ok=True)
    home.blob(digest).write_text("the = code\n")
    with Writer(home.database) as writer:
        store(writer, dag_of("a >> b", dag_id="etl"), file="etl.py", source=digest, now=read_at)
    read = f"read {read_at.astimezone():%H:%M:%S}"

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("v")
            text = await until(pilot, lambda text: read in text and "the = code" in text)
            assert ("src a1390f9" if size[0] < 100 else "source a1390f951ea7 ·") in text
            await pilot.press("i")
            await until(
                pilot, lambda text: "a1390f951ea7; v shows it" in text and f"{read_at.astimezone():%H:%M:%S}" in text
            )
            with Writer(home.database) as writer:
                writer.store_import_error("etl.py", "SyntaxError", 1, datetime.now(UTC))
            await pilot.press("v")
            await until(pilot, lambda text: "error" in text and "[Source]" in text)

    asyncio.run(look())

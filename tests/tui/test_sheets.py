"""Sheets: they show what would change, do it on enter and only then, and go by esc."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.integration.store_kit import run_of, started, store
from tests.tui.dump import SIZES, dashboard, real_deeds, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.settings import Home
from tui_flow.spec import Json
from tui_flow.state import RunState, TaskState
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer
from tui_flow.tui.places import Place


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    home = home_of(tmp_path)
    monkeypatch.setenv("TUIFLOW_HOME", str(home.root))
    yield home


async def to_run(pilot: Pilot[int]) -> None:
    await until(pilot, lambda text: "etl" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: ">✓ a" in text)
    await pilot.press("h")
    await until(pilot, lambda text: ">✗ a" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: "[Tasks]" in text and ">✗ a" in text)


def states(home: Home, run_id: str = "r0") -> dict[str, TaskState]:
    with Reader(home.database) as reader:
        run = reader.run("etl", run_id)
        assert run is not None
        return {ti.task_id: ti.state for ti in reader.task_instances(run.id)}


def run_state(home: Home, run_id: str = "r0") -> RunState:
    with Reader(home.database) as reader:
        run = reader.run("etl", run_id)
        assert run is not None
        return run.state


def test_clear_shows_what_it_will_do_and_does_it(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_run(pilot)
            await pilot.press("c")
            text = await until(pilot, lambda text: "This will run again 1 task instance in 1 run" in text)
            assert "tuiflow clear etl a --run r0" in text
            assert states(home)["a"] is TaskState.FAILED
            text = await until(pilot, lambda text: "these and what follows (1)" in text)
            assert "only these (1)" in text and "failed ones (1)" in text and "the whole run (1)" in text
            assert "(*) this   ( ) and later (1)   ( ) and earlier (0)   ( ) all (2)" in text
            await pilot.press("right")
            await until(pilot, lambda text: "--run r0 --only" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "cleared: 1 task instance" in text)
            assert states(home)["a"] is TaskState.NONE

    asyncio.run(look())


def test_clear_counts_what_each_choice_would_clear(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_run(pilot)
            await pilot.press("c", "tab", "right")
            text = await until(pilot, lambda text: "the whole run (2)" in text)
            assert "failed ones (1)" in text, "one of the two runs has failed"
            await pilot.press("escape", "m")
            await until(pilot, lambda text: "later runs (1)" in text and "earlier runs (0)" in text)

    asyncio.run(look())


def test_nothing_of_a_sheet_is_cut_at_80_columns(home: Home) -> None:
    fill(home, "etl_with_a_long_name")

    async def look() -> None:
        async with dashboard(home, (80, 24), deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl_with" in text)
            await pilot.press("c")
            text = await until(pilot, lambda text: "nothing would change" in text)
            assert "( ) the whole run" in text and "( ) all" in text and "same as:" not in text
            await pilot.press("right")
            await until(pilot, lambda text: "same as:" in text)
            await pilot.press("escape", "b")
            text = await until(pilot, lambda text: "only such DAGs can" in text)
            assert "( ) and all ended runs again" in text and "no backfill has been made yet" in text
            await pilot.press("escape", "t")
            text = await until(pilot, lambda text: "Enter queues a run" in text)
            assert "letters, digits, _ . ~ : + -" in text
            made_up, now = (next(line for line in text.split("\n") if word in line) for word in ("made up", "  now "))
            assert made_up.index("made up") == now.index("now")

    asyncio.run(look())


def test_esc_closes_a_sheet_and_changes_nothing(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_run(pilot)
            await pilot.press("m")
            await until(pilot, lambda text: "Mark a" in text)
            await pilot.press("1", "2", "escape")
            await until(pilot, lambda text: "Mark a" not in text and "[Tasks]" in text)
            assert states(home)["a"] is TaskState.FAILED

    asyncio.run(look())


def test_marking_the_run(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_run(pilot)
            await pilot.press("m", "right")
            await until(pilot, lambda text: "tuiflow mark etl success --run r0" in text)
            for keys, state in (("enter",), RunState.SUCCESS), (("u",), RunState.QUEUED):
                await pilot.press(*keys)
                await until(pilot, lambda text: "marked:" in text or "taken back: b, c as before" in text)
                await until(pilot, lambda _: run_state(home) is state)  # noqa: B023
            await pilot.press("m", "enter")
            await until(pilot, lambda text: "marked: 1 task instance; u takes it back" in text)
            assert states(home)["a"] is TaskState.SUCCESS
            await pilot.press("u")
            await until(pilot, lambda text: "taken back: a as before" in text)
            assert states(home)["a"] is TaskState.FAILED

    asyncio.run(look())


def test_trigger_form_is_made_from_the_params_and_checks_them(home: Home) -> None:
    params = {
        "rows": {"type": "integer", "minimum": 1, "default": 5},
        "mode": {"enum": ["fast", "slow"], "default": "slow"},
        "dry": {"type": "boolean", "default": False},
    }
    with Writer(home.database) as writer:
        store(writer, replace(dag_of("a"), dag_id="etl", params=params), file="etl.py")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("t")
            text = await until(pilot, lambda text: "rows" in text and "Enter queues a run" in text)
            assert "( ) fast" in text and "(*) slow" in text and "at least 1" in text
            await pilot.press("end", "backspace", "0")
            await until(pilot, lambda text: "0 is less than the minimum of 1" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "not right yet" in text)
            await pilot.press("backspace", "7", "tab", "left", "tab", "left", "enter")
            await until(pilot, lambda text: "queued manual__" in text)
            with Reader(home.database) as reader:
                run = reader.run("etl")
                assert run is not None
                assert run.conf == {"rows": 7, "mode": "fast", "dry": True}

    asyncio.run(look())


def with_params(home: Home, **params: dict[str, Json]) -> None:
    with Writer(home.database) as writer:
        store(writer, replace(dag_of("a"), dag_id="etl", params=params), file="etl.py")


def test_a_run_is_followed_and_what_was_entered_is_kept(home: Home) -> None:
    with_params(home, who={"type": "string"}, key={"type": "string", "format": "password", "default": ""})

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("t")
            await until(pilot, lambda text: "who: a value is needed" in text and "ctrl+f run, follow" in text)
            await pilot.press(*"ana", "tab", *"s3cret")
            text = await until(pilot, lambda text: "same as:" in text and "***" in text)
            assert "s3cret" not in text and '"who": "ana"' in text
            await pilot.press("escape")
            await until(pilot, lambda text: "is kept for the next time" in text)
            await pilot.press("t")
            await until(pilot, lambda text: "(*) as they were left" in text and "ctrl+f run" in text)
            await pilot.press("ctrl+f")
            await until(pilot, lambda text: "[Tasks]" in text and "etl" in text)
            with Reader(home.database) as reader:
                run = reader.run("etl")
                assert run is not None and run.conf == {"who": "ana", "key": "s3cret"}
                assert pilot.app.place == Place("run", "etl", run.run_id)  # type: ignore[attr-defined]
            await pilot.press("escape", "t")
            text = await until(pilot, lambda text: "those of the last run by hand" in text)
            assert "as they were left" not in text

    asyncio.run(look())


def test_what_only_the_database_knows_is_said_as_one_types(home: Home) -> None:
    fill(home, "etl", "other")

    async def look() -> None:
        async with dashboard(home, (80, 24), deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text and "other" in text)
            await pilot.press("t", "r", "0")
            await until(pilot, lambda text: "Enter queues a run" not in text and "'r0'" in text)
            await pilot.press("1", "0", "tab", *"soon")
            await until(pilot, lambda text: "not a date" in text and "same as" not in text)
            await pilot.press("escape", "asterisk", "t")
            text = await until(pilot, lambda text: "One run of each of 2 DAGs" in text)
            assert "tuiflow trigger etl; tuiflow trigger other" in text

    asyncio.run(look())


def test_a_form_that_is_not_right_is_edited_as_json(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with_params(home, rows={"type": "integer", "default": 5, "maximum": 9})
    given: list[str] = []

    def edit(_desk: object, text: str, _name: str) -> str:
        given.append(text)
        return '{"rows": 70, "more": [1]}'

    monkeypatch.setattr("tui_flow.tui.sheets.trigger.edited", edit)

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("t", "end", "x")
            await until(pilot, lambda text: "it must be a number" in text)
            await pilot.press("ctrl+o")
            await until(pilot, lambda text: text.count("70 is greater than the maximum of 9") == 2)
            assert json.loads(given[0]) == {"rows": "5x"}
            await pilot.press("end", "backspace", "enter")
            await until(pilot, lambda text: "queued manual__" in text)
            with Reader(home.database) as reader:
                run = reader.run("etl")
                assert run is not None and run.conf == {"rows": 7, "more": [1]}

    asyncio.run(look())


def test_sheets_about_tasks_open_from_the_diagram_and_from_activity(home: Home) -> None:
    with Writer(home.database) as writer:
        spec = dag_of("a >> b", dag_id="etl")
        store(writer, spec, file="etl.py")
        started(writer, run_of(writer, spec, "r0"))

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            for keys, shown in (("d",), "[Diagram]"), (("2",), ">» 1 Jan"):
                await pilot.press(*keys)
                await until(pilot, lambda text, shown=shown: shown in text)  # type: ignore[misc]
                for key, title in (
                    ("m", "Mark a · "),
                    ("x", "Stop a · "),
                    ("X", "Stop the whole run"),
                    ("ctrl+n", "Note"),
                ):
                    await pilot.press(key)
                    await until(pilot, lambda text, title=title: f"━ {title}" in text and "esc back" in text)  # type: ignore[misc]
                    await pilot.press("escape")
                    await until(pilot, lambda text: "━" not in text)

    asyncio.run(look())


def test_help_lists_the_keys_of_the_page(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("question_mark")
            text = await until(pilot, lambda text: "Keys of this page" in text)
            assert "mark range" in text and "✗ failed" in text
            await pilot.press(*"filter")
            text = await until(pilot, lambda text: "filter a list; find in a grid" in text)
            assert "mark range" not in text
            await pilot.press("escape")
            await until(pilot, lambda text: "Keys of this page" not in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["t", "c", "m", "x", "question_mark"])
def test_hostile_ids_in_every_sheet(home: Home, size: tuple[int, int], key: str) -> None:
    fill(home, HOSTILE[2])

    async def look() -> None:
        async with dashboard(home, size, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "[@click=" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "Grid" in text and "✓ a" in text)
            await pilot.press(key)
            await until(pilot, lambda text: "━" in text)
            await pilot.press("tab", "space", "escape")
            await until(pilot, lambda text: "━" not in text)
            assert pilot.app.is_running

    asyncio.run(look())

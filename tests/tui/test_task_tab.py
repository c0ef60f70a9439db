"""The Task tab of a run: from the list or by its key, templates rendered when asked for, XComs deleted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.integration.store_kit import NOW, ending, run_of, started, store
from tests.integration.store_kit import key as key_of
from tests.tui.dump import SIZES, dashboard, no_deeds, real_deeds, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.errors import TuiflowError
from tui_flow.settings import Home
from tui_flow.spec import Json
from tui_flow.state import TaskState
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer
from tui_flow.tui.rows import Rows
from tui_flow.tui.views.task_info import RENDER


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    home = home_of(tmp_path)
    monkeypatch.setenv("TUIFLOW_HOME", str(home.root))
    yield home


def fill_xcoms(home: Home) -> None:
    """A run whose task `a` went well and left two XComs."""
    with Writer(home.database) as writer:
        spec = dag_of("a >> b", dag_id="etl", tasks={"a": {"template_fields": ("command",)}})
        store(writer, spec, file="etl.py")
        run = run_of(writer, spec, "r0", NOW)
        attempt = started(writer, run)
        for key in ("return_value", "rows"):
            writer.set_xcom(key_of(run), key, json.dumps({"n": key}))
        writer.apply([ending(attempt, run, TaskState.SUCCESS)], NOW)


def xcoms(home: Home) -> dict[str, object]:
    """Of the task, by key."""
    with Reader(home.database) as reader:
        run = reader.run("etl", "r0")
        assert run is not None
        return {xcom.key: json.loads(xcom.value) for xcom in reader.xcoms(run.id)}


async def open_task(pilot: Pilot[int]) -> str:
    """From the list of DAGs to the Task tab of the run's task; the screen's text."""
    await until(pilot, lambda text: "etl" in text)
    await pilot.press("r")
    await until(pilot, lambda text: "[Runs]" in text and "manual" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: "[Tasks]" in text and ">✓ a" in text)
    await pilot.press("I")
    return await until(pilot, lambda text: "[Task]" in text and "Tries" in text)


def test_a_task_is_looked_at_rendered_and_its_xcom_deleted(home: Home) -> None:
    fill_xcoms(home)
    asked: list[tuple[object, ...]] = []

    def render(dag_id: str, run_id: str, task_id: str, map_index: int) -> Mapping[str, Json]:
        asked.append((dag_id, run_id, task_id, map_index))
        if len(asked) == 1:
            raise TuiflowError("'a' cannot be rendered: no file")
        return {"command": "echo [/]\x1b]52;c;x\x07"}

    async def look() -> None:
        async with dashboard(home, (80, 24), replace(real_deeds(home), render=render)) as pilot:
            text = await open_task(pilot)
            assert "enter renders them" in text
            pilot.app.query_one("#task-list", Rows).move_to(RENDER)
            await pilot.press("enter")
            await until(pilot, lambda text: "cannot be rendered: no file" in text)
            await pilot.press("enter")
            text = await until(pilot, lambda text: "echo [/]␛]52;c;x␇" in text)
            assert asked == [("etl", "r0", "a", -1)] * 2
            await pilot.press("D")
            await until(pilot, lambda text: "the cursor is not on an XCom" in text)
            pilot.app.query_one("#task-list", Rows).move_to(("xcom", "a", -1, "return_value"))
            await pilot.press("D")
            await until(pilot, lambda text: "This will delete return_value" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "deleted XCom return_value" in text)
            assert list(xcoms(home)) == ["rows"]

    asyncio.run(look())


def test_an_xcom_gets_another_value_and_a_new_one_is_made(home: Home) -> None:
    fill_xcoms(home)

    async def look() -> None:
        async with dashboard(home, (80, 24), real_deeds(home)) as pilot:
            await open_task(pilot)
            pilot.app.query_one("#task-list", Rows).move_to(("xcom", "a", -1, "rows"))
            await pilot.press("A")
            await until(pilot, lambda text: "XCom rows of a" in text and '{"n": "rows"}' in text)
            await pilot.press("end", "x")
            await until(pilot, lambda text: "the value is not JSON" in text)
            await pilot.press("backspace", *["backspace"] * len('{"n": "rows"}'), "1", "2")
            await until(pilot, lambda text: "This will set rows" in text and "tuiflow xcom set etl a rows 12" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "XCom rows is set" in text)
            assert xcoms(home) == {"return_value": {"n": "return_value"}, "rows": 12}
            pilot.app.query_one("#task-list", Rows).move_to(("ti", "state"))
            await pilot.press("A")
            await until(pilot, lambda text: "New XCom of a" in text)
            await pilot.press("tab", "1")
            await until(pilot, lambda text: "has an XCom 'return_value' already" in text)
            await pilot.press("shift+tab", "end", "2")
            await until(pilot, lambda text: "This will set return_value2" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "XCom return_value2 is set" in text)
            assert xcoms(home)["return_value2"] == 1

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_ids(home: Home, size: tuple[int, int]) -> None:
    fill(home, HOSTILE[2])

    async def look() -> None:
        async with dashboard(home, size, no_deeds()) as pilot:
            await until(pilot, lambda text: "[@click=" in text)
            await pilot.press("enter", "enter")
            await until(pilot, lambda text: "[Tasks]" in text)
            await pilot.press("I")
            await until(pilot, lambda text: "[Task]" in text and "Task instance" in text)
            await pilot.press("G", "enter", "l")
            assert pilot.app.is_running

    asyncio.run(look())

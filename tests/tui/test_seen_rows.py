"""Of long lists only what can be seen is drawn, however many rows there are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.integration.store_kit import NOW
from tests.tui.dump import dashboard, real_deeds, until
from tests.tui.homes import fill, home_of
from tests.tui_bench.home import layers
from tests.unit.planner.dsl import dag_of
from tui_flow.store.reader import Reader
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer
from tui_flow.tui.pages import diagram_pane, upcoming
from tui_flow.tui.wrapped import Wrapped

SEEN = 3 * 24
"""Rows of a screen, drawn a few times at most: as they come, and when their place is known."""


def counting(monkeypatch: Any, module: Any, name: str) -> list[object]:
    calls: list[object] = []
    own = getattr(module, name)

    def counted(row: object, *args: Any) -> Any:
        calls.append(row)
        return own(row, *args)

    monkeypatch.setattr(module, name, counted)
    return calls


def test_an_outline_draws_what_is_seen_and_hashes_no_dag(tmp_path: Path, monkeypatch: Any) -> None:
    home = home_of(tmp_path)
    fill(home, "wide", text=f"a\n{layers(600, 20)}")
    drawn = counting(monkeypatch, diagram_pane, "outline_row")

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "wide" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "[Diagram]" in text and "t0x9" in text)
            await pilot.press("j", "j", "ctrl+d")
            assert 10 < len(drawn) <= SEEN

    asyncio.run(look())
    with Reader(home.database) as reader:
        dag = reader.dag("wide")
        assert dag is not None
        spec = reader.spec("wide", dag.spec_version)
        assert vars(spec)["version"] == dag.spec_version, "as it is stored; to work it out reads the whole DAG again"
        kept = vars(spec).pop("version")
        assert spec.version == kept


def test_lanes_are_drawn_as_they_are_seen(tmp_path: Path, monkeypatch: Any) -> None:
    home = home_of(tmp_path)
    place = Placement(next_run_after=NOW, schedule="@daily", is_paused=False)
    with Writer(home.database) as writer:
        for nth in range(90):
            spec = dag_of("a", dag_id=f"dag_{nth:02}", file=f"{nth}.py")
            writer.store_parsed(spec.file, [spec], "s", {spec.file: "s"}, NOW, lambda _spec, _dag: place)
    drawn = counting(monkeypatch, upcoming, "lane_row")

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "dag_00" in text)
            await pilot.press("3")
            await until(pilot, lambda text: "[3 Upcoming]" in text and "dag_05" in text)
            await pilot.press("j", "j")
            assert 5 < len(drawn) <= SEEN

    asyncio.run(look())


def test_other_words_of_the_same_height_are_not_laid_out_anew(tmp_path: Path, monkeypatch: Any) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("t")
            await until(pilot, lambda text: "same as:" in text)
            said = pilot.app.query_one("#trigger-command", Wrapped)
            laid_out: list[bool] = []
            monkeypatch.setattr(said, "refresh", lambda layout=False: laid_out.append(layout))
            said.say([("same as:  another command", None)])
            said.say([("words " * 60, None)])
            said.say([("words", None)])
            assert laid_out == [False, True, True]

    asyncio.run(look())

"""The tabs of System: what they list, and that their sheets do what they say and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.integration.store_kit import NOW, store
from tests.tui.dump import SIZES, dashboard, real_deeds, text_of, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.records import ConnectionRow, Pool
from tui_flow.settings import Home
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer

ORDERS = {"kind": "asset", "name": "orders", "uri": "s3://lake/orders", "group": "asset", "extra": {}}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    home = home_of(tmp_path)
    monkeypatch.setenv("TUIFLOW_HOME", str(home.root))
    monkeypatch.setenv("TUIFLOW_SECRETS_KEY_FILE", str(tmp_path / "key"))
    yield home


def keep(home: Home) -> None:
    """A pool, a variable and a connection, with secrets that no screen may show."""
    with Writer(home.database) as writer:
        writer.set_pool(Pool("db", 3, False, "connections that it allows"))
        writer.set_variable("token", "swordfish", "for the api", NOW)
        row = ConnectionRow("lake", "postgres", "db.example", "etl", "swordfish", "main", 5432, '{"k": "swordfish"}')
        writer.set_connection(row, NOW)


async def to_system(pilot: Pilot[int]) -> None:
    await until(pilot, lambda text: "etl" in text)
    await pilot.press("4")
    await until(pilot, lambda text: "[Health]" in text and "database" in text)


async def to_tab(pilot: Pilot[int], title: str) -> str:
    for _ in range(8):
        shown = text_of(pilot.app)  # type: ignore[arg-type]
        if f"[{title}]" in shown:
            break
        await pilot.press("right_square_bracket")
        await until(pilot, lambda text, shown=shown: text != shown)  # type: ignore[misc]
    return await until(pilot, lambda text: f"[{title}]" in text)


@pytest.mark.parametrize("size", SIZES)
def test_every_tab_stands_whatever_the_names(home: Home, size: tuple[int, int]) -> None:
    fill(home, "etl")
    with Writer(home.database) as writer:
        for name in HOSTILE:
            writer.set_pool(Pool(name, 1, False, name))
            writer.set_variable(name, f"{name} value", name, NOW)
            writer.set_connection(ConnectionRow(name, "http", name, name, "swordfish", description=name), NOW)

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Health")
            tabs = (("Pools", "0/1"), ("Variables", "value"), ("Connections", "http"), ("Assets", "no DAG"))
            for title, said in tabs:
                await to_tab(pilot, title)
                text = await until(pilot, lambda text, said=said: said in text)  # type: ignore[misc]
                assert "swordfish" not in text
                await pilot.press("G", "g")
            assert pilot.app.is_running

    asyncio.run(look())


def test_a_pool_is_made_changed_and_deleted(home: Home) -> None:
    fill(home, "etl")

    def slots() -> int | None:
        with Reader(home.database) as reader:
            return next((use.pool.slots for use in reader.pools() if use.pool.name == "db"), None)

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Pools")
            await pilot.press("A")
            await until(pilot, lambda text: "New pool" in text)
            await pilot.press("d", "b", "tab", "end", "backspace", "x")
            await until(pilot, lambda text: "'x' is not a whole number" in text)
            await pilot.press("backspace", "3")
            text = await until(pilot, lambda text: "This will make the pool db" in text)
            assert "slots            3" in text and "tuiflow pools set db 3" in text
            await pilot.press("enter")
            await until(pilot, lambda text: "pool db is made" in text and "0/3" in text)
            assert slots() == 3
            await pilot.press("g", "enter", "end", "backspace", "5")
            await until(pilot, lambda text: "slots            3 → 5" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "0/5" in text)
            assert slots() == 5
            await pilot.press("D")
            await until(pilot, lambda text: "This will delete pool db" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "deleted pool db" in text)
            assert slots() is None

    asyncio.run(look())


def test_a_variable_that_is_no_secret_is_read_and_corrected(home: Home) -> None:
    fill(home, "etl")
    with Writer(home.database) as writer:
        writer.set_variable("limits", '{\n  "rows": 1\n}', "", NOW)
        writer.set_variable("region", "eu-wst", "", NOW)

    def value(key: str) -> str:
        with Reader(home.database) as reader:
            row = reader.variable(key)
            assert row is not None
            return row.value

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Variables")
            await until(pilot, lambda text: "eu-wst" in text and '"rows": 1' in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "Variable limits" in text and "empty: stays as it is" in text)
            await pilot.press("tab", "x")
            await until(pilot, lambda text: "This will change the variable limits" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "variable limits is changed" in text)
            await pilot.press("j", "enter")
            await until(pilot, lambda text: "Variable region" in text)
            await pilot.press("end", "backspace", "backspace", "e", "s", "t")
            await until(pilot, lambda text: "eu-wst → eu-west" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "variable region is changed" in text)
            assert (value("limits"), value("region")) == ('{\n  "rows": 1\n}', "eu-west")

    asyncio.run(look())


def test_the_value_of_a_new_variable_is_hidden_once_its_key_sounds_like_a_secret(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Variables")
            await pilot.press("A")
            await until(pilot, lambda text: "New variable" in text)
            await pilot.press(*"db_", "tab", *"sword")
            await until(pilot, lambda text: "value            sword" in text)
            await pilot.press("shift+tab", "end", *"password")
            text = await until(pilot, lambda text: "make the variable db_password" in text and "***" in text)
            assert "value            sword" not in text

    asyncio.run(look())


def test_a_variable_keeps_its_value_while_only_its_description_changes(home: Home) -> None:
    fill(home, "etl")
    keep(home)

    def token() -> tuple[str, str]:
        with Reader(home.database) as reader:
            row = reader.variable("token")
            assert row is not None
            return row.value, row.description

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Variables")
            await until(pilot, lambda text: "token" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "nothing would change" in text)
            await pilot.press("tab", "end", "!")
            text = await until(pilot, lambda text: "for the api → for the api!" in text)
            assert "swordfish" not in text and "value" in text
            await pilot.press("enter")
            await until(pilot, lambda text: "variable token is changed" in text)
            assert token() == ("swordfish", "for the api!")
            await pilot.press("enter")
            await until(pilot, lambda text: "nothing would change" in text)
            await pilot.press("n", "e", "w")
            text = await until(pilot, lambda text: "*** → *** (another)" in text)
            assert "new" not in text
            await pilot.press("enter")
            await until(pilot, lambda text: "variable token is changed" in text)
            assert token() == ("new", "for the api!")

    asyncio.run(look())


def test_a_connection_keeps_its_secrets_while_its_host_changes(home: Home) -> None:
    fill(home, "etl")
    keep(home)

    def lake() -> ConnectionRow:
        with Reader(home.database) as reader:
            row = reader.connection("lake")
            assert row is not None
            return row

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_system(pilot)
            before = lake()
            text = await to_tab(pilot, "Connections")
            await until(pilot, lambda text: "etl@db.example:5432/main" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "Connection lake" in text)
            await pilot.press("tab", "end", "2")
            text = await until(pilot, lambda text: "db.example → db.example2" in text)
            assert "swordfish" not in text
            await pilot.press("enter")
            await until(pilot, lambda text: "connection lake is changed" in text)
            assert lake() == replace(before, host="db.example2")
            await pilot.press("enter")
            await until(pilot, lambda text: "Connection lake" in text)
            await pilot.press("tab", "tab", "tab", "tab", "left")
            await until(pilot, lambda text: "password         *** → none" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "connection lake is changed" in text)
            assert lake() == replace(before, host="db.example2", password=None)

    asyncio.run(look())


def test_another_secrets_key_leaves_the_names(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fill(home, "etl")
    keep(home)
    with Writer(home.database, secrets_key=tmp_path / "other"):
        pass
    (tmp_path / "key").unlink()

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Connections")
            text = await until(pilot, lambda text: "sealed with another key" in text)
            assert "lake" in text and "key" in text
            await to_tab(pilot, "Variables")
            await until(pilot, lambda text: "token" in text)

    asyncio.run(look())


def test_an_asset_says_who_makes_it_and_takes_an_event(home: Home) -> None:
    with Writer(home.database) as writer:
        spec = dag_of("a >> b")
        maker = replace(spec, dag_id="etl", tasks=(replace(spec.tasks[0], outlets=(ORDERS,)), *spec.tasks[1:]))
        store(writer, maker, file="etl.py")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Assets")
            await until(pilot, lambda text: "orders" in text and "never" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "etl ▸ a" in text and "s3://lake/orders" in text)
            await pilot.press("A")
            await until(pilot, lambda text: "No DAG waits for it" in text)
            await pilot.press("{")
            await until(pilot, lambda text: "it is no JSON" in text)
            await pilot.press("backspace", "enter")
            await until(pilot, lambda text: "recorded" in text and "by hand" in text)
            await pilot.press("t")
            await until(pilot, lambda text: "This will queue one run of etl" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "queued etl manual__" in text)
            with Reader(home.database) as reader:
                run = reader.run("etl")
                assert run is not None and run.triggered_by == "asset orders"

    asyncio.run(look())


def test_health_says_what_is_wrong_with_the_database(home: Home) -> None:
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Health")
            home.database.write_text("this is no database, but it is long enough to look like a file of one\n" * 20)
            await pilot.press("R")
            text = await until(pilot, lambda text: "✗ database" in text)
            assert "disk" in text and "DAGs folder" in text

    asyncio.run(look())

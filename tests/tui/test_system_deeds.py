"""What System does besides listing: clean up, write diagnostics, try a connection; and what is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.integration.cli_home import tuiflow
from tests.integration.store_kit import NOW
from tests.tui.dump import SIZES, dashboard, no_deeds, real_deeds, until
from tests.tui.homes import fill, home_of
from tests.tui.hostile import ALL
from tests.tui.test_system_tabs import to_system, to_tab
from tui_flow.cli.dashboard import check_export, diagnose, export_settings, installed, read_settings, try_connection
from tui_flow.records import ConnectionRow, Pool
from tui_flow.settings import Home
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer
from tui_flow.tui.views.installed import Installed, ProviderFacts

SECRET = "swordfish-of-the-deep"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = home_of(tmp_path)
    fill(home, "etl", "shop")
    (tmp_path / "lake.db").touch()
    with Writer(home.database) as writer:
        writer.set_variable("token", SECRET, "", NOW)
        writer.set_connection(ConnectionRow("lake", "sqlite", str(tmp_path / "lake.db"), password=SECRET), NOW)
        writer.set_connection(ConnectionRow("odd", "no_such_type", password=SECRET), NOW)
        writer.store_import_error("bad.py", f"ValueError: {SECRET} at postgres://me:hidden@db/x", 1, NOW)
    yield home


def run_ids(home: Home) -> list[str]:
    with Reader(home.database) as reader:
        return [run.run_id for run in reader.runs()]


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
def test_a_clean_up_says_what_goes_and_then_that_is_gone(home: Home, size: tuple[int, int]) -> None:
    async def look() -> None:
        async with dashboard(home, size, real_deeds(home)) as pilot:
            await to_system(pilot)
            await pilot.press("D")
            await until(pilot, lambda text: "Clean up" in text and "180" in text)
            await pilot.press("end", "backspace", "backspace", "backspace", "x")
            await until(pilot, lambda text: "days and how many to keep are numbers" in text)
            await pilot.press("backspace", "1")
            text = await until(pilot, lambda text: "This will delete 2 runs" in text)
            assert "etl  r0" in text and "shop  r0" in text and "r1" not in text, "the newest of each DAG stays"
            await pilot.press("enter")
            await until(pilot, lambda text: "deleted 2 runs" in text)
            assert run_ids(home) == ["r1", "r1"]
            await pilot.press("D")
            await until(pilot, lambda text: "Clean up" in text)
            await pilot.press("end", "backspace", "backspace")
            await until(pilot, lambda text: "nothing is that old" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "nothing would change" in text)

    asyncio.run(look())


def test_diagnostics_hold_what_helps_and_no_secret(home: Home) -> None:
    (home.root / "scheduler.log").write_text(f"one\ntwo {SECRET}\nthree\x1b[2J\n")

    async def look() -> None:
        async with dashboard(home, deeds=replace(no_deeds(), diagnose=diagnose)) as pilot:
            await to_system(pilot)
            await pilot.press("e")
            await until(pilot, lambda text: "Diagnostics are written" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "Diagnostics are written" not in text)

    asyncio.run(look())
    (written,) = home.root.glob("tuiflow-diagnostics-*.txt")
    text = written.read_text()
    assert written.stat().st_mode & 0o777 == 0o600
    for part in (
        "tuiflow 0",
        "python 3",
        "core.parallelism = 32  (default)",
        "bad.py",
        "three",
        "not running",
    ):
        assert part in text, part
    for secret in (SECRET, "hidden"):
        assert secret not in text
    printed = tuiflow("diagnostics", "-")
    assert printed.returncode == 0 and "two ***" in printed.stdout


def test_diagnostics_tell_of_a_home_in_which_nothing_can_be_read(home: Home) -> None:
    for end in ("", "-wal", "-shm"):
        home.database.with_name(home.database.name + end).unlink(missing_ok=True)
    home.database.write_bytes(b"no database at all" * 100)
    home.settings_file.write_text("core = 3")
    printed = tuiflow("diagnostics", "-")
    assert printed.returncode == 0 and "Traceback" not in printed.stderr + printed.stdout
    assert "cannot be told" in printed.stdout and "sqlite 3" in printed.stdout


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_a_connection_is_tried_by_the_hook_of_its_type(home: Home, size: tuple[int, int]) -> None:
    async def look() -> None:
        async with dashboard(home, size, replace(real_deeds(home), try_connection=try_connection)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Connections")
            await until(pilot, lambda text: "lake" in text)
            await pilot.press("t")
            await until(pilot, lambda text: "✓ lake works" in text, tries=400)
            await pilot.press("escape", "j", "t")
            text = await until(pilot, lambda text: "✗ odd fails" in text, tries=400)
            assert "no_such_type" in text and SECRET not in text

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_settings_and_what_is_installed_stand_at_every_size(home: Home, size: tuple[int, int]) -> None:
    home.settings_file.write_text('[ui]\ntitle = "prod"\n[core]\nparallelism = 7\n')
    found = Installed([ProviderFacts(ALL, ALL, 3, True, [ALL])], ALL, [ALL], ALL)

    async def look() -> None:
        async with dashboard(home, size, replace(no_deeds(), installed=lambda: found)) as pilot:
            await to_system(pilot)
            await to_tab(pilot, "Config")
            text = await until(pilot, lambda text: "core.parallelism" in text)
            row = next(line for line in text.splitlines() if "core.parallelism" in line)
            assert " 7 " in row and "tuiflow.toml" in row
            await to_tab(pilot, "Providers")
            await until(pilot, lambda text: "Plugins" in text and "3 modules" in text)
            await pilot.press("G", "g")
            assert pilot.app.is_running

    asyncio.run(look())


def test_providers_and_plugins_are_told_by_their_files(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.root / "plugins").mkdir(mode=0o700)
    (home.root / "plugins" / "house_rules.py").write_text("raise SystemExit('imported')")
    told = installed()
    assert told.plugins == ["house_rules"] and told.plugins_folder == str(home.root / "plugins")


@pytest.mark.parametrize(
    ("title", "kind", "kept", "deleted"),
    [
        ("Pools", "pool", "db", "delete_pool"),
        ("Variables", "variable", "token", "delete_variable"),
        ("Connections", "connection", "lake", "delete_connection"),
    ],
)
def test_what_is_written_to_a_file_can_be_read_from_it(
    home: Home, tmp_path: Path, title: str, kind: str, kept: str, deleted: str
) -> None:
    file = tmp_path / f"{kind}s.json"
    with Writer(home.database) as writer:
        writer.set_pool(Pool("db", 3, False, ""))
    deeds = replace(
        real_deeds(home), check_export=check_export, export_settings=export_settings, read_settings=read_settings
    )

    async def look() -> None:
        async with dashboard(home, (120, 36), deeds) as pilot:
            await to_system(pilot)
            await to_tab(pilot, title)
            await until(pilot, lambda text: kept in text)
            await pilot.press("e")
            await until(pilot, lambda text: "with all that is secret in them" in text)
            pilot.app.query_one("#field-path Input", Input).value = "all.xyz"
            text = await until(pilot, lambda text: "must be one of json, yaml, env" in text)
            assert "same as:" not in text
            await pilot.press("enter", "space")
            await until(pilot, lambda text: text.count("must be one of") == 1)
            pilot.app.query_one("#field-path Input", Input).value = str(file)
            await until(
                pilot, lambda text: f"tuiflow {kind}s export" in text and str(file) in text.replace("\n   ", "")
            )
            await pilot.press("enter")
            await until(pilot, lambda text: f"{kind}" in text and "wrote " in text)
            assert file.stat().st_mode & 0o777 == 0o600
            with Writer(home.database) as writer:
                getattr(writer, deleted)(kept)
            await until(pilot, lambda text: kept not in text)
            await pilot.press("i")
            await until(pilot, lambda text: "name the file" in text)
            pilot.app.query_one("#field-path Input", Input).value = str(tmp_path / "none.json")
            await until(pilot, lambda text: "cannot read" in text)
            pilot.app.query_one("#field-path Input", Input).value = str(file)
            text = await until(pilot, lambda text: f"This will set 1 {kind}" in text and kept in text)
            assert SECRET not in text
            await pilot.press("enter")
            await until(pilot, lambda text: f"1 {kind} set" in text)
            await until(pilot, lambda text: kept in text and "Import" not in text)

    with Reader(home.database) as reader:
        before = connections_of(reader)
        asyncio.run(look())
        assert connections_of(reader) == before and before["lake"].password == SECRET


def connections_of(reader: Reader) -> dict[str, ConnectionRow]:
    return {row.conn_id: row for row in reader.connections()}

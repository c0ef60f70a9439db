"""The log page: its end at once, find, levels, only what matches, following; no line can steer a terminal."""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from tests.integration.store_kit import store
from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.logs import Join, Level, Source, log_path, stamp
from tui_flow.settings import Home
from tui_flow.store.writer import Writer
from tui_flow.tui.app import Dashboard
from tui_flow.tui.loglines import AT_ONCE_BYTES
from tui_flow.tui.places import Place

AT_NS = 1_767_225_600_000_000_000


def write_log(home: Home, lines: Iterable[tuple[str, Level]]) -> Path:
    path = log_path(home.logs, "etl", "r1", "a", -1, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        for text, level in lines:
            file.write(stamp(text, Source.STDOUT, level, at_ns=AT_NS))
    return path


async def to_log(pilot: Pilot[int]) -> None:
    await until(pilot, lambda text: "etl" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: ">✓ a" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: "[Tasks]" in text and ">✓ a" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: "following" in text)


def test_begins_at_the_end_and_follows(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [(f"line {number}", Level.INFO) for number in range(500)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            text = await until(pilot, lambda text: "line 499" in text)
            assert "line 1\n" not in text
            write_log(home, [("one more", Level.INFO)])
            await until(pilot, lambda text: "one more" in text)
            await pilot.press("k", "k")
            await until(pilot, lambda text: "follow off" in text)
            write_log(home, [(f"more {number}", Level.INFO) for number in range(9)])
            text = await until(pilot, lambda text: "510 lines" in text)
            assert "more 8" not in text
            await pilot.press("F")
            await until(pilot, lambda text: "more 8" in text)
            await pilot.press("g")
            await until(pilot, lambda text: "line 0" in text)

    asyncio.run(look())


def test_finds_counts_and_shows_only_hits(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [(f"page {number}{' Needle' if number % 100 == 7 else ''}", Level.INFO) for number in range(1000)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await pilot.press("slash", *"needle", "enter")
            await until(pilot, lambda text: "/needle" in text and "match 10 of 10" in text)
            await pilot.press("N")
            await until(pilot, lambda text: "match 9 of 10" in text and "page 807 Needle" in text)
            await pilot.press("ampersand")
            text = await until(pilot, lambda text: "page 7 Needle" in text)
            assert "page 8\n" not in text
            await pilot.press("escape")
            await until(pilot, lambda text: "page 808" in text)
            await pilot.press("slash", *"nowhere", "enter")
            await until(pilot, lambda text: "not found" in text)

    asyncio.run(look())


@pytest.mark.parametrize("keys", [(), ("k", "k")], ids=["following", "at a line"])
def test_shows_that_no_line_matches(tmp_path: Path, keys: tuple[str, ...]) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [(f"line {number} " + "long " * 40, Level.INFO) for number in range(30)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await pilot.press("w", *keys, "slash", *"nowhere", "enter", "ampersand")
            text = await until(
                pilot, lambda text: "all 30 lines are hidden by & only hits (& shows all); esc shows all" in text
            )
            assert "line 29" not in text
            write_log(home, [("one more", Level.INFO)])
            await pilot.press("e", "n", "j", "G", "escape")
            await until(pilot, lambda text: "one more" in text)

    asyncio.run(look())


def test_levels_and_next_error(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    levels = {50: Level.ERROR, 150: Level.WARN, 250: Level.ERROR}
    write_log(home, [(f"n{number}", levels.get(number, Level.INFO)) for number in range(400)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await pilot.press("e")
            await until(pilot, lambda text: "00:00:00 ERROR  n50" in text)
            await pilot.press("e")
            await until(pilot, lambda text: "00:00:00 ERROR  n250" in text)
            await pilot.press("minus", "minus")
            text = await until(pilot, lambda text: "level ≥ WARN" in text)
            assert "n50" in text and "n150" in text and "n51" not in text
            await pilot.press("plus", "plus")
            await until(pilot, lambda text: "n251" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_lines_are_inert(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    bad = ["\x1b]52;c;aGk=\x07 clip", "\x1bc\x1b[2Jreset", "\x9b31mC1", "[/] [@click=app.quit()]x[/]", "\u202erev"]
    lines = [*bad, "好" * 90, "\x1b[31mred\x1b[0m plain", "x" * 9000]
    write_log(home, [(text, Level.INFO) for text in lines])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await to_log(pilot)
            await pilot.press("g")
            text = await until(pilot, lambda text: "clip" in text)
            assert "a ▸ log" in text.split("\n")[0]
            await pilot.press("w", "G", "k", "k", "l", "w", "l", "h")
            text += await until(pilot, lambda text: "xxx" in text)
            assert not any(
                ord(char) < 32 and char != "\n" or 0x7F <= ord(char) < 0xA0 or char == "\u202e" for char in text
            )
            assert "[@click=" in text
            assert pilot.app.is_running

    asyncio.run(look())


def test_chooses_a_stream_and_says_what_is_hidden(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    path = write_log(home, [("shown", Level.INFO)])
    with path.open("ab") as file:
        file.write(stamp("to stderr", Source.STDERR, at_ns=AT_NS))
        file.write(stamp("detail", Source.TASK, Level.DEBUG, at_ns=AT_NS))
        file.write(stamp("oh", Source.TASK, Level.ERROR, at_ns=AT_NS))
        file.write(stamp("Traceback", Source.TASK, Level.ERROR, Join.RECORD, at_ns=AT_NS))
        file.write(stamp("hm", Source.TRIGGER, Level.WARN, at_ns=AT_NS))
        file.write(b"who said this\n")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await until(pilot, lambda text: "[all]" in text and "7 lines" in text and "1 ERROR 1 WARN" in text)
            await pilot.press("right_square_bracket")
            text = await until(pilot, lambda text: "[stdout]" in text)
            assert "shown" in text and "oh" not in text
            assert "6 lines hidden by stream stdout ([ ] other streams)" in text
            assert "1 line does not tell the stream" in text
            await pilot.press("right_square_bracket")
            await until(pilot, lambda text: "[stderr]" in text and "to stderr" in text and "shown" not in text)
            await pilot.press("right_square_bracket", "minus")
            text = await until(pilot, lambda text: "[task log]" in text and "oh" in text)
            assert "3 lines hidden by level ≥ INFO and stream task log (+ shows DEBUG, [ ] other streams)" in text
            assert "detail" not in text and "Traceback" in text and "hm" in text
            await pilot.press("left_square_bracket")
            text = await until(pilot, lambda text: "[stderr]" in text)
            await pilot.press("minus", "minus")
            await until(pilot, lambda text: "all 7 lines are hidden by level ≥ ERROR and stream stderr" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "[all]" in text and "who said this" in text)

    asyncio.run(look())


def test_time_is_local_or_utc_as_on_all_pages_or_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [("said", Level.INFO)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await until(pilot, lambda text: "09:00:00 stdout said" in text and "JST" in text)
            await pilot.press("T")
            await until(pilot, lambda text: "00:00:00 stdout said" in text and "JST" not in text)
            await pilot.press("T")
            await until(pilot, lambda text: "00:00:00" not in text and "stdout said" in text)
            await pilot.press("T")
            await until(pilot, lambda text: "09:00:00 stdout said" in text and "JST" in text)

    try:
        asyncio.run(look())
    finally:
        monkeypatch.undo()
        time.tzset()


def test_lines_are_marked_and_copied_and_the_log_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TMUX", raising=False)
    home = home_of(tmp_path)
    fill(home, "etl")
    path = write_log(home, [(f"\x1b[31mline {number}\x1b[0m", Level.INFO) for number in range(50)])
    written: list[str] = []

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await to_log(pilot)
            pilot.app.write_to_terminal = written.append  # type: ignore[attr-defined]
            await pilot.press("g", "V", "j", "j", "k", "V", "j", "j", "space")
            await until(pilot, lambda text: "3 marked" in text)
            for name in ("lines", "Markdown", "log", "path", "task"):
                await pilot.press("y", *"j" * ("lines", "Markdown", "log", "path", "task").index(name))
                await until(pilot, lambda text: "Copy" in text and str(path)[:9] in text)
                await pilot.press("enter")
                await until(pilot, lambda text: "by the terminal" in text)
            await pilot.press("s", "s")
            await until(pilot, lambda text: "etl.a.1 (2).log" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "3 marked" not in text)

    asyncio.run(look())
    lines = "line 0\nline 1\nline 3"
    assert [base64.b64decode(text[7:-1]).decode() for text in written] == [
        lines,
        f"**etl.a** run r1, try 1\n```\n{lines}\n```",
        path.read_text(),
        str(path),
        "a",
    ]
    assert (tmp_path / "etl.a.1.log").read_bytes() == (tmp_path / "etl.a.1 (2).log").read_bytes() == path.read_bytes()


def test_a_large_log_is_shown_before_it_is_counted(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    levels = {7: Level.ERROR, 11: Level.WARN}
    text = "x" * 200
    path = write_log(home, [(f"n{number} {text}", levels.get(number, Level.INFO)) for number in range(30_000)])
    assert path.stat().st_size > AT_ONCE_BYTES

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await until(pilot, lambda text: "n29999 " in text)
            await until(pilot, lambda text: "30,000 lines" in text and "1 ERROR 1 WARN" in text)
            await pilot.press("slash", *"n15", "enter")
            await until(pilot, lambda text: "match 1,111 of 1,111" in text and "n15999 " in text)
            await pilot.press("g", "n")
            await until(pilot, lambda text: "match 1 of 1,111" in text and "n15 " in text)
            await pilot.press("minus", "minus", "e")
            text = await until(pilot, lambda text: "29,988 lines hidden by level ≥ WARN" in text)
            assert "n7 " in text and "all 1,111 are hidden" in text
            write_log(home, [("last", Level.ERROR)])
            await until(pilot, lambda text: "30,001 lines" in text and "2 ERROR" in text and " last" in text)
            path.write_bytes(stamp("anew", Source.STDOUT, Level.WARN))
            await until(pilot, lambda text: "1 line " in text and "anew" in text)

    asyncio.run(look())


def test_wrapped_lines_stay_right_of_their_columns_and_break_between_words(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [("words of six cells " * 6, Level.WARN), ("好" * 60, Level.WARN)])

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await to_log(pilot)
            text = await until(pilot, lambda text: "WARN   words" in text)
            assert re.search(r"WARN   words .*…", text) and re.search(r"WARN   好+…", text)
            await pilot.press("w")
            text = await until(pilot, lambda text: "…" not in text and "WARN   words" in text)
            first, second, third, fourth = text.splitlines()[3:7]
            assert re.fullmatch(r" 00:00:00 WARN   (words|of|six|cells| )+│?", first)
            assert re.fullmatch(r" {17}(words|of|six|cells| )+│?", second)
            assert re.fullmatch(r" {17}好+ *│?", fourth)
            assert third.count("好") + fourth.count("好") == 60

    asyncio.run(look())


def test_of_a_traceback_the_line_of_source_is_a_key_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    home.blob("s1").parent.mkdir(parents=True)
    home.blob("s1").write_text("import shop\n\nshop.fetch()\n")
    home.blob("s2").write_text("# rewritten\n")
    with Writer(home.database) as writer:
        store(writer, dag_of("a >> b >> c", dag_id="etl"), file="'etl'.py", source="s2")
    other = tmp_path / "other.py"
    other.write_text("pass\n")
    lines = [
        "Traceback (most recent call last):",
        f"""  File "{home.root}/dags/'etl'.py", line 3, in <module>""",
        f'  File "{other}", line 7, in fetch',
        "ValueError: no",
        'File "-c", line 1',
    ]
    path = write_log(home, [(line, Level.ERROR) for line in lines])
    opened: list[tuple[Path, int]] = []
    monkeypatch.setattr("tui_flow.tui.pages.log_elsewhere.open_in_editor", lambda _desk, *where: opened.append(where))

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await pilot.press("k")
            await until(pilot, lambda text: "follow off" in text and "v source  o that file" not in text)
            await pilot.press("k")
            await until(pilot, lambda text: "v source  o that file" in text)
            await pilot.press("o", "j", "o", "j", "o")
            assert opened == [(other, 7), (path, 4), (path, 5)]
            await pilot.press("v")
            text = await until(pilot, lambda text: re.search(r"> +3 shop.fetch", text) is not None)
            assert "'etl'.py · as this run had it (f: what changed since)" in text
            await pilot.press("f")
            await until(pilot, lambda text: "+# rewritten" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "> +# rewritten" not in text and "shop.fetch" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "a ▸ log" in text and "line 5/5" in text)

    asyncio.run(look())


def test_a_level_that_hides_nothing_says_so(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [("printed", Level.INFO), ("warned", Level.WARN)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await pilot.press("minus")
            await until(pilot, lambda text: "no line of this log is DEBUG" in text and " 2 lines" in text)
            await pilot.press("minus")
            await until(pilot, lambda text: "1 of 2 lines" in text and "is INFO" not in text)

    asyncio.run(look())


def test_of_a_line_that_is_longer_than_the_screen_beginning_and_end_are_seen(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    long = f"begins {'x' * 2500} ends"
    write_log(home, [("first", Level.INFO), ("second", Level.INFO), (long, Level.INFO), ("last", Level.INFO)])

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await to_log(pilot)
            await pilot.press("w")
            text = await until(pilot, lambda text: "x ends" in text and "stdout last" in text)
            assert "begins" not in text and "second" not in text
            await pilot.press("k")
            await until(pilot, lambda text: ">00:00:00 stdout begins" in text and "ends" not in text)
            await pilot.press("w")
            text = await until(pilot, lambda text: "first" in text and "end of log" in text)
            assert ">00:00:00 stdout begins" in text

    asyncio.run(look())


def test_a_task_that_never_started_shows_why_and_not_the_log_before(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    path = write_log(home, [("said by a", Level.INFO)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            app = cast(Dashboard, pilot.app)
            await until(pilot, lambda text: "etl" in text)
            app.go(Place("log", "etl", "r1", task_id="a"))
            await until(pilot, lambda text: "said by a" in text)
            path.write_bytes(b"")
            await until(pilot, lambda text: "the log is empty: nothing was printed" in text)
            path.unlink()
            await until(pilot, lambda text: "the log is gone, or was never written" in text)
            write_log(home, [("said by a", Level.INFO)])
            await until(pilot, lambda text: "said by a" in text)
            app.go_beside(Place("log", "etl", "r1", task_id="b"))
            text = await until(pilot, lambda text: "it has not started" in text)
            assert "said by a" not in text and "no try" in text
            await pilot.press("s", "e", "space", "V", "k", "G", "n", "slash", "x", "enter", "w", "right_square_bracket")
            await until(pilot, lambda text: "[stdout]" in text and "it has not started" in text)

    asyncio.run(look())

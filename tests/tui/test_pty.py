"""The real program on a pseudo-terminal: what it may write, on which terminals, and how it ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.tui.homes import fill, home_of
from tests.tui.hostile import ALL, fill_with_attacks
from tests.tui.pty_kit import Terminal, terminal
from tests.tui.sequences import CLIPBOARD, colours, foreign, sequences, text_of
from tests.tui.walks import run_walk
from tui_flow.settings import Home
from tui_flow.tui.places import state_file

PAGES = ("1", "\r", "]", "]", "]", "]", "1", "2", "3", "4", "?", "\x1b", "1", "t", "\x1b", "c", "\x1b", ":", "\x1b")
"""Keys that lead through every main page, the tabs of a DAG, and some sheets."""


def etl(tmp_path: Path) -> Home:
    home = home_of(tmp_path)
    fill(home, "etl")
    return home


def look_around(shown: Terminal) -> None:
    shown.wait_for("etl")
    for keys in PAGES:
        shown.press(keys, 0.1)
    assert shown.is_alive


@pytest.mark.parametrize("seed", range(2))
def test_no_data_steers_the_terminal_or_ends_the_dashboard(seed: int) -> None:
    assert run_walk(seed, 80) == []


def test_every_page_of_a_hostile_database(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill_with_attacks(home)
    with terminal(home) as shown:
        look_around(shown)
        assert foreign(shown.all_written()) == []


def test_what_is_foreign_is_found() -> None:
    assert len(foreign(ALL.encode())) > 15
    assert foreign(b"\x1b]52;c;aGk=\x07\x1b[2J\x1b]0;t\x1b\\") == ["\x1b]52;c;aGk=\x07", "\x1b[2J", "\x1b]0;t\x1b\\"]
    assert foreign(b"\x1b[1;31mfailed\x1b[0m\x1b[3;1H") == []
    assert colours(b"\x1b[1;39;49m\x1b[0m") == [] and len(colours(b"\x1b[1;31m\x1b[48;5;1m\x1b[97m")) == 3


def test_what_is_read_ends_with_a_whole_sequence() -> None:
    read_end, write_end = os.pipe()
    for part, rest in (
        (b"a\x1b", b"[1m"),
        (b"\x1b[3", b"8m"),
        (b"\x1b]52;c;", b"aGk=\x07"),
        ("─".encode()[:2], b"\x80"),
    ):
        shown = Terminal(0, read_end, bytearray(part))
        os.write(write_end, rest)
        assert shown.all_written() == part + rest
    assert Terminal(0, -1, bytearray("─\x1b[0m".encode())).all_written().endswith(b"\x1b[0m")
    os.close(read_end)
    os.close(write_end)


def test_colours_are_off_where_nobody_wants_them(tmp_path: Path) -> None:
    home = etl(tmp_path)
    with terminal(home, env={"NO_COLOR": "1"}) as shown:
        look_around(shown)
        assert colours(shown.all_written()) == []
    with terminal(home) as shown:
        look_around(shown)
        assert colours(shown.all_written())


@pytest.mark.parametrize("env", [{"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"TERM": "linux"}])
def test_signs_are_ascii_where_the_terminal_can_show_no_others(tmp_path: Path, env: dict[str, str]) -> None:
    with terminal(etl(tmp_path), env=env) as shown:
        look_around(shown)
        beyond = {sign for sign in text_of(shown.all_written()) if ord(sign) > 0x7E}
        assert beyond == set()


@pytest.mark.parametrize("term", ["vt100", "dumb", "xterm", "tmux-256color", "screen"])
def test_other_terminals(tmp_path: Path, term: str) -> None:
    with terminal(etl(tmp_path), env={"TERM": term}) as shown:
        look_around(shown)
        assert foreign(shown.all_written()) == []


def test_a_storm_of_sizes(tmp_path: Path) -> None:
    with terminal(etl(tmp_path)) as shown:
        shown.wait_for("etl")
        for nth in range(60):
            shown.resize(5 + nth * 7 % 200, 1 + nth * 5 % 60)
            shown.take(0.01)
        for size in ((20, 5), (1, 1), (30, 6), (80, 24)):
            shown.resize(*size)
            shown.rest(0.2)
            for keys in PAGES:
                shown.press(keys, 0.02)
            assert shown.is_alive
        shown.rest()
        before = len(shown.written)
        shown.press("1", 0.5)
        shown.resize(100, 30)
        shown.wait_for("etl", since=before)


@pytest.mark.parametrize("ignores_hang_up", [False, True])
def test_a_dropped_connection_ends_it_and_the_place_is_kept(tmp_path: Path, ignores_hang_up: bool) -> None:
    home = etl(tmp_path)
    with terminal(home, ignores_hang_up=ignores_hang_up) as shown:
        shown.wait_for("etl")
        shown.press("2")
        shown.wait_for("[2 Activity]")
        shown.hang_up()
        assert shown.ends_within(20)
    assert '"activity"' in state_file(home.root).read_text()


@pytest.mark.parametrize("ignores_hang_up", [False, True])
def test_a_connection_that_drops_at_the_start_ends_it(tmp_path: Path, ignores_hang_up: bool) -> None:
    with terminal(etl(tmp_path), ignores_hang_up=ignores_hang_up) as shown:
        shown.wait_for("etl")
        shown.hang_up()
        assert shown.ends_within(20)


def test_keys_that_are_typed_before_it_stands_are_not_lost(tmp_path: Path) -> None:
    with terminal(etl(tmp_path)) as shown:
        shown.wait_for("etl")
        shown.press("\r")
        shown.wait_for("duration")
        assert foreign(shown.all_written()) == []


def test_only_copying_fills_the_clipboard(tmp_path: Path) -> None:
    with terminal(etl(tmp_path), env={"TERM": "xterm-256color"}) as shown:
        look_around(shown)
        assert not any(found.startswith(CLIPBOARD) for found in sequences(shown.all_written()))


def test_leaving_gives_the_terminal_back(tmp_path: Path) -> None:
    with terminal(etl(tmp_path)) as shown:
        shown.wait_for("etl")
        os.write(shown.fd, b"q")
        assert shown.ends_within(20) and shown.status == 0
        written = shown.all_written()
        assert written.rfind(b"\x1b[?1049l") > written.rfind(b"\x1b[?1049h")
        assert written.rfind(b"\x1b[?25h") > written.rfind(b"\x1b[?25l")


def test_the_screen_comes_back_after_a_suspension(tmp_path: Path) -> None:
    with terminal(etl(tmp_path)) as shown:
        shown.wait_for("etl")
        shown.press("2")
        shown.wait_for("[2 Activity]")
        os.write(shown.fd, b"\x1a")  # ctrl+z
        _, status = os.waitpid(shown.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        shown.rest(0.3)
        before = len(shown.written)
        os.kill(shown.pid, signal.SIGCONT)
        shown.wait_for("[2 Activity]", since=before)
        shown.wait_for("What happened", since=before)
        assert foreign(shown.all_written()) == []


def test_a_request_to_end_gives_no_traceback(tmp_path: Path) -> None:
    with terminal(etl(tmp_path)) as shown:
        shown.wait_for("etl")
        os.kill(shown.pid, signal.SIGTERM)
        assert shown.ends_within(20)
        assert b"Traceback" not in shown.written


def test_an_idle_screen_writes_nothing(tmp_path: Path) -> None:
    with terminal(etl(tmp_path)) as shown:
        shown.wait_for("etl")
        shown.rest(1.0)
        idle = min((shown.rest_for(2.0) for _ in range(2)), key=len)  # at most one of them has a minute's end in it
        assert idle == b""

"""The line format, stamping, masking, `safe`. Files are in tests/integration/test_logs.py."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_flow.logs import Join, Level, LineStamper, LogLine, Source, log_path, parse_line, safe, stamp
from tui_flow.logs.lines import MAX_LINE_CHARS, stamp_record
from tui_flow.logs.streams import level_of

AT_NS = 1_795_172_041_123_456_789
AT = datetime(2026, 11, 20, 10, 54, 1, 123456, UTC)


@dataclass
class Mask:
    """Replaces some words, the longest first."""

    secrets: tuple[str, ...]

    @property
    def longest(self) -> int:
        return max(map(len, self.secrets), default=0)

    def redact(self, text: str) -> str:
        words = sorted(self.secrets, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, words)), "***", text) if words else text


def stamper(mask: Mask | None = None) -> LineStamper:
    return LineStamper(Source.STDOUT, Level.INFO, mask, now_ns=lambda: AT_NS)


def stamped(chunks: list[bytes], mask: Mask | None = None) -> bytes:
    one = stamper(mask)
    return b"".join(map(one.feed, chunks)) + one.flush()


def texts(lines: bytes) -> list[str]:
    return [parse_line(line).text for line in lines.decode().split("\n")[:-1]]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


def test_a_line_has_fixed_columns() -> None:
    assert stamp("text", Source.STDOUT, at_ns=AT_NS) == b"2026-11-20T10:54:01.123456Z INFO  stdout  text\n"
    assert (
        stamp("text", Source.TUIFLOW, Level.ERROR, at_ns=AT_NS) == b"2026-11-20T10:54:01.123456Z ERROR tuiflow text\n"
    )


@given(st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"])))
def test_parsing_reverses_stamping(text: str) -> None:
    line = stamp(text, Source.TASK, Level.WARN, Join.RECORD, AT_NS).decode()
    assert parse_line(line) == LogLine(AT, Level.WARN, Source.TASK, text, Join.RECORD)


@pytest.mark.parametrize(
    "line", ["", "hello", "2026-11-20T10:54:01.123456Z NOTE  stdout  x", "x" * 26 + "Z INFO  stdout  x"]
)
def test_a_foreign_line_keeps_its_text(line: str) -> None:
    assert parse_line(line + "\n") == LogLine(None, Level.INFO, None, line)


def test_nul_is_written_as_an_escape() -> None:
    assert texts(stamp("a\0b", Source.TASK)) == ["a\\x00b"]


def test_a_record_of_several_lines_is_joined() -> None:
    lines = (
        stamp_record("went wrong\nTraceback\n  File", Source.TASK, Level.ERROR, Mask(()), AT_NS).decode().splitlines()
    )
    assert [(line.join, line.text) for line in map(parse_line, lines)] == [
        (Join.NEW, "went wrong"),
        (Join.RECORD, "Traceback"),
        (Join.RECORD, "  File"),
    ]


@given(
    st.binary(max_size=200) | st.text("ab\r\n\x00é€😀", max_size=200).map(str.encode),
    st.lists(st.integers(0, 300)),
)
def test_how_the_bytes_are_cut_makes_no_difference(data: bytes, places: list[int]) -> None:
    assert stamped(cut(data, places)) == stamped([data])


@given(st.text("abc \n", max_size=300), st.lists(st.integers(0, 400)), st.lists(st.text("abc", min_size=2, max_size=5)))
def test_no_secret_survives_any_cut(text: str, places: list[int], secrets: list[str]) -> None:
    mask = Mask(tuple(secrets))
    lines = texts(stamped(cut(text.encode(), places), mask))
    assert lines == [mask.redact(line) for line in text.removesuffix("\n").split("\n") if text]


@pytest.mark.parametrize("step", [1_000, 65_537, 300_000])
@pytest.mark.parametrize("place", [0, MAX_LINE_CHARS - 3, MAX_LINE_CHARS, 2 * MAX_LINE_CHARS + 3])
def test_a_secret_in_a_very_long_line_is_masked(place: int, step: int) -> None:
    data = (b"x" * place + b"hunter22" + b"y" * 200_000)[:200_000] + b"\nnext\n"
    lines = stamped([data[i : i + step] for i in range(0, len(data), step)], Mask(("hunter", "hunter22")))
    assert "".join(texts(lines)) == "x" * place + "***" + "y" * (200_000 - place - 8) + "next"


@pytest.mark.parametrize("split", range(9))
def test_a_secret_that_two_chunks_of_a_very_long_line_share_is_masked(split: int) -> None:
    before = b"x" * (MAX_LINE_CHARS + 100)
    secret = b"hunter22"
    lines = stamped([before + secret[:split], secret[split:] + b"y\n"], Mask(("hunter", "hunter22")))
    assert "".join(texts(lines)) == before.decode() + "***y"


def test_a_very_long_line_is_cut_and_marked() -> None:
    one = stamper()
    early = one.feed(b"x" * (MAX_LINE_CHARS + 10))
    assert [len(text) for text in texts(early)] == [MAX_LINE_CHARS]
    rest = [parse_line(line) for line in one.feed(b"yz\nnew\n").decode().splitlines()]
    assert [(line.join, line.text) for line in rest] == [(Join.SAME, "x" * 10 + "yz"), (Join.NEW, "new")]


def test_progress_keeps_its_last_state() -> None:
    assert texts(stamped([b" 10%\r", b" 50%", b"\r100%", b"\r\n", b"done\r\n"])) == ["100%", "done"]


def test_progress_shows_a_state_now_and_then() -> None:
    seconds = iter(range(1000))
    one = LineStamper(Source.STDERR, now_ns=lambda: next(seconds) * 2_000_000_000)
    shown = texts(b"".join(one.feed(f"\r{percent}%".encode()) for percent in range(20)) + one.flush())
    assert 2 < len(shown) < 19 and shown[-1] == "19%"


def test_a_progress_bar_without_end_takes_no_memory() -> None:
    one = stamper()
    for _ in range(1000):
        one.feed(b"\r" + b"#" * 1000)
    assert texts(one.flush()) == ["#" * 1000]


def test_invalid_utf8_is_escaped_and_split_characters_are_not() -> None:
    euro = "€".encode()
    assert texts(stamped([b"a\xff", euro[:1], euro[1:], b"\n", euro[:2]])) == ["a\\xff€", "\\xe2\\x82"]


@pytest.mark.parametrize(
    ("levelno", "level"),
    [(5, Level.DEBUG), (logging.INFO, Level.INFO), (25, Level.INFO), (logging.WARNING, Level.WARN), (50, Level.CRIT)],
)
def test_levels_of_logging(levelno: int, level: Level) -> None:
    assert level_of(levelno) is level


def test_log_paths(tmp_path_factory: object) -> None:
    from pathlib import Path

    run = "scheduled__2026-11-20T00:00:00+00:00"
    assert str(log_path(Path("/h/logs"), "etl", run, "g.load", -1, 2)) == f"/h/logs/etl/{run}/g.load/2.log"
    assert str(log_path(Path("/h/logs"), "etl", run, "load", 7, 1)) == f"/h/logs/etl/{run}/load.7/1.log"
    assert "\0" not in str(log_path(Path("/h/logs"), "d\0", "r\0", "t\0", -1, 1)), "no call of the system would take it"


FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


@given(
    st.text(st.characters(), max_size=60)
    | st.text("\x1b]0;\x07\x9b[2J\u202e\u200d\u2028\ud800👩💻\r\n\ta", max_size=30)
)
def test_safe_leaves_nothing_that_steers_a_terminal_and_is_idempotent(text: str) -> None:
    shown = safe(text)
    assert not FORBIDDEN.search(shown)
    assert safe(shown) == shown
    shown.encode()


def test_safe_keeps_ordinary_text() -> None:
    for text in ("plain\n\ttext", "Grüße, 世界", "👩‍💻 👨‍👩‍👧", "[red]x[/nope]"):
        assert safe(text) == text


def test_safe_shows_what_was_there() -> None:
    assert safe("\x1b]52;c;x\x07\x7f") == "␛]52;c;x␇␡"
    assert safe("\x9b2J\u202eabc\u2028\udc80a\u200db\r") == "\\x9b2J\\u202eabc\\u2028\\udc80a\\u200db␍"

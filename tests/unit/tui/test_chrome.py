"""What header and footer say where there is more or less room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tui_flow.store.lock import Holder
from tui_flow.tui.chrome import MOST_TOAST, Parts, footer, header, main_tabs, notice, toast
from tui_flow.tui.holds import NONE, Holds, holds_of
from tui_flow.tui.line import Line, Part
from tui_flow.tui.palette import Palette
from tui_flow.tui.status import Status

BUSY = Status(
    Holder(7, "scheduler", datetime(2026, 11, 1, tzinfo=UTC)),
    running=3,
    queued=25,
    waiting_for_people=2,
    failed_today=12,
)


def text_of(parts: Parts, width: int) -> str:
    line = Line()
    line._left, line._right = parts
    return "".join(text for _, text in line.laid_out(width))


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_the_header_says_at_every_width_what_runs_and_what_failed(width: int) -> None:
    text = text_of(header(("DAGs", "nightly_etl", "Grid"), BUSY, Palette(), False, width), width)

    assert len(text) == width
    assert text.startswith(" tuiflow  ") and "nightly_etl" in text
    for fact in ("sched", "12", "25", "2 ", "today"):
        assert fact in text, text


def test_the_header_says_it_in_words_where_they_fit() -> None:
    assert "25 queued" in text_of(header(("DAGs",), BUSY, Palette(), False, 120), 120)
    assert "25 queued" not in text_of(header(("DAGs", "x" * 60), BUSY, Palette(), False, 120), 120)


def test_a_footer_too_narrow_for_all_keys_keeps_whole_ones_and_the_help() -> None:
    text = text_of(footer(["open", "trigger", "stop_run", "pause", "help"], {}, 40), 40)

    assert text.rstrip() == " enter open  t trigger  p pause  ? help"


def toasted(text: str, width: int) -> list[str]:
    return ["".join(part.text for part in line) for line in toast(text, width)]


def test_what_was_done_is_said_whole_on_as_few_lines_as_it_needs() -> None:
    assert toasted("etl paused", 40) == [" etl paused"]
    assert toasted("cannot write in /srv/home: Read-only file system; make it writable", 40) == [
        " cannot write in /srv/home: Read-only",
        " file system; make it writable",
    ]
    assert len(toasted("word " * 200, 40)) == MOST_TOAST
    assert toasted("cannot write in /srv/home: Read-only file system", 0) == [
        " cannot write in /srv/home: Read-only file system"
    ]
    assert toasted("", 40) == [""] and toasted("a\x1b[2J", 40) == [" a␛[2J"]


@pytest.mark.parametrize(
    ("crumbs", "shown"),
    [
        (("DAGs", "nightly_etl", "manual 2026-11-20 02:00", "extract"), " tuiflow  … ▸ 11-20 02:00 ▸ extract  "),
        (("DAGs", "nightly_etl", "asset triggered 2026-11-20 02:00"), " tuiflow  nightly_etl ▸ 11-20 02:00  "),
        (("DAGs", "etl", "manual 2026-11-20 02:00"), " tuiflow  etl ▸ manual 2026-11-20 02:00  "),
        (("DAGs", "x" * 30, "y" * 30), f" tuiflow  {'y' * 30}  "),
    ],
)
def test_a_narrow_header_keeps_the_end_of_the_way(crumbs: tuple[str, ...], shown: str) -> None:
    text = text_of(header(crumbs, Status(), Palette(), False, 80), 80)

    assert shown in text and "today" in text
    assert len(text) == 80


def test_a_notice_says_all_of_what_is_wrong_in_as_many_lines_as_it_needs() -> None:
    problem = "/home/ana/.tuiflow/tuiflow.db was written by tuiflow 9.1 (schema 99); this one reads 6: install 9.1"

    said = ["".join(part.text for part in line) for line in notice(Status(problem=problem), {}, 60)]

    assert len(said) == 2 and all(len(line) <= 60 for line in said)
    assert " ".join(line[2:] for line in said) == problem
    assert notice(BUSY, {}, 60) == []
    (off,) = notice(Status(), {}, 60)
    assert [part.action for part in off if part.action] == ["start", "start"]


def said(status: Status, width: int = 80) -> list[str]:
    return ["".join(part.text for part in line) for line in notice(status, {}, width)]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_notice_says_what_holds_the_scheduler_and_the_key_that_ends_it(width: int) -> None:
    doubt = "the clock says 2099-01-01 00:00 UTC, more than a year after this home's last use at 2026-11-21 10:00 UTC"
    lines = said(replace(BUSY, holds=Holds(clock=doubt)), width)

    assert lines[0].startswith("! Nothing is scheduled: ") and lines[-1].endswith("it is right: C")
    assert all(len(line) <= width for line in lines)
    assert "sched" in text_of(
        header(("DAGs",), replace(BUSY, holds=Holds(clock=doubt)), Palette(), False, width), width
    )


@pytest.mark.parametrize(
    ("holds", "word", "text"),
    [
        (Holds(is_disk_full=True), "holds", "the disk is too full"),
        (Holds(locked_out="sqlite3 (7) keeps it locked"), "holds", "recorded or started: sqlite3 (7) keeps it locked"),
        (Holds(is_stopping=True), "stopping", "nothing new starts"),
        (Holds(is_silent=True), "silent", "does not answer"),
    ],
)
def test_each_hold_has_its_word_and_its_sentence(holds: Holds, word: str, text: str) -> None:
    status = replace(BUSY, holds=holds)
    assert f"sched {word}" in text_of(header(("DAGs",), status, Palette(), False, 80), 80)
    assert text in " ".join(said(status))


def test_what_is_set_aside_is_said_though_it_holds_nothing_else() -> None:
    status = replace(BUSY, holds=holds_of({"set_aside": {"etl r1": "KeyError: 'x'"}}))
    assert said(status) == ["! Set aside by a defect, and tried again: etl r1 (KeyError: 'x')"]
    assert "✓ sched" in text_of(header(("DAGs",), status, Palette(), False, 80), 80)


def test_an_answer_without_holds_says_nothing() -> None:
    assert holds_of({"clock_doubt": None, "disk_is_full": False, "is_stopping": False, "set_aside": {}}) == NONE
    assert said(BUSY) == []


def test_tabs_name_the_keys_of_the_settings() -> None:
    texts = [part.text.strip() for part in main_tabs("dags", {"page_system": "9"})]
    assert texts[1] == "[1 DAGs]" and "9 System" in texts


def test_facts_that_have_no_room_are_left_out_whole() -> None:
    line = Line(left_first=True)
    line.say([Part("1 DAGs  2 Activity")], [Part("1 import error · 16 DAGs · 15 on   "), Part("sort: newest ")])
    shown = ["".join(text for _, text in line.laid_out(width)).rstrip() for width in (70, 50, 47, 30)]
    assert [text[18:].strip() for text in shown] == [
        "1 import error · 16 DAGs · 15 on   sort: newest",
        "1 import error · 16 DAGs",
        "1 import error · 16 DAGs",
        "1 import er…",
    ]

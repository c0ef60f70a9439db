"""A log as it is looked at: counts, filter and hits are those of reading it whole, however it grows meanwhile."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tui_flow.logs import Join, Level, LogLine, Source, parse_line, stamp
from tui_flow.logs.kinds import Stream, stream_of
from tui_flow.logs.search import SLICE_BYTES, Pattern
from tui_flow.logs.viewed import Filter, ViewedLog

LEVELS = tuple(Level)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "1.log"


def settle(log: ViewedLog) -> None:
    while (job := log.job()) is not None:
        job()()


def some_line(chance: random.Random, number: int) -> bytes:
    if chance.random() < 0.1:
        return b"not in our format needle\n" if chance.random() < 0.5 else b"\xff\n"
    text = f"{number} {'x' * chance.randint(0, 200)}{' Needle' * (chance.random() < 0.1)}"
    level, source = chance.choice(LEVELS), chance.choice(tuple(Source))
    return stamp(text, source, level, chance.choice(tuple(Join)))


def is_shown(line: LogLine, chosen: Filter) -> bool:
    if line.source is None:
        is_of_stream = chosen.stream is Stream.ALL
    else:
        is_of_stream = chosen.stream in (Stream.ALL, stream_of(line.source))
    has_hit = not chosen.only_hits or "needle" in line.text.lower()
    return is_of_stream and has_hit and LEVELS.index(line.level) >= LEVELS.index(chosen.least)


def check(log: ViewedLog, path: Path) -> None:
    settle(log)
    texts = [text.decode("utf-8", "backslashreplace") for text in path.read_bytes().removesuffix(b"\n").split(b"\n")]
    lines = [parse_line(text) for text in texts]
    begun = [line for line in lines if line.join is Join.NEW and line.source]
    assert log.index.lines == len(lines)
    assert log.index.errors == sum(line.level in (Level.ERROR, Level.CRIT) for line in begun)
    assert log.index.warnings == sum(line.level is Level.WARN for line in begun)
    assert log.index.untold == sum(line.source is None for line in lines)
    shown = [number for number, line in enumerate(lines) if is_shown(line, log.filter)]
    assert list(log.numbers(0, log.count)) == shown
    assert log.hidden == len(lines) - len(shown)
    assert log.texts(0, log.count) == [texts[number] for number in shown]
    hits = [number for number, line in enumerate(lines) if "needle" in line.text.lower()]
    assert list(log.hits) == [number for number in hits if is_shown(lines[number], log.filter)]
    assert len(log.hits) + log.hidden_hits == len(hits)
    gaps = [log.hidden_before(at) for at in range(log.count + 1)]
    assert sum(gaps) == log.hidden
    for at, number in enumerate(shown):
        assert (log.number(at), log.place_of(number)) == (number, at)


FILTERS = (
    Filter(),
    Filter(least=Level.WARN),
    Filter(stream=Stream.STDERR),
    Filter(Level.INFO, Stream.TASK_LOG),
    Filter(only_hits=True),
    Filter(Level.ERROR, Stream.STDOUT, only_hits=True),
)


@pytest.mark.parametrize("chosen", FILTERS)
def test_is_the_same_as_reading_it_whole_while_it_grows(path: Path, chosen: Filter) -> None:
    chance = random.Random(5)
    log = ViewedLog(path)
    log.filter = chosen
    log.look_for(Pattern("needle"), 0)
    settle(log)
    assert (log.count, log.index.lines) == (0, 0)
    for size in (1, 3, 900, 2, 500):
        data = b"".join(some_line(chance, number) for number in range(size))
        cut = chance.randint(1, len(data))  # a writer may be seen in the middle of a line
        for part in (data[:cut], data[cut:]):
            if part:
                with path.open("ab") as file:
                    file.write(part)
                check(log, path)


def test_filter_and_search_can_be_changed_at_any_time(path: Path) -> None:
    chance = random.Random(6)
    path.write_bytes(b"".join(some_line(chance, number) for number in range(2000)))
    log = ViewedLog(path)
    log.look_for(Pattern("needle"), 1500)
    for chosen in (*FILTERS, *reversed(FILTERS)):
        stale = log.job()  # begun for another filter, entered late
        log.filter = chosen
        if stale is not None:
            stale()()
        check(log, path)


def test_hits_in_slices_and_across_their_borders(path: Path) -> None:
    chance = random.Random(7)
    lines = [f"{number} {'x' * chance.randint(0, 300)}" for number in range(30_000)]
    wanted = sorted(chance.sample(range(30_000), 200))
    for number in wanted:
        lines[number] += "Needle"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert path.stat().st_size > 3 * SLICE_BYTES
    for start in (0, 15_000, 29_999):
        log = ViewedLog(path)
        log.index.grow()
        log.look_for(Pattern("needle"), start)
        settle(log)
        assert list(log.hits) == wanted
    assert log.hit_beside(wanted[7], backwards=False) == wanted[8]
    assert log.hit_beside(wanted[7], backwards=True) == wanted[6]
    assert log.hit_beside(wanted[-1], backwards=False) is None
    assert log.hits_until(wanted[7]) == 8
    assert log.hit_from(wanted[7], True) == wanted[7]
    assert log.hit_from(29_999 if wanted[-1] < 29_999 else 30_000, True) == wanted[-1]


def test_the_nearest_hit_is_known_before_all_of_the_log_is_looked_through(path: Path) -> None:
    path.write_bytes(b"needle\n" + b"x" * 99 + (b"\n" + b"x" * 99) * 100_000 + b"\nneedle\n")
    log = ViewedLog(path)
    log.index.grow()
    log.look_for(Pattern("needle"), 100_001)
    job = log.job()
    assert job is not None
    job()()
    assert log.search is not None and log.search.done_percent < 100
    assert log.hit_from(100_001, False) == 100_002
    log.look_for(Pattern("needle"), 50_000)
    assert log.hit_from(50_000, False) is None


def test_a_line_longer_than_slices_is_one_hit(path: Path) -> None:
    long = b"needle" + b"x" * (3 * SLICE_BYTES) + b"needle" + b"x" * SLICE_BYTES + b"needle"
    path.write_bytes(b"first\n" + long + b"\nlast needle\n")
    log = ViewedLog(path)
    log.look_for(Pattern("needle"), 0)
    settle(log)
    assert list(log.hits) == [1, 2]
    assert log.texts(2, 1) == ["last needle"]


@pytest.mark.parametrize(
    ("pattern", "hits"),
    [
        (Pattern("stdout"), [0, 2, 3, 4]),
        (Pattern("INFO"), []),
        (Pattern("^stdo", is_regex=True), [0, 2, 3, 4]),
        (Pattern("2026"), [3]),
        (Pattern("warn"), [1, 3]),
        (Pattern("WARN"), [1]),
        (Pattern("^said", is_regex=True), [0, 1]),
        (Pattern("^2026|^WARN", is_regex=True), [1]),
        (Pattern("red word"), [2]),
        (Pattern("31"), []),
        (Pattern("É"), [4]),
        (Pattern("é"), [4]),
        (Pattern("a[b]"), [4]),
    ],
    ids=lambda value: value.text if isinstance(value, Pattern) else None,
)
def test_what_is_seen_of_a_line_is_looked_through(path: Path, pattern: Pattern, hits: Sequence[int]) -> None:
    texts = ["said", "said", "a \x1b[31mred\x1b[0m word", "warn of 2026", "É a[b]"]
    lines = [
        stamp(text, Source.STDOUT, Level.WARN if nth == 1 else Level.INFO, at_ns=10**18)
        for nth, text in enumerate(texts)
    ]
    path.write_bytes(b"".join([*lines, stamp("more", Source.STDOUT, Level.WARN, Join.RECORD, at_ns=10**18)]))
    log = ViewedLog(path)
    log.look_for(pattern, 0)
    settle(log)
    assert list(log.hits) == hits


def test_small_letters_find_capitals_but_capitals_only_themselves() -> None:
    assert Pattern("error").spans("an Error, ERROR") == [(3, 8), (10, 15)]
    assert Pattern("Error").spans("an Error, ERROR") == [(3, 8)]
    assert Pattern("é").spans("É") == [(0, 1)]
    assert Pattern(r"e\w+r", is_regex=True).spans("error") == [(0, 5)]
    assert Pattern("a[b]").spans("a[b]") == [(0, 4)]
    with pytest.raises(re.error):
        Pattern("(", is_regex=True)


def test_the_next_error_is_the_first_line_of_one_that_is_shown(path: Path) -> None:
    parts = [("a", Level.INFO, Source.TASK, Join.NEW), ("b", Level.ERROR, Source.TASK, Join.NEW)]
    parts += [("Traceback", Level.ERROR, Source.TASK, Join.RECORD), ("c", Level.CRIT, Source.STDERR, Join.NEW)]
    path.write_bytes(b"".join(stamp(text, source, level, join) for text, level, source, join in parts))
    log = ViewedLog(path)
    settle(log)
    assert [log.next_error(line) for line in (-1, 0, 1, 2, 3)] == [1, 1, 3, 3, 1]
    log.filter = Filter(stream=Stream.STDERR)
    settle(log)
    assert [log.next_error(line) for line in (-1, 3)] == [3, 3]
    log.filter = Filter(stream=Stream.STDOUT)
    settle(log)
    assert log.next_error(-1) is None


@pytest.mark.parametrize("change", ["cut", "replaced", "deleted"])
def test_a_log_that_is_cut_is_looked_through_anew(path: Path, change: str) -> None:
    path.write_bytes(b"".join(stamp(f"needle {number}", Source.STDERR) for number in range(5000)))
    log = ViewedLog(path)
    log.filter = Filter(stream=Stream.STDERR)
    log.look_for(Pattern("needle"), 4000)
    settle(log)
    assert log.count == 5000
    late = log.index.growth()
    assert late is None
    if change == "deleted":
        path.unlink()
    else:
        target = path if change == "cut" else path.with_name("new")
        target.write_bytes(stamp("one needle", Source.STDERR) + stamp("other", Source.STDOUT))
        target.replace(path)
    if change == "deleted":
        settle(log)
        assert (log.count, log.index.lines, list(log.hits)) == (0, 0, [])
    else:
        check(log, path)


def test_the_end_is_there_before_anything_is_counted(path: Path) -> None:
    path.write_bytes(b"".join(b"%d %s\n" % (number, b"x" * 90) for number in range(5000)))
    log = ViewedLog(path)
    tail = log.tail()
    assert tail.texts[-1].startswith("4999 ")
    settle(log)
    first = log.index.line_at(tail.offset)
    assert list(tail.texts) == log.texts(first, 5000)

"""Log files: capped, shared by several writers, read while they grow."""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from tests.integration.loading import in_child
from tui_flow.logs import CappedLog, Level, LogFollower, Source, close_log, parse_line, read_tail, stamp
from tui_flow.logs.streams import StampedStream, TaskLogHandler

HEAD, TAIL = 256 * 1024, 64 * 1024


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs/etl/manual__2026-11-20T00:00:00+00:00/load.3/1.log"


def line(number: int, width: int = 100) -> bytes:
    return stamp(f"{number} ".ljust(width, "x"), Source.STDOUT)


def numbers(text: str) -> list[int]:
    found = [parse_line(one) for one in text.splitlines()]
    return [int(one.text.split()[0]) for one in found if one.source is Source.STDOUT]


def notes(text: str) -> list[str]:
    return [one.text for one in map(parse_line, text.splitlines()) if one.source is Source.TUIFLOW]


def follow_to_end(follower: LogFollower) -> list[str]:
    lines: list[str] = []
    while True:
        found = follower.read(4096)
        lines += found.lines
        if not found.has_more:
            return lines


# Writing


def test_logs_are_private(path: Path, tmp_path: Path) -> None:
    old = os.umask(0)
    log = CappedLog(path)
    os.umask(old)
    log.write(line(1))
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (tmp_path / "logs").rglob("*") if folder.is_dir()} == {0o700}


def test_a_link_in_the_place_of_a_log_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "victim")
    log = CappedLog(path)
    log.write(line(1))
    assert not (tmp_path / "victim").exists() and log.dropped_bytes == len(line(1))


def test_a_log_within_its_cap_is_as_written(path: Path) -> None:
    log = CappedLog(path, HEAD, TAIL)
    for number in range(100):
        log.write(line(number))
    log.close()
    close_log(path, HEAD, TAIL)
    assert path.read_bytes().count(b"\n") == 100 and numbers(path.read_text()) == list(range(100))


def test_beyond_the_cap_head_and_tail_are_kept(path: Path) -> None:
    log = CappedLog(path, HEAD, TAIL)
    total = 40_000
    for number in range(total):
        log.write(line(number))
    assert path.stat().st_blocks * 512 < HEAD + TAIL + 2 * 1024**2 < path.stat().st_size
    assert numbers(read_tail(path, 1000))[-1] == total - 1
    log.close()
    close_log(path, HEAD, TAIL)
    text = path.read_text()
    found = numbers(text)
    gap = next(place for place, number in enumerate(found) if number != place)
    assert found == [*range(gap), *range(found[gap], total)]
    assert gap > HEAD / 160 and total - found[gap] > TAIL / 160
    left_out = total * len(line(0)) - len(found) * len(line(0))
    assert notes(text) == [f"... {left_out} bytes left out ..."]
    assert path.stat().st_size <= HEAD + TAIL


def test_closing_twice_changes_nothing(path: Path) -> None:
    log = CappedLog(path, HEAD, TAIL)
    for number in range(20_000):
        log.write(line(number))
    close_log(path, HEAD, TAIL)
    once = path.read_bytes()
    close_log(path, HEAD, TAIL)
    assert path.read_bytes() == once


def test_several_writers_agree_on_the_cap_and_tear_no_line(path: Path) -> None:
    def write(writer: int) -> None:
        log = CappedLog(path, HEAD, TAIL)
        for number in range(0, 12_000, 3):
            log.write(b"".join(stamp(f"{writer} {n} ".ljust(150, "x"), Source.TASK) for n in range(number, number + 3)))
        os._exit(0)

    children = []
    for writer in range(3):
        pid = os.fork()
        if pid == 0:
            write(writer)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    close_log(path, HEAD, TAIL)
    last: dict[str, int] = {}
    for one in map(parse_line, path.read_text().splitlines()):
        if one.source is Source.TASK:
            author, number, filler = one.text.split()
            assert len(one.text) == 150 and set(filler) == {"x"}
            assert last.get(author, -1) < int(number)
            last[author] = int(number)
        else:
            assert one.text.endswith("bytes left out ...")
    assert 11_999 in last.values() and path.stat().st_size <= HEAD + TAIL


def test_where_the_disk_is_full_lines_are_dropped_and_counted(path: Path) -> None:
    """RLIMIT_FSIZE stands in for a full disk: writes come short, then fail."""

    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        log = CappedLog(path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        for number in range(100):
            log.write(line(number))
        dropped = log.dropped_bytes
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        log.write(line(100))
        log.close()
        return dropped

    dropped, exit_code = in_child(work)
    assert exit_code == 0
    lines = path.read_text().splitlines()
    assert notes("\n".join(lines)) == [f"{dropped} bytes dropped: {os.strerror(errno.EFBIG)}"]
    assert numbers("\n".join(lines[-1:])) == [100]
    written = sum(len(one) + 1 for one in lines[:-2])
    assert written + dropped in (100 * len(line(0)), 100 * len(line(0)) + 1)


def test_what_was_dropped_is_told_at_the_end_too(path: Path) -> None:
    log = CappedLog(path)
    log.dropped_bytes, log._why_dropped = 7, os.strerror(errno.ENOSPC)
    log.close()
    assert notes(path.read_text()) == ["7 bytes dropped: disk full"]


def test_a_log_that_is_deleted_is_begun_anew(path: Path) -> None:
    log = CappedLog(path)
    log.write(line(1))
    path.unlink()
    log.write(line(2))
    assert numbers(path.read_text()) == [2] and "deleted" in notes(path.read_text())[0]


def test_a_log_that_is_truncated_leaves_no_hole(path: Path) -> None:
    log = CappedLog(path)
    log.write(line(1))
    os.truncate(path, 0)
    log.write(line(2))
    assert path.read_bytes().count(b"\0") == 0 and numbers(path.read_text()) == [2]


# What an attempt writes


def test_streams_and_logging_share_one_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = CappedLog(path)
    out = StampedStream(Source.STDOUT, log, fd=1)
    error = StampedStream(Source.STDERR, log, level=Level.WARN, fd=2)
    logger = logging.Logger("task")
    logger.addHandler(TaskLogHandler(log))
    monkeypatch.setattr(sys, "stdout", out)
    print("one", "two")
    print("no newline", end="", file=error)
    logger.warning("with %s\nand more", "arguments")
    out.buffer.write(b"bytes\n")
    try:
        raise ValueError("wrong")
    except ValueError:
        logger.exception("failed")
    error.end()
    found = [parse_line(one) for one in path.read_text().splitlines()]
    shown = [(one.source, one.level, str(one.join), one.text) for one in found]
    assert shown[:4] == [
        ("stdout", "INFO", " ", "one two"),
        ("task", "WARN", " ", "with arguments"),
        ("task", "WARN", "|", "and more"),
        ("stdout", "INFO", " ", "bytes"),
    ]
    assert shown[4] == ("task", "ERROR", " ", "failed")
    assert shown[-2:] == [("task", "ERROR", "|", "ValueError: wrong"), ("stderr", "WARN", " ", "no newline")]


def test_a_stream_answers_what_programs_ask(path: Path) -> None:
    stream = StampedStream(Source.STDERR, CappedLog(path), fd=2)
    assert (stream.encoding, stream.isatty(), stream.fileno(), stream.writable()) == ("utf-8", False, 2, True)
    stream.reconfigure(line_buffering=True)
    stream.writelines(["a\n", "b\n"])
    stream.close()
    stream.flush()
    print("still", file=stream)
    assert [parse_line(one).text for one in path.read_text().splitlines()] == ["a", "b", "still"]


# Reading


def test_the_tail_begins_with_a_whole_line(path: Path) -> None:
    log = CappedLog(path)
    for number in range(1000):
        log.write(line(number))
    assert numbers(read_tail(path, 1000)) == list(range(994, 1000))
    assert numbers(read_tail(path, 10**9)) == list(range(1000))
    assert read_tail(path.with_name("absent.log")) == ""


def test_following_brings_each_line_once(path: Path) -> None:
    follower = LogFollower(path)
    assert follower.read().is_missing
    log = CappedLog(path)
    seen = []
    for number in range(300):
        log.write(line(number))
        if number % 7 == 0:
            seen += follow_to_end(follower)
    os.write(log.fileno(), b"unfinished")
    seen += follow_to_end(follower)
    assert numbers("\n".join(seen)) == list(range(300)) and follower.rest() == "unfinished"
    os.write(log.fileno(), b" now it is\n")
    assert follow_to_end(follower) == ["unfinished now it is"]


def test_following_from_near_the_end(path: Path) -> None:
    log = CappedLog(path)
    for number in range(1000):
        log.write(line(number))
    follower = LogFollower(path, last_bytes=1000)
    assert numbers("\n".join(follow_to_end(follower))) == list(range(994, 1000))


@pytest.mark.parametrize("how", ["truncated", "replaced"])
def test_following_starts_again_when_the_log_is_another(path: Path, how: str) -> None:
    log = CappedLog(path)
    for number in range(100):
        log.write(line(number))
    follower = LogFollower(path)
    follow_to_end(follower)
    if how == "truncated":
        os.truncate(path, 0)
    else:
        os.rename(path, path.with_suffix(".old"))
        log = CappedLog(path)
    log.write(line(7))
    found = follower.read()
    assert found.is_reset and numbers("\n".join(found.lines)) == [7]


def test_following_a_log_that_is_deleted(path: Path) -> None:
    log = CappedLog(path)
    log.write(line(1))
    follower = LogFollower(path)
    follow_to_end(follower)
    path.unlink()
    found = follower.read()
    assert found.is_missing and found.is_reset
    log.write(line(2))
    assert numbers("\n".join(follow_to_end(follower))) == [2]


def test_following_steps_over_the_hole_of_an_oversized_log(path: Path) -> None:
    log = CappedLog(path, HEAD, TAIL)
    for number in range(40_000):
        log.write(line(number))
    lines = follow_to_end(LogFollower(path))
    assert not any("\0" in one for one in lines)
    assert numbers("\n".join(lines[:10])) == list(range(10)) and numbers(lines[-1]) == [39_999]
    assert len(lines) < 20_000


def test_following_goes_on_where_it_was_when_an_oversized_log_is_closed(path: Path) -> None:
    log = CappedLog(path, HEAD, TAIL)
    for number in range(40_000):
        log.write(line(number))
    follower = LogFollower(path)
    follow_to_end(follower)
    log.write(line(40_000))
    close_log(path, HEAD, TAIL)
    found = follower.read()
    assert not found.is_reset and numbers("\n".join(found.lines)) == [40_000]


def test_one_enormous_line_is_read_in_parts(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * 3_000_000)
    follower = LogFollower(path)
    found = follower.read()
    while found.has_more:
        assert sum(map(len, found.lines)) < 1_000_000
        found = follower.read()

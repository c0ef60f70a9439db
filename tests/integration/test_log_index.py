"""Logs as numbered lines: the same lines as by reading the whole file, whatever happens to it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tui_flow.logs.index import BLOCK_BYTES, LINE_BYTES, LogIndex


def write(path: Path, lines: list[str], end: str = "\n") -> None:
    path.write_text("\n".join(lines) + end, encoding="utf-8")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "1.log"


def some_lines(count: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [f"{number} {'x' * chance.randint(0, 300)}" for number in range(count)]


def test_every_line_is_found(log: Path) -> None:
    lines = some_lines(5000)
    write(log, lines)
    index = LogIndex(log)
    assert index.grow()
    assert index.lines == 5000
    assert index.size > 5 * BLOCK_BYTES
    for number in (0, 1, 1234, 2500, 4998, 4999):
        assert index.read(number, 3) == lines[number : number + 3]
        assert index.line_at(index.offset(number)) == number
    assert index.read(5000, 3) == []


def test_grows_with_the_file(log: Path) -> None:
    index = LogIndex(log)
    assert not index.grow()
    assert index.is_missing
    lines: list[str] = []
    chance = random.Random(3)
    for _ in range(60):
        more = some_lines(chance.randint(1, 80), chance.random().__hash__())
        lines += more
        with log.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in more))
        assert index.grow()
        assert not index.grow()
    assert index.lines == len(lines)
    assert index.read(0, len(lines)) == lines


def test_an_unfinished_last_line_counts(log: Path) -> None:
    write(log, ["a", "b"], end="")
    index = LogIndex(log)
    index.grow()
    assert (index.lines, index.read(0, 9)) == (2, ["a", "b"])
    write(log, ["a", "bc", "d"])
    index.grow()
    assert (index.lines, index.read(0, 9)) == (3, ["a", "bc", "d"])


@pytest.mark.parametrize("change", ["cut", "replaced", "deleted"])
def test_a_file_that_is_cut_or_replaced_is_counted_anew(log: Path, change: str) -> None:
    write(log, some_lines(3000))
    index = LogIndex(log)
    index.grow()
    if change == "deleted":
        log.unlink()
    elif change == "replaced":
        write(log.with_name("new"), ["new"])
        log.with_name("new").replace(log)
    else:
        write(log, ["new"])
    assert index.read(2999, 1) is not None  # nothing of it may kill the process before it is noticed
    assert index.grow()
    assert index.read(0, 5) == ([] if change == "deleted" else ["new"])
    assert index.is_missing is (change == "deleted")


def test_a_line_without_end_is_cut_with_a_word(log: Path) -> None:
    log.write_bytes(b"a\n" + b"x" * 3_000_000 + b"\nlast\n")
    index = LogIndex(log)
    index.grow()
    first, long, last = index.read(0, 5)
    assert (first, last) == ("a", "last")
    assert len(long) < LINE_BYTES + 20 and long.endswith("… +2 MB")


def test_bytes_that_are_no_text_are_shown(log: Path) -> None:
    log.write_bytes(b"\xff\xfe\n")
    index = LogIndex(log)
    index.grow()
    assert index.read(0, 1) == ["\\xff\\xfe"]

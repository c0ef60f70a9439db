"""What kind each line of a log is: its level, who wrote it, how it goes with the line before. One byte for a line, so
that a million lines are counted and chosen between without their text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from itertools import product, repeat

from tui_flow.logs.lines import Join, Level, Source

HEAD_BYTES = 42
"""What a line of ours begins with before its text."""
_HEAD = slice(26, HEAD_BYTES)
_PARTS = list(product(Level, Source, Join))
_KINDS = {f"Z {level:5} {source:7}{join}".encode(): kind for kind, (level, source, join) in enumerate(_PARTS, 1)}
UNTOLD = 0
"""A line that is not in our format: it does not tell its level, which counts as INFO, nor who wrote it."""
_LEVELS = tuple(Level)


class Stream(StrEnum):
    """What readers choose between; every line that tells who wrote it is in one of the last three."""

    ALL = "all"
    STDOUT = "stdout"
    STDERR = "stderr"
    TASK_LOG = "task log"
    """What came by `logging`, from a trigger, or from tuiflow itself."""


def kind_of(line: bytes) -> int:
    return _KINDS.get(line[_HEAD], UNTOLD)


def kinds_of(lines: Iterable[bytes]) -> bytes:
    return bytes(map(_KINDS.get, [line[_HEAD] for line in lines], repeat(UNTOLD)))


def stream_of(source: Source) -> Stream:
    return Stream(source) if source in (Source.STDOUT, Source.STDERR) else Stream.TASK_LOG


@cache
def chosen_kinds(least: Level, stream: Stream) -> bytes:
    """For `bytes.translate`: 1 for a kind of at least that level and of that stream, 0 for others."""
    chosen = bytearray(256)
    chosen[UNTOLD] = stream is Stream.ALL and _LEVELS.index(least) <= _LEVELS.index(Level.INFO)
    for kind, (level, source, _join) in enumerate(_PARTS, 1):
        is_of_stream = stream is Stream.ALL or stream_of(source) is stream
        chosen[kind] = is_of_stream and _LEVELS.index(level) >= _LEVELS.index(least)
    return bytes(chosen)


def _beginning(*levels: Level) -> bytes:
    return bytes(kind for kind, (level, _, join) in enumerate(_PARTS, 1) if level in levels and join is Join.NEW)


ERRORS = _beginning(Level.ERROR, Level.CRIT)
"""Kinds of the first line of an error; a traceback is more lines of it."""
WARNINGS = _beginning(Level.WARN)


@cache
def kinds_at(level: Level) -> bytes:
    """Of lines that say that they are of this level."""
    return bytes(kind for kind, (each, _source, _join) in enumerate(_PARTS, 1) if each is level)


def count_of(kinds: bytes | bytearray, wanted: bytes) -> int:
    """How many of `kinds` are among those `wanted`."""
    return sum(kinds.count(kind) for kind in wanted)


def next_of(kinds: bytes | bytearray, wanted: bytes, start: int) -> int | None:
    """Where the next of the kinds that are wanted is."""
    found = _any_of(wanted).search(kinds, start)
    return found.start() if found else None


@cache
def _any_of(wanted: bytes) -> re.Pattern[bytes]:
    return re.compile(b"[" + re.escape(wanted) + b"]")

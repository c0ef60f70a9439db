"""A task's log on a terminal or in a pipe: read whole or followed while it grows, every line inert."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tui_flow import signs, times
from tui_flow.cli.show import task_name
from tui_flow.logs.capped import log_path
from tui_flow.logs.lines import Join, Level, parse_line
from tui_flow.logs.reading import LogFollower
from tui_flow.logs.safe import safe
from tui_flow.records import DagRun, TaskInstance, TaskInstanceKey
from tui_flow.state import FINISHED_TASK, TaskState

LOOK_EVERY_S = 0.2
_SGR = re.compile(r"\x1b\[[0-9;:]*m")
_COLOURS = {Level.DEBUG: "2", Level.WARN: "33", Level.ERROR: "31", Level.CRIT: "1;31"}


def read_lines(path: Path, is_over: Callable[[], bool]) -> Iterator[str]:
    """The lines of a log from its beginning, as they come, until `is_over` and the log is at its end."""
    follower = LogFollower(path)
    try:
        while True:
            over = is_over()  # asked before the read: what was written before the end is read still
            found = follower.read()
            yield from found.lines
            if found.has_more:
                continue
            if over:
                yield from [follower.rest()] if follower.rest() else []
                return
            time.sleep(LOOK_EVERY_S)
    finally:
        follower.close()


def shown_line(line: str, utc: bool) -> str:
    """One line for people: local time, level where it matters, text without colours; a pipe gets the stored form."""
    if not sys.stdout.isatty():
        return safe(_SGR.sub("", line))
    parsed = parse_line(line)
    text = safe(_SGR.sub("", parsed.text))
    if parsed.at is None:
        return text
    clock = parsed.at.astimezone(times.zone(utc)).strftime("%H:%M:%S.%f")[:-3]
    level = "" if parsed.level is Level.INFO else f"{parsed.level} "
    colour = _COLOURS.get(parsed.level)
    text = f"{level}{text}" if parsed.join is Join.NEW else text
    return f"{signs.paint(clock, '2')} {signs.paint(text, colour) if colour else text}"


class LogTails:
    """The logs of all running tasks of one run, as one stream of lines named by their task."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._followers: dict[tuple[TaskInstanceKey, int], LogFollower] = {}
        self._ended: set[tuple[TaskInstanceKey, int]] = set()

    def read(self, run: DagRun, tis: list[TaskInstance]) -> Iterator[str]:
        """What is new since the last call. The logs of tries that have ended are read to their end and let go."""
        for ti in tis:
            this = (ti.key, ti.try_number)
            if ti.try_number and this not in self._ended and ti.state is not TaskState.QUEUED:
                path = log_path(self._logs, run.dag_id, run.run_id, ti.task_id, ti.map_index, ti.try_number)
                self._followers.setdefault(this, LogFollower(path))
        current = {(ti.key, ti.try_number) for ti in tis if ti.state not in FINISHED_TASK}
        for this, follower in list(self._followers.items()):
            yield from self._new_lines(this[0], follower)
            if this not in current:
                yield from [self._named(this[0], follower.rest())] if follower.rest() else []
                follower.close()
                del self._followers[this]
                self._ended.add(this)

    def _new_lines(self, key: TaskInstanceKey, follower: LogFollower) -> Iterator[str]:
        has_more = True
        while has_more:
            found = follower.read()
            yield from (self._named(key, line) for line in found.lines)
            has_more = found.has_more

    def _named(self, key: TaskInstanceKey, line: str) -> str:
        return f"{signs.paint(f'[{task_name(key)}]', '36')} {shown_line(line, utc=False)}"

"""Which DAG files to parse, and when. Pure: `now` is an argument; the scheduler does the listing and the parsing."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

from tui_flow.loader.discover import DagFile, Listing
from tui_flow.loader.failure import FailureKind
from tui_flow.loader.sources import listing_of

SETTLE = timedelta(seconds=2)
"""How long a file must be still before a syntax error in it, or its absence, is believed."""
FIRST_BACK_OFF = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(minutes=30)


def is_half_written(kind: FailureKind | None, changed_at: datetime, now: datetime) -> bool:
    """Whether a syntax error may be no more than a file that somebody is still writing."""
    return kind is FailureKind.SYNTAX and timedelta(0) <= now - changed_at < SETTLE


def back_off(timeouts: int) -> timedelta:
    """How long to leave a file alone that timed out so many times in a row: 1, 2, 4 ... 30 minutes."""
    doublings: int = 2 ** min(timeouts - 1, 10)
    return min(FIRST_BACK_OFF * doublings, LONGEST_BACK_OFF)


@dataclass(slots=True)
class _File:
    """What is remembered of one DAG file."""

    signs: DagFile
    changed_at: datetime
    """When it, or something that it depends on, was last seen to change."""
    is_changed: bool = True
    """Not parsed since."""
    dependencies: frozenset[str] = frozenset()
    parsed_at: datetime | None = None
    is_parsing: bool = False
    is_refused: bool = False
    gone_since: datetime | None = None
    timeouts: int = 0
    hold_until: datetime | None = None

    def due_at(self, parse_interval: timedelta) -> datetime | None:
        """When to parse it; None: not until something happens."""
        if self.is_parsing or self.is_refused or self.gone_since is not None:
            return None
        if self.hold_until is not None:
            return self.hold_until
        return self.changed_at if self.is_changed or self.parsed_at is None else self.parsed_at + parse_interval


class Registry:
    """The DAG files that are known, and what is due for each."""

    def __init__(self, dags_folder: PurePath, parse_interval_s: float = 300.0) -> None:
        self._root = str(dags_folder)
        self._interval = timedelta(seconds=parse_interval_s)
        self._files: dict[str, _File] = {}
        self._next_due: datetime | None = None
        self._is_stale = False

    def note(self, listing: Listing, changed: Iterable[PurePath], now: datetime) -> None:
        """Take in what the DAGs folder looks like, and the paths that a watcher reported (absolute)."""
        self._is_stale = True
        self._note_changes([self._relative(path) for path in changed], now)
        if listing.problem is not None:
            return
        present = {file.path: file for file in listing.files}
        for path, signs in present.items():
            self._note_present(path, signs, now)
        refused = [refusal.path for refusal in listing.refusals]
        for path in self._files.keys() - present.keys():
            file = self._files[path]
            file.is_refused = is_among(path, refused)
            file.gone_since = None if file.is_refused else file.gone_since or now

    def due(self, now: datetime, limit: int | None = None) -> list[str]:
        """Files to parse now, those that changed last first; `started` takes them off the list."""
        next_due = self.next_due()
        if next_due is None or next_due > now:
            return []
        due = [(path, at) for path, file in self._files.items() if (at := file.due_at(self._interval)) and at <= now]
        due.sort(key=lambda item: (not self._files[item[0]].is_changed, -item[1].timestamp(), item[0]))
        return [path for path, _ in due][:limit]

    def started(self, path: str) -> None:
        """A process is parsing the file."""
        if file := self._files.get(path):
            file.is_parsing, file.is_changed, file.hold_until = True, False, None
            self._is_stale = True

    def finished(self, path: str, failure: FailureKind | None, dependencies: Collection[str], now: datetime) -> bool:
        """Note how a parse went. False: the answer does not count, because the file may be half written; it is parsed
        once more when it has been still for a while."""
        self._is_stale = True
        file = self._files.get(path)
        if file is None:
            return False
        file.is_parsing, file.parsed_at = False, now
        file.dependencies = frozenset(dependencies) | (file.dependencies if failure else frozenset())
        file.timeouts = file.timeouts + 1 if failure is FailureKind.TIMED_OUT else 0
        if file.timeouts:
            file.hold_until = now + back_off(file.timeouts)
        if is_half_written(failure, file.changed_at, now):
            file.is_changed, file.hold_until = True, file.changed_at + SETTLE
            return False
        return True

    def gone(self, now: datetime) -> list[str]:
        """Files that have been away for longer than it takes to save one; each is told once."""
        away = [path for path, file in self._files.items() if file.gone_since and now - file.gone_since >= SETTLE]
        for path in away:
            del self._files[path]
            self._is_stale = True
        return sorted(away)

    def let_go(self, path: str) -> bool:
        """Forget a file that is away without waiting for its return, since another one has its DAGs now; False where it
        is not away."""
        file = self._files.get(path)
        if file is None or file.gone_since is None:
            return False
        del self._files[path]
        self._is_stale = True
        return True

    def next_due(self) -> datetime | None:
        """When `due` or `gone` will have something to say."""
        if self._is_stale:
            parses = [at for file in self._files.values() if (at := file.due_at(self._interval))]
            ends = [file.gone_since + SETTLE for file in self._files.values() if file.gone_since]
            self._next_due, self._is_stale = min(parses + ends, default=None), False
        return self._next_due

    def request(self, path: str, now: datetime) -> bool:
        """Have a file parsed now, as somebody asked for it; False for an unknown one."""
        if file := self._files.get(path):
            _set_changed(file, now)
            self._is_stale = True
        return file is not None

    def _note_changes(self, changed: list[str], now: datetime) -> None:
        if not changed:
            return
        touched = {form for path in changed for form in (path, path + "/", listing_of(path))}
        below = tuple(path + "/" if path else "" for path in changed)
        for path, file in self._files.items():
            needs = file.dependencies | {path}
            if not touched.isdisjoint(needs) or any(need.startswith(below) for need in needs):
                _set_changed(file, now)

    def _note_present(self, path: str, signs: DagFile, now: datetime) -> None:
        file = self._files.get(path)
        if file is None:
            written_at = datetime.fromtimestamp(signs.mtime_ns / 1e9, UTC)
            self._files[path] = _File(signs, min(written_at, now))
            return
        if file.signs != signs or file.is_refused:
            file.signs = signs
            _set_changed(file, now)
        file.gone_since, file.is_refused = None, False

    def _relative(self, path: PurePath) -> str:
        text = str(path)
        if text == self._root:
            return ""
        below = text.removeprefix(self._root + "/")
        return below if below != text else os.path.relpath(text, self._root)


def _set_changed(file: _File, now: datetime) -> None:
    file.is_changed, file.changed_at, file.hold_until, file.timeouts = True, now, None, 0


def is_among(path: str, refused: Collection[str]) -> bool:
    """Whether a file is refused, or lies in a folder or a zip file that is."""
    return any(path == name or path.startswith(name.removesuffix("/") + "/") for name in refused)

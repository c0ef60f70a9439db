"""Files whose change is an update of an asset: noticing them, through inotify or, where a folder is away, by looking.

Theory of operation. The database keeps each file's signs (time of change, size, inode) as they were last seen. A look
compares them, and stores new ones in the transaction of the event that they mean: a change while no scheduler ran is
noticed by the next one, and none is told twice. inotify only says when to look, so that a file is seen when its writer
has closed it. A scheduler whose DAGs watch no file has no inotify instance here.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import inotify_simple

from tui_flow.asset_records import AssetWatch
from tui_flow.store.writer import Writer

LOOK_EVERY_S = 2.0
"""How often to look at files whose folder is not there, or cannot be watched."""
_log = logging.getLogger("tui_flow.scheduler")
_F = inotify_simple.flags
_MASK = (
    _F.CLOSE_WRITE | _F.MOVED_TO | _F.MOVED_FROM | _F.CREATE | _F.DELETE | _F.DELETE_SELF | _F.MOVE_SELF
) | _F.ONLYDIR


class AssetFiles:
    """`on_descriptor` is told of the descriptor that is readable when there are changes, once there is one."""

    def __init__(self, writer: Writer, on_descriptor: Callable[[int], None]) -> None:
        self._writer = writer
        self._on_descriptor = on_descriptor
        self._inotify: inotify_simple.INotify | None = None
        self._watches: list[AssetWatch] = []
        self._folders: dict[int, str] = {}
        self._unwatched: set[str] = set()
        """Files that are looked at from time to time."""
        self._to_look: set[str] = set()
        self._look_at = 0.0
        self._is_stale = True
        self.has_changes = False
        """Set when the descriptor is readable."""

    def refresh(self) -> None:
        """DAGs have changed: which files to watch is read again."""
        self._is_stale = True

    def next_wake(self) -> float | None:
        """Monotonic time of the next look at what cannot be watched."""
        return self._look_at if self._unwatched else None

    def step(self, now: datetime) -> bool:
        """Record what has changed; whether an asset was updated. Raises WriteRefused with nothing forgotten."""
        if self._is_stale:
            self._read()
        if self.has_changes:
            self._hear()
        if self._unwatched and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY_S
            self._to_look |= self._unwatched  # also those whose folder is there now: it may have held the file already
            self._watch_folders()
        return self._look(now) if self._to_look else False

    def close(self) -> None:
        if self._inotify is not None:
            self._inotify.close()

    def _read(self) -> None:
        self._is_stale = False
        self._watches = self._writer.reads.asset_watches()
        if self._watches and self._inotify is None:
            self._open()
        self._watch_folders()
        self._to_look = {watch.path for watch in self._watches}

    def _open(self) -> None:
        try:
            self._inotify = inotify_simple.INotify(nonblocking=True)
        except OSError as err:
            _log.warning("watched files are looked at every %g s: no inotify (%s)", LOOK_EVERY_S, err.strerror)
            return
        self._on_descriptor(self._inotify.fileno())

    def _watch_folders(self) -> None:
        """Watch the folder of each file; those that are away or refused are looked for."""
        wanted = {os.path.dirname(watch.path) for watch in self._watches}
        for descriptor, folder in list(self._folders.items()):
            if folder not in wanted:
                self._forget(descriptor)
        watched = set(self._folders.values())
        if self._inotify is not None:
            for folder in sorted(wanted - watched):
                with suppress(OSError):
                    self._folders[self._inotify.add_watch(folder, _MASK)] = folder
        watched = set(self._folders.values())
        self._unwatched = {watch.path for watch in self._watches if os.path.dirname(watch.path) not in watched}

    def _forget(self, descriptor: int) -> None:
        del self._folders[descriptor]
        if self._inotify is not None:
            with suppress(OSError):  # the folder is gone, and the watch with it
                self._inotify.rm_watch(descriptor)

    def _hear(self) -> None:
        self.has_changes = False
        assert self._inotify is not None, "its descriptor was readable"
        for event in self._inotify.read(timeout=0):
            folder = self._folders.get(event.wd)
            if event.mask & _F.Q_OVERFLOW:
                self._to_look |= {watch.path for watch in self._watches}
            elif folder is None:
                continue
            elif event.mask & (_F.DELETE_SELF | _F.MOVE_SELF | _F.IGNORED):
                self._forget(event.wd)
                self._watch_folders()
                self._to_look |= {watch.path for watch in self._watches if os.path.dirname(watch.path) == folder}
            elif not event.mask & _F.CREATE or _is_whole(os.path.join(folder, event.name)):
                self._to_look.add(os.path.join(folder, event.name))

    def _look(self, now: datetime) -> bool:
        has_news = False
        for number, watch in enumerate(self._watches):
            if watch.path not in self._to_look:
                continue
            signs = _signs(watch.path)
            if signs != watch.seen:
                has_news |= self._writer.see_file(watch, signs, now)
                self._watches[number] = AssetWatch(watch.asset, watch.path, watch.deletes, signs)
            if watch.deletes and signs:
                self._delete(watch.path)
        self._to_look.clear()
        return has_news

    def _delete(self, path: str) -> None:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError as err:
            _log.warning("the watched file %s cannot be deleted: %s", path, err.strerror)


def _signs(path: str) -> str:
    """What changes with the file; empty where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"


def _is_whole(path: str) -> bool:
    """Whether something that was just created has its content already: a link. Of others the writer's close tells."""
    try:
        return os.path.islink(path) or os.stat(path).st_nlink > 1
    except OSError:
        return True

"""Notices changes below the DAGs folder and those beside it: through inotify, or by looking at every file without it.

Theory of operation. A `Watcher` is asked for `changes()` when its descriptor is readable, and every `poll_interval_s`
where that is set. It answers with paths; each stands for itself and, if it is a folder, for all that is or was below.
Nothing is lost on the way: a new folder is watched before it is reported, an overflow of the kernel's queue reports the
DAGs folder itself, and a DAGs folder that is away (deleted, replaced, unmounted) is looked for until it is back.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import inotify_simple

from tui_flow.loader.discover import SKIPPED_FOLDERS, leads_to_folder

POLL_S = 2.0
"""How often to look where inotify cannot be had."""
_AWAY_S = 1.0
_F = inotify_simple.flags
_MASK = (
    _F.CLOSE_WRITE | _F.MOVED_TO | _F.MOVED_FROM | _F.CREATE | _F.DELETE | _F.ATTRIB | _F.DELETE_SELF | _F.MOVE_SELF
) | _F.ONLYDIR

Signs = tuple[int, int, int]


class Watcher:
    """Watches folders and all below them, by whatever means there are."""

    def __init__(self, root: Path, poll_s: float = 0.0, beside: Sequence[Path] = ()) -> None:
        """`poll_s` above 0: do not use inotify, look this often. `beside`: other folders, those that are there now."""
        self._root = root
        self._roots = (root, *(folder for folder in beside if folder.is_dir()))
        self._poll_s = poll_s
        self.why_polling: str | None = "as set by [scheduler] poll_files_s" if poll_s else None
        """Why inotify is not used, in words; None when it is."""
        self._source: _Inotify | _Polling = _Polling(self._roots)
        if not poll_s:
            self._try_inotify()

    @property
    def poll_interval_s(self) -> float | None:
        """How often to ask for changes besides when the descriptor is readable; None: no need."""
        if isinstance(self._source, _Polling):
            return self._poll_s or POLL_S
        return self._source.look_again_s

    def fileno(self) -> int | None:
        """Readable when there are changes; None when only asking tells."""
        return self._source.fileno() if isinstance(self._source, _Inotify) else None

    def changes(self) -> set[Path]:
        """What changed since the last call; returns at once."""
        try:
            return self._source.changes()
        except OSError as err:
            self._fall_back(err)
            return {self._root}

    def close(self) -> None:
        """Give the descriptor back."""
        if isinstance(self._source, _Inotify):
            self._source.close()

    def _try_inotify(self) -> None:
        try:
            self._source = _Inotify(self._roots)
        except OSError as err:
            self._fall_back(err)

    def _fall_back(self, err: OSError) -> None:
        limit = {errno.ENOSPC: "fs.inotify.max_user_watches", errno.EMFILE: "fs.inotify.max_user_instances"}
        advice = f"; raise {limit[err.errno]} with sysctl" if err.errno in limit else ""
        self.why_polling = f"inotify: {os.strerror(err.errno or 0)}{advice}"
        self.close()
        self._source = _Polling(self._roots)


class _Inotify:
    """Raises OSError when the kernel has no room for another watch."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._root, *self._others = roots
        self._inotify = inotify_simple.INotify(nonblocking=True)
        self._folders: dict[int, set[Path]] = {}
        """Watch descriptor -> the paths by which that folder is reached (more than one where links lead to it)."""
        self._real_root = ""
        try:
            self._watch_root()
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        return int(self._inotify.fileno())

    def close(self) -> None:
        self._inotify.close()

    @property
    def look_again_s(self) -> float | None:
        """A root that is away or is a link tells nothing by itself when it is back or leads elsewhere."""
        return _AWAY_S if self._real_root != str(self._root) else None

    def changes(self) -> set[Path]:
        changed: set[Path] = set()
        for event in self._inotify.read(timeout=0):
            self._take(event, changed)
        if self.look_again_s is not None and self._real_root != self._where_root_is():
            self._watch_root()
            changed.add(self._root)
        return changed

    def _where_root_is(self) -> str:
        return os.path.realpath(self._root) if self._root.is_dir() else ""

    def _watch_root(self) -> None:
        for descriptor in list(self._folders):
            self._forget(descriptor)
        self._real_root = self._where_root_is()
        for root in [self._root] * bool(self._real_root) + self._others:
            self._watch(root)

    def _watch(self, folder: Path) -> None:
        """Watch a folder and all below it. Those that vanish meanwhile are left out."""
        root = next((other for other in self._others if folder.is_relative_to(other)), self._root)
        for path in _folders_below(folder, root):
            try:
                descriptor = self._inotify.add_watch(path, _MASK)
            except OSError as err:
                if err.errno == errno.ENOSPC:
                    raise
                continue
            self._folders.setdefault(descriptor, set()).add(path)

    def _take(self, event: inotify_simple.Event, changed: set[Path]) -> None:
        if event.mask & _F.Q_OVERFLOW:
            self._watch_root()
            changed.add(self._root)
            return
        if event.mask & _F.IGNORED:
            self._folders.pop(event.wd, None)
            return
        for folder in list(self._folders.get(event.wd, ())):
            if event.name:
                self._take_named(folder / event.name, event.mask, changed)
            elif event.mask & (_F.DELETE_SELF | _F.MOVE_SELF) and folder == self._root:
                self._real_root = ""
                changed.add(folder)

    def _take_named(self, path: Path, mask: int, changed: set[Path]) -> None:
        if mask & _F.ISDIR and mask & _F.MOVED_FROM:
            self._forget_below(path)
        if mask & (_F.CREATE | _F.MOVED_TO) and path.is_dir():
            if _is_skipped(path.name):
                return
            self._watch(path)
        elif mask & _F.CREATE and not _is_whole(path):
            return  # its writer's close tells when it is
        changed.add(path)

    def _forget_below(self, path: Path) -> None:
        for descriptor, folders in list(self._folders.items()):
            folders -= {folder for folder in folders if folder == path or path in folder.parents}
            if not folders:
                self._forget(descriptor)

    def _forget(self, descriptor: int) -> None:
        self._folders.pop(descriptor, None)
        try:
            self._inotify.rm_watch(descriptor)
        except OSError:
            pass  # the folder is gone, and the watch with it


class _Polling:
    """Compares each file's signs (time of change, size, inode) with those of the last look."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        self._seen = self._look()

    def changes(self) -> set[Path]:
        now = self._look()
        before, self._seen = self._seen, now
        return {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}

    def _look(self) -> dict[Path, Signs]:
        seen: dict[Path, Signs] = {}
        for folder in (folder for root in self._roots for folder in _folders_below(root, root)):
            with suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if not leads_to_folder(entry):
                        with suppress(OSError):
                            status = entry.stat()
                            seen[Path(entry.path)] = (status.st_ctime_ns, status.st_size, status.st_ino)
        return seen


def _folders_below(folder: Path, root: Path) -> Iterator[Path]:
    """`folder` and those below it that can hold DAG files. Links are followed inside the DAGs folder only."""
    real_root = os.path.realpath(root)
    todo, seen = [folder], set()
    while todo:
        path = todo.pop()
        real = os.path.realpath(path)
        if real in seen or (real != real_root and not real.startswith(real_root + "/")):
            continue
        seen.add(real)
        yield path
        try:
            with os.scandir(path) as entries:
                folders = [entry for entry in entries if not _is_skipped(entry.name) and leads_to_folder(entry)]
        except OSError:
            continue
        todo += [path / entry.name for entry in sorted(folders, key=lambda entry: not entry.is_symlink())]


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED_FOLDERS


def _is_whole(path: Path) -> bool:
    """Whether something that was just created has its content already: a symbolic or a hard link."""
    try:
        status = path.lstat()
    except OSError:
        return True
    return path.is_symlink() or status.st_nlink > 1

"""Files as they were: an import of a stored source version reads below the DAGs folder what the first import read.

Modules come from the recorder anyway (`modules`); this is for everything else. It lasts for the import only: afterwards
a task that reads a file means the file that is there.
"""

from __future__ import annotations

import builtins
import glob
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tui_flow.loader.recorder import Recorder
from tui_flow.loader.sources import SourceView, listing_of


class _Entry:
    """Stands in for `os.DirEntry`, which cannot be made."""

    def __init__(self, folder: str, name: str, is_folder: bool) -> None:
        self.name, self.path, self._is_folder = name, os.path.join(folder, name), is_folder

    def __fspath__(self) -> str:
        return self.path

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return self._is_folder

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return not self._is_folder

    def is_symlink(self) -> bool:
        return False

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return os.stat(self.path)

    def inode(self) -> int:
        return self.stat().st_ino


class _Entries:
    """Stands in for what `os.scandir` returns: an iterator and a context manager."""

    def __init__(self, entries: Iterator[_Entry]) -> None:
        self._entries = entries

    def __iter__(self) -> _Entries:
        return self

    def __next__(self) -> _Entry:
        return next(self._entries)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held."""


class _Replay:
    """The replaced functions. Each does what the real one does, but on the stored copy where there is one."""

    def __init__(self, recorder: Recorder, view: SourceView) -> None:
        self._recorder, self._view = recorder, view
        self._open, self._stat, self._listdir, self._scandir = io.open, os.stat, os.listdir, os.scandir

    def open(self, file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        if not set(mode) & set("wax+"):
            file = self._stored(file)
        return self._open(file, mode, *args, **options)

    def stat(self, path: Any, *args: Any, **options: Any) -> os.stat_result:
        return self._stat(self._stored(path), *args, **options)

    def listdir(self, path: Any = ".") -> list[Any]:
        names = self._names(path)
        return self._listdir(path) if names is None else names

    def scandir(self, path: Any = ".") -> Any:
        names = self._names(path)
        if names is None:
            return self._scandir(path)
        folder = os.fspath(path)
        return _Entries(_Entry(folder, name, self._is_folder(os.path.join(folder, name))) for name in names)

    def _stored(self, path: Any) -> Any:
        relative = self._relative(path)
        return self._view.blob(relative) if relative is not None and relative in self._view else path

    def _names(self, path: Any) -> list[str] | None:
        relative = self._relative(os.path.join(path, "x")) if isinstance(path, str | os.PathLike) else None
        folder = None if relative is None else listing_of(relative)
        return self._view.names(folder) if folder is not None and folder in self._view else None

    def _is_folder(self, path: str) -> bool:
        relative = self._relative(path)
        if relative is not None and (self._view.has_folder(relative) or relative in self._view):
            return relative not in self._view
        return os.path.isdir(path)

    def _relative(self, path: Any) -> str | None:
        return self._recorder.relative(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else None


@contextmanager
def replay_reads(recorder: Recorder, view: SourceView) -> Iterator[None]:
    """Within it `open`, `os.stat`, `os.listdir` and `os.scandir`, and what is built on them, see the stored files."""
    replay = _Replay(recorder, view)
    places: list[tuple[Any, str, Callable[..., Any]]] = [
        (builtins, "open", replay.open),
        (io, "open", replay.open),
        (os, "stat", replay.stat),
        (os, "listdir", replay.listdir),
        (os, "scandir", replay.scandir),
    ]
    globber = getattr(glob, "_StringGlobber", None)
    if globber is not None and globber.scandir is os.scandir:  # Python 3.13's pathlib keeps a scandir of its own
        places.append((globber, "scandir", staticmethod(replay.scandir)))
    originals = [vars(place)[name] for place, name, _ in places]
    for place, name, function in places:
        setattr(place, name, function)
    try:
        yield
    finally:
        for (place, name, _), original in zip(places, originals, strict=True):
            setattr(place, name, original)

"""Watches what an import reads below the DAGs folder and Airflow's folders beside it, and keeps the bytes.

Modules are read through `Recorder.read`, so that what is kept is what was executed. Whatever else is opened or listed
(YAML, SQL, templates) shows as an audit event of the interpreter, and is read a second time here.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_flow.loader import archives
from tui_flow.loader.plugins import folders_beside
from tui_flow.loader.sources import SourceView, listing_content, listing_of, on_disk

MAX_FILE_BYTES = 16 * 1024**2
MAX_TOTAL_BYTES = 50 * 1024**2
"""More than this of one DAG file's sources is not kept: such data is read from the disk, whatever the version."""


class Recorder:
    """The files and folders below the DAGs folder that were read, by relative path."""

    def __init__(self, dags_folder: Path, view: SourceView | None = None) -> None:
        """With a `view`, its stored bytes stand in for what is on the disk."""
        self.dags_folder, self.view = dags_folder, view
        self.contents: dict[str, bytes] = {}
        self.dependencies: set[str] = set()
        """All paths whose change calls for another parse: also missing ones, and ones too large to keep."""
        self.too_large: set[str] = set()
        self._total_bytes = 0
        self.beside = folders_beside(dags_folder)
        """Airflow's other folders relative to the DAGs folder, there or not; what lies in them is recorded too."""
        roots = {(str(dags_folder) + "/", ""), (os.path.realpath(dags_folder) + "/", "")}
        for folder in self.beside:
            path = on_disk(dags_folder, folder)
            roots |= {(path + "/", folder + "/"), (os.path.realpath(path) + "/", folder + "/")}
        self._roots = tuple(sorted(roots, key=lambda root: len(root[1])))

    def relative(self, path: str) -> str | None:
        """`path` relative to the DAGs folder; None for one outside of it and of those beside it."""
        absolute = os.path.abspath(path)
        for root, name in self._roots:
            if absolute.startswith(root):
                return name + absolute[len(root) :]
        return None

    def read(self, relative: str) -> bytes:
        """The content of a file, recorded. Raises OSError as `open` does."""
        self.dependencies.add(relative)
        if relative in self.contents:
            return self.contents[relative]
        if self.view is not None and relative in self.view:
            data = self.view.read(relative)
        else:
            with unwatched():
                data = _read_regular(on_disk(self.dags_folder, relative))
        self._keep(relative, data)
        return data

    def exists(self, relative: str) -> bool:
        """Whether there is such a file, stored or on disk."""
        with unwatched():
            return self.is_stored(relative) or archives.is_file(on_disk(self.dags_folder, relative))

    def is_stored(self, relative: str) -> bool:
        return self.view is not None and relative in self.view

    def is_folder(self, relative: str) -> bool:
        stored = self.view is not None and self.view.has_folder(relative)
        with unwatched():
            return stored or archives.is_folder(on_disk(self.dags_folder, relative))

    def note_opened(self, path: str) -> None:
        relative = self.relative(path)
        if relative is None or "__pycache__" in relative:
            return
        try:
            self.read(relative)
        except OSError:
            pass  # missing or not a regular file: a dependency all the same

    def note_listed(self, path: str) -> None:
        relative = self.relative(os.path.join(path, "x"))
        if relative is None:
            return
        folder = listing_of(relative)
        self.dependencies.add(folder)
        try:
            with unwatched():
                self._keep(folder, listing_content(os.listdir(path)))
        except OSError:
            pass

    def _keep(self, relative: str, data: bytes) -> None:
        self._total_bytes += len(data)
        if len(data) > MAX_FILE_BYTES or self._total_bytes > MAX_TOTAL_BYTES:
            self._total_bytes -= len(data)
            self.too_large.add(relative)
        else:
            self.contents[relative] = data


def _read_regular(path: str) -> bytes:
    if archives.archive_of(path) is not None:
        return archives.read_bytes(path)
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(f"{path} is not a regular file")
        return file.read()


_watching: Recorder | None = None
"""Audit hooks cannot be taken back, so there is one for the process, which asks this."""
_is_hooked = False


@contextmanager
def watch_reads(recorder: Recorder) -> Iterator[None]:
    """Have everything that this process opens or lists noted by `recorder`."""
    global _watching, _is_hooked
    if not _is_hooked:
        sys.addaudithook(_audit)
        _is_hooked = True
    before, _watching = _watching, recorder
    try:
        yield
    finally:
        _watching = before


@contextmanager
def unwatched() -> Iterator[None]:
    """Within it nothing is noted."""
    global _watching
    before, _watching = _watching, None
    try:
        yield
    finally:
        _watching = before


def _audit(event: str, args: tuple[object, ...]) -> None:
    if _watching is None:
        return
    if event == "open":
        path, _, flags = args
        if isinstance(path, str | bytes) and isinstance(flags, int) and not flags & (os.O_WRONLY | os.O_DIRECTORY):
            _watching.note_opened(os.fsdecode(path))
    elif event in ("os.listdir", "os.scandir"):
        path = args[0]
        if path is None or isinstance(path, str | bytes):
            _watching.note_listed(os.fsdecode(path or "."))

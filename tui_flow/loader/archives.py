"""Zip files of DAGs, Airflow's packaged DAGs: what lies in `etl.zip` is reached by paths like `etl.zip/etl.py`.

DAG files lie at the top of the zip file; the zip file goes on `sys.path`, so that they import what is beside them.
`zipfile` is imported in functions: it costs 7 ms, and few folders have zip files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tui_flow.loader.ignore import IGNORE_FILES, lines_in

if TYPE_CHECKING:
    from zipfile import ZipFile

ENDING = ".zip"
_AS_FOLDER = f"{ENDING}/"


@dataclass(frozen=True, slots=True)
class Member:
    """A Python file at the top of a zip file."""

    name: str
    size_bytes: int
    is_dag_file: bool


@dataclass(frozen=True, slots=True)
class Archive:
    """What discovery needs to know of one zip file."""

    members: tuple[Member, ...] = ()
    ignore_lines: tuple[str | re.Pattern[str], ...] = ()
    """Of the ignore files at its top."""
    problem: str | None = None
    """Why it could not be read."""

    @property
    def has_something_to_say(self) -> bool:
        """Not so for data and for libraries."""
        return self.problem is not None or any(member.is_dag_file for member in self.members)


def look_into(path: str, is_dag_file: Callable[[bytes], bool], max_bytes: int) -> Archive:
    """The Python files at the top of a zip file; those over `max_bytes` are not read."""
    try:
        with _opened(path) as archive:
            top = [info for info in archive.infolist() if "/" not in info.filename and not info.is_dir()]
            sources = [info for info in top if info.filename.endswith(".py") and not info.filename.startswith(".")]
            members = tuple(
                Member(info.filename, info.file_size, info.file_size <= max_bytes and is_dag_file(archive.read(info)))
                for info in sorted(sources, key=lambda info: info.filename)
            )
            ignoring = [info for info in top if info.filename in IGNORE_FILES]
            lines = [line for info in ignoring for line in lines_in(info.filename, archive.read(info))]
            return Archive(members, tuple(lines))
    except OSError as err:
        return Archive(problem=err.strerror or str(err))


def archive_of(path: str) -> str | None:
    """The zip file that a path on disk leads into; None for any other path."""
    at = path.find(_AS_FOLDER)
    while at != -1:
        archive = path[: at + len(ENDING)]
        if os.path.isfile(archive):
            return archive
        at = path.find(_AS_FOLDER, at + 1)
    return None


def is_file(path: str) -> bool:
    """As `os.path.isfile`, also in a zip file."""
    archive = archive_of(path)
    return os.path.isfile(path) if archive is None else path[len(archive) + 1 :] in _contents(archive)[0]


def is_folder(path: str) -> bool:
    """As `os.path.isdir`; a zip file counts as one."""
    archive = archive_of(path + "/")
    if archive is None:
        return os.path.isdir(path)
    below = path[len(archive) + 1 :]
    return not below or below in _contents(archive)[1]


def read_bytes(path: str) -> bytes:
    """The content of a file, also in a zip file. Raises OSError."""
    archive = archive_of(path)
    if archive is None:
        return Path(path).read_bytes()
    with _opened(archive) as opened:
        try:
            return opened.read(path[len(archive) + 1 :])
        except KeyError:
            raise FileNotFoundError(f"{path} is not in the zip file") from None


def _contents(archive: str) -> tuple[frozenset[str], frozenset[str]]:
    """The files of a zip file, and its folders; none of one that cannot be read."""
    try:
        status = os.stat(archive)
        return _contents_at(archive, status.st_mtime_ns, status.st_size, status.st_ino)
    except OSError:
        return frozenset(), frozenset()


@lru_cache(maxsize=8)
def _contents_at(archive: str, *signs: int) -> tuple[frozenset[str], frozenset[str]]:
    with _opened(archive) as opened:
        names = opened.namelist()
    parts = [name.split("/")[:-1] for name in names]
    folders = {"/".join(each[:depth]) for each in parts for depth in range(1, len(each) + 1)}
    return frozenset(name for name in names if not name.endswith("/")), frozenset(folders)


@contextmanager
def _opened(path: str) -> Iterator[ZipFile]:
    """A zip file for reading, in which all that can be wrong with one is an OSError."""
    import zlib
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            yield archive
    except (BadZipFile, EOFError, ValueError, zlib.error) as err:
        raise OSError(f"it is damaged, or no zip file ({err})") from err
    except (NotImplementedError, RuntimeError) as err:  # an unknown method, or a password
        raise OSError(f"what is in it cannot be read: {err}") from err

"""Source versions: the exact bytes of a DAG file and of all that it read from the DAGs folder, kept by hash.

    <home>/sources/blobs/<sha256>        the content of a file, stored once
    <home>/sources/versions/<version>    manifest: {path relative to the DAGs folder: sha256}, as JSON

Modules of Airflow's plugins folder, which lies beside it, have paths like `../plugins/hooks.py`, and what lies in a zip
file has paths like `etl.zip/etl.py`.
A path that ends in `/` stands for a folder that was listed (`./` is the DAGs folder); its content is the names in it.
Files are written atomically but not fsynced: one that a power loss left short is written again by the next parse, and
never executed (`read` checks).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from tui_flow.errors import DagFileError
from tui_flow.loader.archives import read_bytes

Manifest = Mapping[str, str]


def content_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def source_version(manifest: Manifest) -> str:
    """Hash of the manifest, 16 hex digits."""
    return content_hash(_manifest_bytes(manifest))[:16]


def _manifest_bytes(manifest: Manifest) -> bytes:
    return json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()


def listing_content(names: Iterable[str]) -> bytes:
    """The content of a listed folder. What comes and goes without meaning (hidden files, bytecode) is left out."""
    kept = sorted(name for name in names if not name.startswith((".", "__pycache__")) and not name.endswith("~"))
    return "\n".join(kept).encode("utf-8", "surrogateescape")


def listing_of(path: str) -> str:
    """The name under which the folder that holds `path` is listed."""
    return (path.rpartition("/")[0] or ".") + "/"


def store_sources(sources: Path, contents: Mapping[str, bytes]) -> str:
    """Keep these files, given by relative path; their source version. What is there already is not written again."""
    manifest = {path: content_hash(data) for path, data in contents.items()}
    for path, data in contents.items():
        _write_once(sources / "blobs" / manifest[path], data)
    version = source_version(manifest)
    _write_once(sources / "versions" / version, _manifest_bytes(manifest))
    return version


def _write_once(path: Path, data: bytes) -> None:
    try:
        if path.stat().st_size == len(data):
            os.utime(path)  # used again: young files are not removed
            return
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(fd, "wb") as file:
        file.write(data)
    os.rename(temporary, path)


class SourceView:
    """The files of one source version. Raises DagFileError where they are gone or damaged."""

    def __init__(self, sources: Path, version: str) -> None:
        self._sources, self.version = sources, version

    @cached_property
    def manifest(self) -> Manifest:
        data = self._read(self._sources / "versions" / self.version)
        if content_hash(data)[: len(self.version)] != self.version:
            raise self._useless("is damaged in the home")
        return dict(json.loads(data))

    def __contains__(self, path: str) -> bool:
        return path in self.manifest

    def read(self, path: str) -> bytes:
        """The content of one file, by its path relative to the DAGs folder. Raises FileNotFoundError for another."""
        data = self._read(self.blob(path))
        if content_hash(data) != self.manifest[path]:
            raise self._useless("is damaged in the home")
        return data

    def blob(self, path: str) -> Path:
        """Where that content lies: a file to open in place of the original."""
        if path not in self.manifest:
            raise FileNotFoundError(f"{path} is not part of source version {self.version}")
        return self._sources / "blobs" / self.manifest[path]

    def names(self, folder: str) -> list[str]:
        """The names in a listed folder (its path ends in `/`)."""
        return [name for name in self.read(folder).decode("utf-8", "surrogateescape").split("\n") if name]

    def has_folder(self, folder: str) -> bool:
        """Whether anything of this version lies below that folder (no `/` at its end)."""
        return any(path.startswith(folder + "/") for path in self.manifest)

    def is_on_disk(self, dags_folder: Path) -> bool:
        """Whether the DAGs folder still holds exactly these files."""
        return all(hash_on_disk(dags_folder, path) == self.manifest[path] for path in self.manifest)

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError as err:
            raise self._useless("is not in the home any more") from err

    def _useless(self, what: str) -> DagFileError:
        return DagFileError(f"source version {self.version} {what}; clear the tasks to run them with the newest code")


def on_disk(dags_folder: Path, path: str) -> str:
    """Where a manifest's path is: `..` means the folder beside, also where the DAGs folder is a link."""
    return os.path.normpath(os.path.join(dags_folder, path))


def hash_on_disk(dags_folder: Path, path: str) -> str | None:
    """Hash of what a manifest's path holds on disk now; None where it is gone."""
    try:
        if path.endswith("/"):
            return content_hash(listing_content(os.listdir(on_disk(dags_folder, path))))
        return content_hash(read_bytes(on_disk(dags_folder, path)))
    except OSError:
        return None

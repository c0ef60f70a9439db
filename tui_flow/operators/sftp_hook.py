"""`SFTPHook`: files of another machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tui_flow.operators.ssh_hook import SSHHook


class SFTPHook(SSHHook):
    """Each method opens a connection of its own, unless it is used within `with hook.get_managed_conn():`."""

    default_conn_name = "sftp_default"
    conn_type = "sftp"
    hook_name = "SFTP"

    def __init__(self, ssh_conn_id: str | None = default_conn_name, **kwargs: Any) -> None:
        super().__init__(ssh_conn_id, **kwargs)
        self._sftp: Any = None

    @contextmanager
    def get_managed_conn(self) -> Iterator[Any]:
        """The `paramiko.SFTPClient`; closed with the outermost `with`."""
        if self._sftp is not None:
            yield self._sftp
            return
        with self.get_conn() as client:
            self._sftp = client.open_sftp()
            try:
                yield self._sftp
            finally:
                self._sftp.close()
                self._sftp = None

    def describe_directory(self, path: str) -> dict[str, dict[str, Any]]:
        """Size, type and time of change of each entry, by name."""
        with self.get_managed_conn() as sftp:
            return {entry.filename: _described(entry) for entry in sorted(sftp.listdir_attr(path), key=_name)}

    def list_directory(self, path: str) -> list[str]:
        with self.get_managed_conn() as sftp:
            return sorted(sftp.listdir(path))

    def create_directory(self, path: str, mode: int = 0o777) -> None:
        """With the folders above it; one that exists is left alone."""
        with self.get_managed_conn() as sftp:
            if self.isdir(path):
                return
            parent = os.path.dirname(path.rstrip("/"))
            if parent and parent != path:
                self.create_directory(parent, mode)
            sftp.mkdir(path, mode)

    def delete_directory(self, path: str, include_files: bool = False) -> None:
        with self.get_managed_conn() as sftp:
            if include_files:
                for entry in sftp.listdir_attr(path):
                    below = f"{path.rstrip('/')}/{entry.filename}"
                    if stat.S_ISDIR(entry.st_mode):
                        self.delete_directory(below, include_files=True)
                    else:
                        sftp.remove(below)
            sftp.rmdir(path)

    def retrieve_file(self, remote_full_path: str, local_full_path: Any, prefetch: bool = True) -> None:
        """`local_full_path` is a path or an open binary file. A path appears whole or not at all."""
        with self.get_managed_conn() as sftp:
            if not isinstance(local_full_path, str | os.PathLike):
                sftp.getfo(remote_full_path, local_full_path, prefetch=prefetch)
                return
            target = Path(local_full_path)
            part = target.with_name(f".{target.name}.part")
            try:
                sftp.get(remote_full_path, str(part), prefetch=prefetch)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)

    def store_file(self, remote_full_path: str, local_full_path: Any, confirm: bool = True) -> None:
        """`local_full_path` is a path or an open binary file."""
        with self.get_managed_conn() as sftp:
            if isinstance(local_full_path, str | os.PathLike):
                sftp.put(os.fspath(local_full_path), remote_full_path, confirm=confirm)
            else:
                sftp.putfo(local_full_path, remote_full_path, confirm=confirm)

    def retrieve_directory(self, remote_full_path: str, local_full_path: str, prefetch: bool = True) -> None:
        """All files of a folder and those below it, into a folder that is made."""
        with self.get_managed_conn():
            os.makedirs(local_full_path, exist_ok=True)
            for name, about in self.describe_directory(remote_full_path).items():
                remote, local = f"{remote_full_path.rstrip('/')}/{name}", os.path.join(local_full_path, name)
                copy = self.retrieve_directory if about["type"] == "dir" else self.retrieve_file
                copy(remote, local, prefetch=prefetch)

    def store_directory(self, remote_full_path: str, local_full_path: str, confirm: bool = True) -> None:
        """All files of a folder and those below it, into a folder that is made."""
        with self.get_managed_conn():
            self.create_directory(remote_full_path)
            for name in sorted(os.listdir(local_full_path)):
                remote, local = f"{remote_full_path.rstrip('/')}/{name}", os.path.join(local_full_path, name)
                copy = self.store_directory if os.path.isdir(local) else self.store_file
                copy(remote, local, confirm=confirm)

    def delete_file(self, path: str) -> None:
        with self.get_managed_conn() as sftp:
            sftp.remove(path)

    def get_mod_time(self, path: str) -> str:
        """When it changed, as `YYYYMMDDHHMMSS` in UTC."""
        with self.get_managed_conn() as sftp:
            return _time_text(sftp.stat(path).st_mtime)

    def path_exists(self, path: str) -> bool:
        return self._mode(path) is not None

    def isdir(self, path: str) -> bool:
        return stat.S_ISDIR(self._mode(path) or 0)

    def isfile(self, path: str) -> bool:
        return stat.S_ISREG(self._mode(path) or 0)

    def _mode(self, path: str) -> int | None:
        with self.get_managed_conn() as sftp:
            try:
                return int(sftp.stat(path).st_mode)
            except FileNotFoundError:
                return None

    def get_files_by_pattern(self, path: str, fnmatch_pattern: str) -> list[str]:
        """Names in a folder that match."""
        return [name for name in self.list_directory(path) if fnmatch(name, fnmatch_pattern)]

    def get_file_by_pattern(self, path: str, fnmatch_pattern: str) -> str:
        """The first name that matches, or an empty text."""
        return next(iter(self.get_files_by_pattern(path, fnmatch_pattern)), "")

    def test_connection(self) -> tuple[bool, str]:
        """Whether the machine lets us in and lists its files."""
        with self.get_managed_conn() as sftp:
            folder = sftp.normalize(".")
        return True, f"{self.remote_host or self.connection.host} lets us in, in the folder {folder}"


def _name(entry: Any) -> str:
    return str(entry.filename)


def _described(entry: Any) -> dict[str, Any]:
    kind = "dir" if stat.S_ISDIR(entry.st_mode) else "file"
    return {"size": entry.st_size, "type": kind, "modify": _time_text(entry.st_mtime)}


def _time_text(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y%m%d%H%M%S")

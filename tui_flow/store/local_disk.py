"""Is the home on a local disk? SQLite's WAL and kernel locks do not hold between machines."""

from __future__ import annotations

import os
from pathlib import Path

from tui_flow.errors import HomeError

NETWORK_TYPES = frozenset({"9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "nfs", "nfs4", "smb3", "smbfs"})


def require_local_disk(folder: Path) -> None:
    """Raises HomeError for a folder on a network file system."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    kind = file_system_type(os.path.realpath(folder), mounts)
    if kind in NETWORK_TYPES:
        raise HomeError(
            f"{folder} is on a network file system ({kind}), where locks and the database cannot be trusted; "
            "set TUIFLOW_HOME to a folder on a local disk"
        )


def file_system_type(path: str, mounts: str) -> str:
    """The type of the file system that holds `path`, from the text of `mountinfo`; empty when it is not told."""
    best, kind = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = fields[4].replace("\\040", " ").rstrip("/")
        if (path == point or path.startswith(point + "/")) and len(point) >= len(best):
            best, kind = point, after.split(" ")[0]
    return kind

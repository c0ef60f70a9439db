"""Who else could write a DAG file. Whoever can, can run code as us: such files are refused, as cron and sshd do."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from pathlib import Path


class Trust:
    """Whom this account trusts with its DAG files: itself, root, and the members of one group if that is set."""

    def __init__(self, trust_group: str | None = None) -> None:
        self._uid = os.geteuid()
        self._trust_group = trust_group
        self._outsiders: dict[int, str | None] = {}

    def why_unsafe(self, path: str, status: os.stat_result, *, is_parent: bool = False) -> str | None:
        """Why others can change what is at `path`, with the command that ends it; None when they cannot.

        `is_parent`: a folder above the DAGs folder, where the sticky bit is protection enough.
        """
        shown, mode = shlex.quote(str(path)), status.st_mode
        if status.st_uid not in (self._uid, 0):
            owner = _user_name(status.st_uid)
            return f"{shown} belongs to {owner}; chown {_user_name(self._uid)} {shown}"
        if is_parent and mode & stat.S_ISVTX:
            return None
        if mode & stat.S_IWOTH:
            return f"everybody can write to {shown}; chmod o-w {shown}"
        if mode & stat.S_IWGRP and (other := self._other_member(status.st_gid)):
            return f"others in group {_group_name(status.st_gid)} ({other}) can write to {shown}; chmod g-w {shown}"
        return None

    def why_unsafe_above(self, folder: Path) -> str | None:
        """The same for every folder above the DAGs folder, up to `/`."""
        real = Path(os.path.realpath(folder))
        for parent in (*real.parents,):
            if why := self.why_unsafe(str(parent), parent.stat(), is_parent=True):
                return why
        return None

    def _other_member(self, gid: int) -> str | None:
        """Somebody in that group who is neither us nor root; groups of one user are ordinary."""
        if gid not in self._outsiders:
            self._outsiders[gid] = None if _group_name(gid) == self._trust_group else self._find_other_member(gid)
        return self._outsiders[gid]

    def _find_other_member(self, gid: int) -> str | None:
        trusted = {_user_name(self._uid), "root"}
        try:
            listed = grp.getgrgid(gid).gr_mem
        except KeyError:
            listed = []
        primary = [user.pw_name for user in pwd.getpwall() if user.pw_gid == gid]
        return next((name for name in (*listed, *primary) if name not in trusted), None)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)

"""Encryption at rest of variables and connections: Fernet, with the row's name bound inside the token.

The key is a file apart from the home. It is made when the first secret is stored and never replaced: a database that
has secrets whose key is gone refuses to take new ones under another key.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tui_flow.errors import HomeError, HomeNotWritable

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class SecretBox:
    """Seals and opens values with the key in `path`, which is read at the first need."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fernet: Fernet | None = None

    def seal(self, kind: str, name: str, value: str, is_first: bool) -> str:
        """`is_first`: nothing is sealed yet, so a key may be made."""
        if is_first and not self.path.exists():
            _make_key(self.path)
        return self._key().encrypt(json.dumps([kind, name, value]).encode()).decode("ascii")

    def open(self, kind: str, name: str, token: str) -> str:
        """Raises HomeError when the key does not fit or the token belongs to another row."""
        from cryptography.fernet import InvalidToken

        try:
            bound_kind, bound_name, value = json.loads(self._key().decrypt(token))
        except InvalidToken as err:
            raise HomeError(
                f"{kind} {name!r} cannot be decrypted with {self.path}: it was sealed with another key; "
                "put that key back or set the value again"
            ) from err
        if (bound_kind, bound_name) != (kind, name):
            raise HomeError(f"{kind} {name!r} holds the sealed value of {bound_kind} {bound_name!r}; set it again")
        return str(value)

    def _key(self) -> Fernet:
        if self._fernet is None:
            from cryptography.fernet import Fernet  # 100 ms, for those who have secrets only

            try:
                self._fernet = Fernet(_read_key(self.path))
            except ValueError as err:
                raise HomeError(f"{self.path} is not a Fernet key; put the right key back") from err
        return self._fernet


def _read_key(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as err:
        raise HomeError(
            f"the secrets key {path} is missing, so stored variables and connections cannot be used; "
            "put the key back, or name its place in TUIFLOW_SECRETS_KEY_FILE"
        ) from err
    except OSError as err:
        raise HomeError(f"the secrets key {path} cannot be read: {err.strerror}") from err
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if mode & 0o077:
            raise HomeError(f"the secrets key {path} can be read by others (mode {mode & 0o777:o}); `chmod 600 {path}`")
        return file.read().strip()


def _make_key(path: Path) -> None:
    from cryptography.fernet import Fernet

    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(descriptor)
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as err:
        raise HomeNotWritable(f"the secrets key {path} cannot be made: {err.strerror}; see to its folder") from err
    finally:
        draft.unlink(missing_ok=True)

"""Secrets that this process knows, and text without them. Applied before anything is written.

A secret is found in each of the forms it usually leaves a program in: as it is, base64, URL-encoded, JSON-escaped,
shell-quoted, and each longer line of a multi-line key. Not found: what a program itself splits or transforms otherwise.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_SECRET_CHARS = 5
MIN_LINE_CHARS = 8
_MAX_DEPTH = 5
_SENSITIVE_PARTS = [
    "access_key",
    "access_token",
    "api_key",
    "apikey",
    "auth_header",
    "authorization",
    "bearer",
    "connection_string",
    "dsn",
    "keyfile_dict",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "proxy",
    "proxies",
    "secret",
    "service_account",
    "service_key",
    "token",
]


class SecretsMasker:
    """The registry: secrets are added while the process runs and never leave it."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()
        self.longest = 0
        """Length of the longest secret in any of its forms."""

    def add(self, secret: str) -> bool:
        """Whether it was new, and long enough to be masked."""
        with self._lock:
            new = set(_forms_of(secret)) - self._forms
            if not new:
                return False
            self._forms |= new
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
            self.longest = len(longest_first[0])
            return True

    def redact(self, text: str) -> str:
        """`text` with every secret in it replaced by `***`."""
        pattern = self._pattern
        return pattern.sub(MASK, text) if pattern is not None else text

    def redact_value(self, value: Any, name: str | None = None, depth: int = 0) -> Any:
        """As `redact`, through dicts and lists; what stands under a sensitive name is replaced whole."""
        if name and is_sensitive_name(name) and isinstance(value, str | bytes) and value:
            return MASK
        if isinstance(value, str):
            return self.redact(value)
        if depth >= _MAX_DEPTH:
            return value
        if isinstance(value, Mapping):
            return {k: self.redact_value(v, k if isinstance(k, str) else None, depth + 1) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            masked = [self.redact_value(part, name, depth + 1) for part in value]
            return tuple(masked) if isinstance(value, tuple) else masked
        return value


MASKER = SecretsMasker()
_listeners: list[Callable[[], None]] = []


def on_new_secret(listener: Callable[[], None]) -> None:
    """Have `listener` called after each new secret, before `mask_secret` returns."""
    _listeners.append(listener)


def mask_secret(secret: Any, name: str | None = None) -> None:
    """Keep `secret` (text, or the texts of a dict or list) out of logs and screens from now on.

    With a `name`, only if the name is a sensitive one such as `password`. Fewer than 5 characters are not masked.
    """
    added = [MASKER.add(text) for text in _texts_in(secret, name)]
    if any(added):
        for listener in _listeners:
            listener()


def redact(text: str) -> str:
    """`text` without the secrets that this process knows."""
    return MASKER.redact(text)


def is_sensitive_name(name: str) -> bool:
    """Whether values of that name (`db_password`, `API-Key`) are secrets."""
    lowered = name.strip().lower().replace("-", "_")
    return any(part in lowered for part in _SENSITIVE_PARTS)


def _texts_in(secret: Any, name: str | None) -> Iterator[str]:
    if isinstance(secret, Mapping):
        for key, value in secret.items():
            yield from _texts_in(value, str(key))
    elif isinstance(secret, str):
        if not name or is_sensitive_name(name):
            yield secret
    elif isinstance(secret, bytes):
        yield from _texts_in(secret.decode("utf-8", "backslashreplace"), name)
    elif isinstance(secret, Iterable):
        for part in secret:
            yield from _texts_in(part, name)


def _forms_of(secret: str) -> Iterator[str]:
    secret = secret.strip()
    if len(secret) < MIN_SECRET_CHARS:
        return
    yield secret
    data = secret.encode("utf-8", "surrogatepass")
    yield base64.b64encode(data).decode().rstrip("=")
    yield base64.urlsafe_b64encode(data).decode().rstrip("=")
    yield quote(data, safe="")
    yield quote_plus(data)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield shlex.quote(secret)
    if "\n" in secret:
        yield from (line.strip() for line in secret.splitlines() if len(line.strip()) >= MIN_LINE_CHARS)

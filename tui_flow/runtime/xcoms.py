"""XCom values between a task and the store: typed JSON text, large values in files of the home."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tui_flow.sdk import xcom
from tui_flow.sdk.exceptions import XComNotSerializable

_FILE_PREFIX = '{"$file":'
SHARED_INLINE_BYTES = 2048
KEPT = 4
_DECODED: dict[str, Any] = {}
"""Values of shared files by their stored text. An attempt has a copy of its own, as of all its host's memory."""


class XComFiles:
    """Encodes and decodes; `inline_bytes` and above go to a file, above `max_bytes` a push is refused."""

    def __init__(self, folder: Path, inline_bytes: int, max_bytes: int) -> None:
        self._folder = folder
        self._inline = inline_bytes
        self._max = max_bytes

    def encode(self, value: Any, key: str, *, is_shared: bool = False) -> str:
        """The text to store. Raises XComNotSerializable for what would not come back as it went in, or is too large.

        What many attempts will read (`is_shared`) goes to a file early, so that a name travels and not the value.
        """
        try:
            text = xcom.encode(value)
        except XComNotSerializable as err:
            place = _place_of(value)
            raise XComNotSerializable(f"XCom {key!r}{f', {place}' if place else ''}: {err}") from err
        size = len(text.encode("utf-8", "surrogatepass"))
        if size <= (min(self._inline, SHARED_INLINE_BYTES) if is_shared else self._inline):
            return text
        if size > self._max:
            raise XComNotSerializable(
                f"XCom {key!r} has {size} bytes, over the limit of {self._max} ([xcom] max_bytes); "
                "write it to a file and push the path"
            )
        return self._spill(text)

    def keep_decoded(self, texts: Iterable[str]) -> None:
        """In a host: read shared files once, for all attempts that are forked from it."""
        for text in texts:
            if text.startswith(_FILE_PREFIX) and text not in _DECODED:
                if len(_DECODED) >= KEPT:
                    del _DECODED[next(iter(_DECODED))]
                _DECODED[text] = self.decode(text)

    def decode(self, text: str) -> Any:
        if text in _DECODED:
            return _DECODED[text]
        if text.startswith(_FILE_PREFIX):
            text = (self._folder / json.loads(text)["$file"]).read_text(encoding="utf-8")
        return xcom.decode(text)

    def _spill(self, text: str) -> str:
        data = text.encode()
        name = hashlib.sha256(data).hexdigest()
        path = self._folder / name
        try:
            os.utime(path)  # used again: young files are not removed
        except FileNotFoundError:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            fd, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=self._folder)
            try:
                with open(fd, "wb") as file:
                    file.write(data)
                os.rename(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise
        return json.dumps({"$file": name}, separators=(",", ":"))


def _place_of(value: Any) -> str:
    try:
        return xcom.culprit(value)
    except RecursionError:  # it contains itself
        return ""

"""`AssetWatcher`: an asset that is updated when a file changes, without a task. The scheduler watches, and runs no code
of the author's for that."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote, urlsplit

from tui_flow.errors import BadDag
from tui_flow.spec import Json


class AssetWatcher:
    """Watches `path`, the file that `trigger` names, or the file that the asset's `file:` URI names.

    Of Airflow's triggers those with a `filepath` are understood; a `FileDeleteTrigger` and a
    `DirectoryFileDeleteTrigger` have the file deleted.
    """

    def __init__(self, name: str, trigger: Any = None, *, path: str | os.PathLike[str] | None = None) -> None:
        if trigger is not None and path is not None:
            raise TypeError(f"AssetWatcher {name!r}: give a path or a trigger, not both")
        self.name, self.trigger, self.path = name, trigger, path

    def describe(self, asset_name: str, uri: str) -> dict[str, Json]:
        """As JSON. Raises BadDag where there is no file to watch."""
        found: dict[str, Json] = {"name": self.name, "path": self._file(asset_name, uri)}
        if type(self.trigger).__name__.endswith("FileDeleteTrigger"):
            found["deletes"] = True
        return found

    def _file(self, asset_name: str, uri: str) -> str:
        path = self.path if self.trigger is None else getattr(self.trigger, "filepath", None)
        if path is None and self.trigger is not None:
            raise BadDag(
                f"asset {asset_name!r}: a {type(self.trigger).__name__} cannot watch it, only files are watched; "
                "let a task with the asset as its outlet do it, or `tuiflow assets event`"
            )
        if path is None:
            parts = urlsplit(uri)
            path = unquote(parts.path) if parts.scheme == "file" and not parts.netloc else ""
        text = os.path.expanduser(os.fspath(path))
        if not os.path.isabs(text):
            raise BadDag(
                f"asset {asset_name!r}: the watcher {self.name!r} has no absolute path to watch; "
                "give AssetWatcher(name, path='/...') or the asset a URI like file:///data/in.csv"
            )
        return os.path.normpath(text)

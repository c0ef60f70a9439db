"""`SFTPSensor`: waits for a file, or for files that match a pattern, on another machine."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from tui_flow.operators.sftp_hook import SFTPHook
from tui_flow.sdk.context import Context
from tui_flow.sdk.sensor import BaseSensorOperator, PokeReturnValue
from tui_flow.sdk.timezone import coerce_datetime


class SFTPSensor(BaseSensorOperator):
    """With `file_pattern` the path is a folder. `newer_than` leaves out what changed before. The result: the paths."""

    template_fields: Collection[str] = ("path", "newer_than")

    def __init__(
        self,
        *,
        path: str,
        file_pattern: str = "",
        newer_than: datetime | str | None = None,
        sftp_conn_id: str = SFTPHook.default_conn_name,
        deferrable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.path, self.file_pattern, self.newer_than = path, file_pattern, newer_than
        self.sftp_conn_id, self.deferrable = sftp_conn_id, deferrable

    def poke(self, context: Context) -> PokeReturnValue:
        self.log.info("Poking for %s %s", self.path, self.file_pattern)
        hook = SFTPHook(self.sftp_conn_id)
        with hook.get_managed_conn():
            if not hook.path_exists(self.path):
                return PokeReturnValue(False)
            found = [path for path in self._candidates(hook) if self._is_new(hook.get_mod_time(path))]
        return PokeReturnValue(bool(found), found)

    def _candidates(self, hook: SFTPHook) -> list[str]:
        if not self.file_pattern:
            return [self.path]
        folder = self.path.rstrip("/")
        return [f"{folder}/{name}" for name in hook.get_files_by_pattern(self.path, self.file_pattern)]

    def _is_new(self, changed: str) -> bool:
        if not self.newer_than:
            return True
        since = self.newer_than if isinstance(self.newer_than, datetime) else datetime.fromisoformat(self.newer_than)
        return datetime.strptime(changed, "%Y%m%d%H%M%S").replace(tzinfo=UTC) >= coerce_datetime(since)

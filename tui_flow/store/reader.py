"""What anybody may read: `Reader`, on a connection that cannot write. Needs only the standard library."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from tui_flow.settings import key_file
from tui_flow.store.connect import BUSY_S
from tui_flow.store.opening import SCHEMA_VERSION, open_for_reading
from tui_flow.store.read_assets import AssetReads
from tui_flow.store.read_dags import DagReads
from tui_flow.store.read_grid import GridReads
from tui_flow.store.read_history import HistoryReads
from tui_flow.store.read_input import InputReads
from tui_flow.store.read_runs import RunReads
from tui_flow.store.read_screens import ScreenReads
from tui_flow.store.read_settings import SettingsReads
from tui_flow.store.read_state_store import StateStoreReads
from tui_flow.store.read_tasks import TaskReads
from tui_flow.store.secrets import SecretBox


class Reads(
    DagReads,
    RunReads,
    TaskReads,
    AssetReads,
    ScreenReads,
    GridReads,
    HistoryReads,
    SettingsReads,
    InputReads,
    StateStoreReads,
):
    """Every read, on whatever connection: a `Reader`'s own, or inside a `Writer`'s transaction."""


class Reader(Reads):
    """Reads the database at `path`. Raises DatabaseMissing, DatabaseForeign, DatabaseTooNew or HomeError."""

    def __init__(self, path: Path, secrets_key: Path | None = None, patience_s: float = BUSY_S) -> None:
        super().__init__(open_for_reading(path, patience_s), path, SecretBox(secrets_key or key_file()))

    def data_version(self) -> int:
        """Changes when another connection has committed; costs microseconds."""
        return int(self._all("PRAGMA data_version")[0][0])

    def has_moved_on(self) -> bool:
        """Whether another version of the program has changed the schema since this was opened."""
        return int(self._all("PRAGMA user_version")[0][0]) != SCHEMA_VERSION

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

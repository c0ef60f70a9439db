"""Keeping the database healthy: checkpoints, backups, checks, and removal of what is old."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tui_flow.errors import BadInput, DatabaseForeign
from tui_flow.state import FINISHED_RUN
from tui_flow.store.connect import BUSY_S, explain, not_writable
from tui_flow.store.rows import micros
from tui_flow.store.schema import ACTIVE_ATTEMPTS, in_list
from tui_flow.store.write_settings import SettingsWrites

PASSIVE_AFTER = 1000
"""Changed rows between checkpoints that wait for nobody."""
TRUNCATE_ABOVE_BYTES = 64 * 1024**2
ROWS_PER_SLICE = 10_000
"""A removal ends with the run that reaches this; 10,000 rows take some 30 ms."""
_REMOVE_RUN = f"""DELETE FROM dag_run WHERE id = ? AND {in_list("state", FINISHED_RUN)} AND NOT EXISTS
    (SELECT 1 FROM task_attempt a WHERE a.run = dag_run.id AND a.{ACTIVE_ATTEMPTS})"""


class Maintenance(SettingsWrites):
    _checkpointed_at = 0
    _truncated_at = 0

    def checkpoint(self, is_idle: bool) -> None:
        """Move committed pages from the WAL into the database where it is time to. Call after commits; it is cheap."""
        total = self._connection.total_changes
        if is_idle and total != self._truncated_at and self.wal_bytes() > TRUNCATE_ABOVE_BYTES:
            self._truncated_at = total  # where a reader is in the way, not again before there is more to move
            self._connection.execute("PRAGMA busy_timeout = 0").fetchall()
            self._checkpoint("TRUNCATE")
            self._connection.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000}").fetchall()
        elif total - self._checkpointed_at >= PASSIVE_AFTER:
            self._checkpoint("PASSIVE")

    def wal_bytes(self) -> int:
        try:
            return os.stat(f"{self.path}-wal").st_size
        except FileNotFoundError:
            return 0

    def _checkpoint(self, kind: str) -> None:
        self._process.check()
        try:
            self._connection.execute(f"PRAGMA wal_checkpoint({kind})").fetchall()
        except sqlite3.Error as err:
            raise explain(err, self.path) from err
        self._checkpointed_at = self._connection.total_changes

    def quick_check(self) -> None:
        """Raises DatabaseForeign when the database is damaged; seconds per million task instances with attempts."""
        self._process.check()
        _quick_check(self._connection, self.path)

    def backup(self, copy: Path) -> None:
        """A checked copy at `copy`, which must not exist yet; safe while others read."""
        self._process.check()
        draft = copy.with_name(f"{copy.name}.part")
        try:
            draft.unlink(missing_ok=True)
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            self._connection.execute("VACUUM INTO ?", (str(draft),))
            _check_copy(draft)
            os.link(draft, copy)
        except FileExistsError as err:
            raise BadInput(f"{copy} is there already; choose another name for the copy") from err
        except OSError as err:
            raise not_writable(copy, err) from err
        except sqlite3.Error as err:
            raise explain(err, copy) from err
        finally:
            draft.unlink(missing_ok=True)

    def rescue(self, now: datetime) -> Path:
        """A copy of what is open although its file is gone, beside where it was."""
        copy = self.path.with_name(f"rescue-{now:%Y%m%dT%H%M%S}.db")
        self.backup(copy)
        return copy

    def remove_runs(self, runs: Sequence[int]) -> list[int]:
        """Remove these finished runs with all that belongs to them, in order; which. It stops early so that others get
        their turn, and passes over runs that are not finished or of which something is alive."""
        with self.transaction() as connection:
            gone, start = [], connection.total_changes
            for run in runs:
                if connection.execute(_REMOVE_RUN, (run,)).rowcount:
                    gone.append(run)
                if connection.total_changes - start > ROWS_PER_SLICE:
                    break
            return gone

    def clean_events(self, before: datetime) -> int:
        """Remove some lines of the audit trail from before; how many. Call until it says 0."""
        with self.transaction() as connection:
            sql = "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < ? LIMIT ?)"
            return connection.execute(sql, (micros(before), ROWS_PER_SLICE)).rowcount

    def forget_answers(self, before: datetime) -> None:
        """Answers to requests older than that."""
        self.change("DELETE FROM request WHERE created_at < ?", (micros(before),))


def _quick_check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as err:
        raise explain(err, path) from err
    if found != [("ok",)]:
        raise DatabaseForeign(f"{path} is damaged ({found[0][0]}); restore a backup (`tuiflow db check` tells more)")


def _check_copy(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        _quick_check(connection, path)
    finally:
        connection.close()

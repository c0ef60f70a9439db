"""The write connection: transactions, fork guard, identity of the file under it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tui_flow.errors import DatabaseForeign
from tui_flow.settings import key_file
from tui_flow.store.connect import OneProcess, Row, connect_writer, explain
from tui_flow.store.opening import boot_id, ensure_current, look, machine_meta
from tui_flow.store.reader import Reads
from tui_flow.store.secrets import SecretBox


class WriteBase:
    """Opens the database, and makes it where there is none. Only who holds the home lock may have one.

    Raises HomeNotWritable, DatabaseForeign, DatabaseTooNew or DiskFull. `takeover`: accept another machine's database.
    """

    def __init__(self, path: Path, secrets_key: Path | None = None, takeover: bool = False) -> None:
        self.path = path
        self.boot_id = boot_id()
        ensure_current(path, takeover)
        self._process = OneProcess()
        self._connection = connect_writer(path)
        self._secrets = SecretBox(secrets_key or key_file())
        self._file = _identity(path)
        self.reads = Reads(self._connection, path, self._secrets)
        """Reads on the write connection: what they see in a transaction is what it has written."""
        self._sign()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. One inside another joins it: then an error must leave the outer one too."""
        self._process.check()
        connection = self._connection
        if connection.in_transaction:
            yield connection
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as err:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(err, sqlite3.Error):
                raise explain(err, self.path) from err
            raise

    def change(self, sql: str, values: Row = ()) -> int:
        """One statement in a transaction; how many rows it changed."""
        with self.transaction() as connection:
            return connection.execute(sql, values).rowcount

    def check_file(self) -> None:
        """Raises DatabaseForeign when the file at our path is not the open one any more: deleted, replaced, linked.

        Writes would go on succeeding into a file without a name. Costs one `stat`.
        """
        try:
            found = os.stat(self.path)
        except OSError as err:
            raise DatabaseForeign(f"{self.path} is gone while it is in use; `rescue` keeps what is still open") from err
        if (found.st_dev, found.st_ino) != self._file:
            raise DatabaseForeign(
                f"{self.path} was replaced by another file while in use; stop the scheduler to restore"
            )
        if found.st_nlink != 1:
            raise DatabaseForeign(
                f"{self.path} has {found.st_nlink} hard links, which damages SQLite files; remove the others"
            )

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _sign(self) -> None:
        """Write down which machine and version writes from now on; refuses a file that cannot be written."""
        mine = machine_meta()
        with self.transaction() as connection:
            known = look(connection, self.path).meta
            if any(known.get(key) != value for key, value in mine.items()):
                connection.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", sorted(mine.items()))


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino

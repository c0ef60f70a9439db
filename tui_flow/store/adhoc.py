"""What `tuiflow db` does beside a running scheduler, on read-only connections: ad-hoc queries, checks, backups."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tui_flow.errors import BadInput
from tui_flow.store.connect import explain
from tui_flow.store.opening import open_for_reading


def query(path: Path, sql: str, limit: int) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and at most `limit` rows of one statement. Raises BadInput for SQL that cannot be run read-only."""
    with closing(open_for_reading(path)) as connection:
        try:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            return names, cursor.fetchmany(limit)
        except (sqlite3.Error, sqlite3.Warning, ValueError) as err:
            raise BadInput(f"the query cannot be run: {err}") from err


def problems(path: Path) -> list[str]:
    """What is damaged, one line each: pages, indexes, references; empty when all is well."""
    with closing(open_for_reading(path)) as connection:
        try:
            found = [str(text) for (text,) in connection.execute("PRAGMA integrity_check(20)") if text != "ok"]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
        except sqlite3.Error as err:
            raise explain(err, path) from err
    return found + [f"{table} row {row} refers to a missing {parent}" for table, row, parent, _ in broken]


def back_up(path: Path, copy: Path) -> None:
    """A whole, consistent copy at `copy`, which must not exist; the scheduler goes on meanwhile."""
    if copy.exists():
        raise BadInput(f"{copy} is there already; name a new file")
    draft = copy.with_name(f"{copy.name}.part")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with closing(open_for_reading(path)) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        os.link(draft, copy)
    except OSError as err:
        raise BadInput(f"cannot write {copy}: {err.strerror}; name a file in a folder that is yours") from err
    except sqlite3.Error as err:
        raise explain(err, copy) from err
    finally:
        draft.unlink(missing_ok=True)

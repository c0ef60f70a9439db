"""Reads variables, connections and pools out of the database of an Airflow, of any version from 1.10. Changes nothing.

SQLite is read by the standard library, any other database by SQLAlchemy. Columns are taken by name where they are
there, so that one reader serves all versions.
"""

from __future__ import annotations

import configparser
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_flow.cli.airflow_holdings import Holdings
from tui_flow.errors import BadInput, TuiflowError
from tui_flow.logs.safe import safe
from tui_flow.operators.sql_drivers import DRIVERS, NoDriver, installed_scheme

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

Row = Mapping[str, Any]
_TABLES = ("variable", "connection", "slot_pool")
_SQLITE = "sqlite:///"
_KINDS = {"postgresql": "postgres"}
"""SQLAlchemy's name for a kind of database, where it is another than a connection's."""
_NO_KEY = "give its key with --fernet-key or AIRFLOW__CORE__FERNET_KEY"


class AirflowSettings:
    """Where an Airflow's database and key are: its own environment variables, then its airflow.cfg."""

    def __init__(self, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        self.folder, self._environ = folder, environ
        self._file = configparser.RawConfigParser(strict=False)
        try:
            self._file.read(folder / "airflow.cfg", encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError) as err:
            raise BadInput(f"{folder / 'airflow.cfg'} cannot be read: {safe(str(err).splitlines()[0])}") from err

    def get(self, section: str, key: str) -> str:
        named = self._environ.get(f"AIRFLOW__{section.upper()}__{key.upper()}")
        return named or str(self._file.get(section, key, fallback=""))

    def url(self) -> str:
        found = self.get("database", "sql_alchemy_conn") or self.get("core", "sql_alchemy_conn")
        return found.replace("{AIRFLOW_HOME}", str(self.folder)) or f"{_SQLITE}{self.folder / 'airflow.db'}"

    def fernet_key(self) -> str:
        return self.get("core", "fernet_key")


def airflow_folder() -> Path:
    return Path(os.environ.get("AIRFLOW_HOME") or "~/airflow").expanduser()


def read_database(url: str, fernet_key: str) -> Holdings:
    """Raises BadInput for what is no Airflow's database, TuiflowError where none answers."""
    tables = _sqlite_tables(_sqlite_file(url)) if _is_sqlite(url) else _other_tables(url)
    found, box = Holdings(), _box(fernet_key)
    for row in tables["variable"]:
        _take_variable(found, row, box)
    for row in tables["connection"]:
        _take_connection(found, row, box)
    for row in tables["slot_pool"]:
        found.pools[str(row["pool"])] = {
            "slots": row["slots"],
            "description": row.get("description") or "",
            "include_deferred": bool(row.get("include_deferred")),
        }
    return found


def _take_variable(found: Holdings, row: Row, box: MultiFernet | None) -> None:
    key = str(row["key"])
    try:
        value = _opened(row.get("val"), row.get("is_encrypted"), box)
    except ValueError as err:
        found.problems.append(f"variable {key!r} {err}")
    else:
        found.add_variable(key, value or "", row.get("description"))


def _take_connection(found: Holdings, row: Row, box: MultiFernet | None) -> None:
    conn_id = str(row["conn_id"])
    fields = {name: row.get(name) for name in ("conn_type", "description", "host", "schema", "login", "port")}
    try:
        fields["password"] = _opened(row.get("password"), row.get("is_encrypted"), box)
        fields["extra"] = _opened(row.get("extra"), row.get("is_extra_encrypted"), box)
    except ValueError as err:
        found.problems.append(f"connection {conn_id!r} {err}")
    else:
        found.add_connection(conn_id, {name: value for name, value in fields.items() if value not in (None, "")})


def _opened(value: str | None, is_encrypted: Any, box: MultiFernet | None) -> str | None:
    """Raises ValueError, with what is wrong in words, for what cannot be decrypted."""
    if not value or not is_encrypted:
        return value
    if box is None:
        raise ValueError(f"is encrypted; {_NO_KEY}")
    from cryptography.fernet import InvalidToken  # loaded with the box

    try:
        return box.decrypt(value.encode()).decode()
    except (InvalidToken, UnicodeDecodeError) as err:
        raise ValueError(f"was encrypted with another Fernet key; {_NO_KEY}") from err


def _box(key: str) -> MultiFernet | None:
    """Several keys stand one after the other with commas between, the newest first."""
    if not key:
        return None
    from cryptography.fernet import Fernet, MultiFernet  # 100 ms, where something is encrypted

    try:
        return MultiFernet([Fernet(part.strip()) for part in key.split(",")])
    except ValueError as err:
        raise BadInput("the Fernet key is none: it must be 32 bytes in URL-safe base64") from err


def _is_sqlite(url: str) -> bool:
    return "://" not in url or url.startswith("sqlite")


def _sqlite_file(url: str) -> Path:
    """`sqlite:////absolute`, `sqlite:///relative`, or simply a file."""
    path = url.partition("?")[0].partition(":///")[2] if "://" in url else url
    found = Path(path).expanduser()
    if not found.is_file():
        raise BadInput(f"there is no database {found}; name it with --db (a file, or a URL), or files with --export")
    return found


def _sqlite_tables(path: Path) -> dict[str, list[Row]]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return {table: [dict(row) for row in database.execute(f"SELECT * FROM {table}")] for table in _TABLES}
    except sqlite3.Error as err:
        raise BadInput(f"{path} is not a database of Airflow's: {err}") from err


def _other_tables(url: str) -> dict[str, list[Row]]:
    try:
        from sqlalchemy import create_engine, text
        from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
    except ImportError as err:
        raise TuiflowError("databases other than SQLite need an extra: pip install 'tuiflow[sql]'") from err
    kind, _, rest = url.partition("://")
    try:
        with create_engine(f"{_scheme(kind)}://{rest}").connect() as database:
            return {
                table: [dict(row) for row in database.execute(text(f"SELECT * FROM {table}")).mappings()]
                for table in _TABLES
            }
    except ProgrammingError as err:
        raise BadInput(f"the {kind} database is not one of Airflow's: {' '.join(_said(err, url))}") from err
    except (SQLAlchemyError, ImportError, NoDriver) as err:
        raise TuiflowError(f"the {kind} database cannot be read: {' '.join(_said(err, url))}") from err


def _scheme(named: str) -> str:
    """The scheme of a driver that is installed: the one that an Airflow uses need not be here."""
    dialect = named.partition("+")[0]
    kind = _KINDS.get(dialect, dialect)
    return installed_scheme(kind, named) if kind in DRIVERS else named


def _said(err: Exception, url: str) -> Iterator[str]:
    """The first line of the driver's error, without the URL and what stands in it before the host."""
    first = str(err).splitlines()[0]
    secret = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    yield safe(first.replace(url, "the URL").replace(secret, "***") if secret else first)
    if isinstance(err, ImportError):
        yield "- install the driver that the URL names"

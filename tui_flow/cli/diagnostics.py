"""What somebody who is to help needs to know of an installation, as text: nothing that is secret is in it.

Every part stands whatever is wrong with the others: what cannot be told is told as an error.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path

from tui_flow import __version__, times
from tui_flow.cli.act import ask
from tui_flow.cli.inputs import write_file
from tui_flow.errors import TuiflowError
from tui_flow.logs import read_tail
from tui_flow.masking import SecretsMasker, is_sensitive_name
from tui_flow.settings import Home, dags_folder, key_file, load_settings
from tui_flow.settings_sources import settings_rows
from tui_flow.state import RunState
from tui_flow.store.lock import read_holder
from tui_flow.store.lockers import lockers
from tui_flow.store.reader import Reader

LOG_LINES = 200
LOG_BYTES = 256 * 1024
PACKAGES = ("textual", "rich", "typer", "sqlite-utils", "croniter", "pendulum", "jinja2", "apache-airflow")
SHORTEST_SECRET = 4
"""Characters; shorter values of variables stand in too much that is none."""
_CREDENTIALS = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_MASK = "***"


def diagnostics_text(home: Home, at: datetime) -> str:
    """All parts, one after the other."""
    parts: tuple[tuple[str, Callable[[], Iterable[str]]], ...] = (
        ("versions", _versions),
        ("places", lambda: _places(home)),
        ("settings", lambda: _settings(home)),
        ("environment (names only)", lambda: sorted(name for name in os.environ if name.startswith("TUIFLOW_"))),
        ("scheduler", lambda: _scheduler(home)),
        ("database", lambda: _database(home)),
        ("import errors", lambda: _import_errors(home)),
        ("failed in the last day", lambda: _failed(home, at)),
        (f"last {LOG_LINES} lines of the scheduler's log", lambda: tail(home.scheduler_log)),
    )
    lines = [f"tuiflow diagnostics, {at:%Y-%m-%d %H:%M:%S} UTC"]
    for title, part in parts:
        lines += ["", f"== {title}", *_told(part)]
    return _without_secrets(home, "\n".join(lines) + "\n")


def _told(part: Callable[[], Iterable[str]]) -> list[str]:
    try:
        return list(part())
    except (TuiflowError, OSError, sqlite3.Error) as err:
        return [f"cannot be told: {err}"]


def _versions() -> list[str]:
    found = [f"tuiflow {__version__}", f"python {platform.python_version()} ({sys.executable})"]
    found += [f"sqlite {sqlite3.sqlite_version}", f"{platform.platform()}, {os.cpu_count()} CPUs"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return found


def _places(home: Home) -> list[str]:
    usage = shutil.disk_usage(home.root)
    folder = dags_folder(home, load_settings(home))
    return [
        f"home {home.root}",
        f"DAGs {folder}{'' if folder.is_dir() else ' (not there)'}",
        f"secrets key {key_file()}{'' if key_file().exists() else ' (not there)'}",
        f"disk {usage.used / usage.total:.0%} full, {usage.free // 2**20} MiB free",
    ]


def _settings(home: Home) -> list[str]:
    return [
        f"{row.section}.{row.key} = {_MASK if is_sensitive_name(row.key) else row.value!r}  ({row.source})"
        for row in settings_rows(home, load_settings(home))
    ]


def _scheduler(home: Home) -> list[str]:
    holder = read_holder(home)
    if holder is None:
        return ["not running"]
    answer = ask(home, "status", {}, timeout_s=2.0)
    known = {name: value for name, value in answer.items() if name != "settings"} if isinstance(answer, dict) else {}
    return [str(holder), json.dumps(known, indent=1)]


def _database(home: Home) -> list[str]:
    files = [home.database.with_name(home.database.name + end) for end in ("", "-wal", "-shm")]
    found = [f"{file.name} {file.stat().st_size} bytes" for file in files if file.exists()]
    found += [f"locked by {who}" for who in lockers(home.database)]
    with Reader(home.database) as reader:
        found += [f"{name} {value}" for name, value in sorted(reader.meta().items())]
        dags = reader.dags(with_missing=False)
        found.append(f"{len(dags)} DAGs, {sum(dag.is_paused for dag in dags)} paused; {len(reader.files())} files")
        found += [f"runs {state}: {count}" for state, count in reader.run_counts().items()]
        found += [f"tasks {state}: {count}" for state, count in reader.live_counts().items()]
        for use in reader.pools():
            found.append(f"pool {use.pool.name}: {use.running} running, {use.queued} queued of {use.pool.slots}")
        kept = (len(reader.variable_keys()), len(reader.connection_ids()), len(reader.assets()))
        found.append("{} variables, {} connections, {} assets".format(*kept))
    return found


def _import_errors(home: Home) -> list[str]:
    with Reader(home.database) as reader:
        return [f"{row.file}, line {row.line}:\n{row.message}" for row in reader.import_errors()]


def _failed(home: Home, at: datetime) -> list[str]:
    with Reader(home.database) as reader:
        runs = reader.runs(states=[RunState.FAILED], since=at - timedelta(days=1), limit=50)
        return [f"{run.dag_id} {run.run_id}: {run.reason or 'failed'}" for run in runs]


def tail(path: Path) -> list[str]:
    """Its last lines."""
    return read_tail(path, LOG_BYTES).splitlines()[-LOG_LINES:] if path.exists() else ["there is none"]


def _without_secrets(home: Home, text: str) -> str:
    """What variables and connections hold is masked wherever it stands, and so is what URLs log in with."""
    masker = SecretsMasker()
    try:
        with Reader(home.database) as reader:
            values = [row.value for row in reader.variables()]
            for row in reader.connections():
                values += [row.password or "", row.extra or "", *_texts(row.extra)]
    except (TuiflowError, sqlite3.Error):
        values = []
    for value in values:
        if len(value) >= SHORTEST_SECRET:
            masker.add(value)
    return _CREDENTIALS.sub(_MASK, masker.redact(text))


def _texts(extra: str | None) -> list[str]:
    """The values in a connection's extra."""
    try:
        found = json.loads(extra or "{}")
    except ValueError:
        return []
    return [value for value in found.values() if isinstance(value, str)] if isinstance(found, dict) else []


def default_name(at: datetime) -> str:
    return f"tuiflow-diagnostics-{at:%Y%m%dT%H%M%S}.txt"


def write_diagnostics(home: Home, folder: Path) -> Path:
    """To a new file in a folder, which only its owner can read."""
    at = times.now()
    path = folder / default_name(at)
    write_file(str(path), diagnostics_text(home, at))
    return path

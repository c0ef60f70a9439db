"""A home in which every text that a page may show tries to steer the terminal, or is markup."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

from tests.integration.store_kit import NOW, run_of, started, store
from tests.tui.homes import HOSTILE, fill
from tests.tui.hostile_rows import fill_tables
from tests.unit.planner.dsl import dag_of
from tui_flow.logs import Level, Source, log_path, stamp
from tui_flow.records import ConnectionRow, Pool
from tui_flow.settings import Home
from tui_flow.spec import DagSpec
from tui_flow.store.writer import Writer

ATTACKS = (
    "\x1b]52;c;aGFja2Vk\x07",  # the clipboard
    "\x1b]0;title\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x9b2J\x9d52;c;aGk=\x9c",
    "\x1bc\x1b[2J\x1b[?1049l",
    "\x1b[6n\x1b[c\x05",  # the terminal would answer as if keys were typed
    "\u202edesrever\u2066",
    "[@click=app.quit()]x[/] [/] [red]",
    "a\rb\nc\td\x08\x7f\x00",
    "wide 漢字 👩\u200d👧 e\u0301",
)
ALL = " ".join(ATTACKS)


def fill_with_attacks(home: Home) -> None:
    fill(home, "etl", *HOSTILE, *(f"d{attack}" for attack in ATTACKS[:4]), f"d{ALL}")
    with Writer(home.database) as writer:
        spec = _spec()
        store(writer, spec, replace(spec, doc=ALL * 2), file="hostile.py")
        run = run_of(writer, spec, f"manual{ALL}", NOW, conf={ALL: ALL})
        asking = started(writer, run, "b")
        writer.store_import_error("bad\x1b[2J.py", ALL, 3, NOW)
        writer.set_pool(Pool(ALL, 1, False, ALL))
        secret = f"secret {ALL}"  # a longer text than what others show: else it is masked there, and proves nothing
        writer.set_variable(ALL, secret, ALL, NOW)
        row = ConnectionRow(ALL, ALL, ALL, ALL, secret, ALL, 1, json.dumps({ALL: secret}), ALL)
        writer.set_connection(row, NOW)
    with closing(sqlite3.connect(home.database)) as db, db:
        fill_tables(db, ALL, run, asking, int(NOW.timestamp()) * 1_000_000)
    _write_logs(home)


def _spec() -> DagSpec:
    params = {"p": {"type": "string", "default": ALL, "description": ALL, "title": ALL}, ALL: {"default": ALL}}
    spec = dag_of("a >> b", dag_id="hostile", description=ALL, doc=ALL, tags=(ALL,), params=params)
    tasks = tuple(replace(task, doc=ALL, display_name=ALL, owner=ALL, operator=ALL) for task in spec.tasks)
    more = replace(tasks[-1], task_id=f"t{ALL}", upstream=("b",))
    return replace(spec, tasks=(*tasks, more))


def _write_logs(home: Home) -> None:
    for run_id in ("r0", "r1"):
        path = log_path(home.logs, "etl", run_id, "a", -1, 1)
        path.parent.mkdir(parents=True)
        lines = [f"{number} {attack} error" for number in range(20) for attack in (*ATTACKS, ALL)]
        stamped = b"".join(stamp(line, Source.STDOUT, Level.ERROR, at_ns=1_767_225_600_000_000_000) for line in lines)
        path.write_bytes(stamped + bytes(range(256)) * 4 + b"\xff\xfe\n" + b"x" * 100_000 + ALL.encode())

"""Whether a connection works: the hook of its type tries it, in a child process."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from typing import Any

from tui_flow.errors import TuiflowError
from tui_flow.records import ConnectionRow
from tui_flow.runtime.processes import python_module

TIMEOUT_S = 60


def try_connection(connection: ConnectionRow) -> dict[str, Any]:
    """`{"ok": ..., "message": ...}`. Raises TuiflowError where there was no answer."""
    fields = asdict(connection)
    order = {"conn_id": fields.pop("conn_id"), "fields": fields}
    words = python_module("tui_flow.cli.connection_tester")
    try:
        done = subprocess.run(words, input=json.dumps(order), capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as err:
        raise TuiflowError(f"connection {connection.conn_id!r} gave no answer within {TIMEOUT_S} s") from err
    if not done.stdout:
        last = "".join(done.stderr.strip().splitlines()[-1:])
        raise TuiflowError(f"the test of {connection.conn_id!r} ended with exit code {done.returncode}: {last}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
